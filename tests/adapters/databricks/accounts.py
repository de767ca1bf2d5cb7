"""Objects of the account API as it writes them, and answers made of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

from posture.adapters.databricks.discover import Answers, discover
from posture.adapters.wing import Followed
from posture.model.contributions import DeliveryContribution, SourceContribution
from posture.model.facts import Fact, Known, Reason, Source, Unknown
from posture.model.leads import SourceRef
from posture.model.subjects import Configuration, LogSource, Provider
from posture.reading import Pages
from tests.testbeds.databricks import Json

T = TypeVar("T")

ACCOUNT = "0f6a1c2e-0000-4000-8000-0000000000aa"
HOST = "https://accounts.cloud.databricks.com"
REF = SourceRef(provider=Provider.DATABRICKS, host=HOST, account_id=ACCOUNT)
NOW = datetime(2026, 6, 15, 12, 0, 0, tzinfo=UTC)
HOUR_MS = 3_600_000
NOW_MS = int(NOW.timestamp() * 1000)
DENIED = Unknown(reason=Reason.DENIED, sources=(Source(operation="databricks:x"),), needs="account admin")

Items = tuple[Json, ...]


def config(name: str = "audit", **changes: Json) -> dict[str, Json]:
    """A configuration that works; a change to None leaves the member out."""
    members: dict[str, Json] = {
        "account_id": ACCOUNT,
        "config_id": f"id-of-{name}",
        "config_name": name,
        "log_type": "AUDIT_LOGS",
        "output_format": "JSON",
        "status": "ENABLED",
        "credentials_id": "writer",
        "storage_configuration_id": "logs",
        "delivery_path_prefix": "audit",
        "creation_time": NOW_MS - 1000 * HOUR_MS,
        "log_delivery_status": {
            "status": "SUCCEEDED",
            "message": "",
            "last_attempt_time": "2026-06-15T10:30:00Z",
            "last_successful_attempt_time": "2026-06-15T10:30:00Z",
        },
    }
    return {key: value for key, value in (members | changes).items() if value is not None}


def health(status: Json, last_success: Json = None) -> dict[str, Json]:
    """The member `log_delivery_status`."""
    members: dict[str, Json] = {"status": status, "last_successful_attempt_time": last_success}
    return {key: value for key, value in members.items() if value is not None}


def storage(identity: str, bucket: Json) -> dict[str, Json]:
    """A storage configuration."""
    return {"storage_configuration_id": identity, "root_bucket_info": {"bucket_name": bucket}}


def credential(identity: str, arn: Json) -> dict[str, Json]:
    """A credentials configuration."""
    return {"credentials_id": identity, "aws_credentials": {"sts_role": {"role_arn": arn}}}


def workspace(identity: Json, **changes: Json) -> dict[str, Json]:
    """A workspace on AWS in an account of its own."""
    members: dict[str, Json] = {
        "workspace_id": identity,
        "workspace_name": f"ws-{identity}",
        "storage_configuration_id": "root",
        "credentials_id": "compute",
        "workspace_status": "RUNNING",
    }
    return {key: value for key, value in (members | changes).items() if value is not None}


STORAGES: Items = (storage("logs", "acme-logs"), storage("root", "acme-root"))
CREDENTIALS: Items = (
    credential("writer", "arn:aws:iam::111122223333:role/writes-logs"),
    credential("compute", "arn:aws:iam::444455556666:role/runs-clusters"),
)
ONE_WORKSPACE: Items = (workspace(1),)


def pages(operation: str, items: Items, gap: Unknown | None = None) -> Pages:
    """A listing as the reading hands it over."""
    return Pages(items=items, source=Source(operation=f"databricks:{operation}", resource=ACCOUNT), gap=gap)


def read(
    *configs: Json,
    storages: Items = STORAGES,
    credentials: Items = CREDENTIALS,
    workspaces: Items = ONE_WORKSPACE,
    host: str = HOST,
    gaps: tuple[str, ...] = (),
) -> Followed:
    """What discovery makes of an account; the operations in `gaps` were denied after what is given."""
    answers = Answers(
        host=host,
        account_id=ACCOUNT,
        log_delivery=pages("log-delivery", configs, DENIED if "log-delivery" in gaps else None),
        storage_configurations=pages("storage-configurations", storages, DENIED if "storage" in gaps else None),
        credentials=pages("credentials", credentials, DENIED if "credentials" in gaps else None),
        workspaces=pages("workspaces", workspaces, DENIED if "workspaces" in gaps else None),
        networks=pages("networks", ()),
    )
    return discover(REF, answers.typed(), NOW)


def contribution(followed: Followed) -> SourceContribution:
    """The one contribution."""
    (given,) = followed.contributions
    assert isinstance(given, SourceContribution)
    return given


def account(followed: Followed) -> LogSource:
    """The account's own row."""
    return contribution(followed).sources.items[0]


def only_delivery(followed: Followed) -> DeliveryContribution:
    """The one delivery."""
    (given,) = contribution(followed).deliveries.items
    return given


def only_configuration(followed: Followed) -> Configuration:
    """The one configuration, as a policy sees it."""
    return only_delivery(followed).configuration


def value(fact: Fact[T]) -> T:
    """What is known; a test that asks for more than is known fails here, with the reason."""
    assert isinstance(fact, Known), fact
    return fact.value


def reason(fact: Fact[T]) -> Reason:
    """Why it is not known."""
    assert isinstance(fact, Unknown), fact
    return fact.reason
