"""Resources of hashicorp/google as plans show them, and what the wing makes of a plan."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from posture.adapters.gcp.config import BucketConfig, KeyConfig, Policy
from posture.adapters.gcp.terraform.bucket import bucket_config
from posture.adapters.gcp.terraform.keys import key_config
from posture.adapters.gcp.terraform.wing import PlannedGoogleWing
from posture.adapters.gcp.terraform.workshop import Workshop, workshop
from posture.adapters.planned import NEEDS_CONTEXT, Premises
from posture.adapters.wings import planned_names
from posture.model.contributions import KeyContribution, StoreContribution
from posture.model.facts import Fact, Known, Reason, Unknown
from posture.model.leads import Found, KeyRef, Lead, StoreRef
from posture.model.settings import Settings
from posture.reading import Kept, Reading
from posture.terraform.plan import Plan
from tests.terraform.plans import Free, change, document, module, one, read, refs, written

T = TypeVar("T")
AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
UNASKED = Unknown(reason=Reason.NOT_COLLECTED, detail="no scan was given", needs=NEEDS_CONTEXT)
LOGS = "google_storage_bucket.logs"
DELIVERY = "serviceAccount:log-delivery@databricks-prod-master.iam.gserviceaccount.com"
COMPUTED = (
    *("id", "project", "project_number", "public_access_prevention", "rpo", "self_link", "soft_delete_policy"),
    *("uniform_bucket_level_access", "url", "versioning", "website"),
)
BLOCKS = ("cors", "custom_placement_config", "encryption", "ip_filter", "lifecycle_rule", "logging", "retention_policy")
TO_LOGS = refs("google_storage_bucket.logs.name", "google_storage_bucket.logs")
PROJECT = {"name": "google", "expressions": {"project": {"constant_value": "acme-logs"}}}


def bucket(address: str = LOGS, name: str | None = "acme-logs", **after: Free) -> dict[str, Free]:
    """A new bucket: what the provider fills in is known only after apply."""
    known = {"location": "EU", "force_destroy": False, **{block: [] for block in BLOCKS}, **after}
    known |= {} if name is None else {"name": name}
    return change(address, known, [key for key in ("name", *COMPUTED) if key not in known])


def kept(address: str = LOGS, name: str = "acme-logs", action: str = "no-op", **after: Free) -> dict[str, Free]:
    """A bucket that is there, as a refresh saw it."""
    values = {
        "name": name,
        "id": name,
        "url": f"gs://{name}",
        "self_link": f"https://www.googleapis.com/storage/v1/b/{name}",
        "location": "EU",
        "project": "acme-logs",
        "force_destroy": False,
        "public_access_prevention": "inherited",
        "uniform_bucket_level_access": True,
        "soft_delete_policy": [{"retention_duration_seconds": 604800}],
        "versioning": [],
        "website": [],
        "enable_object_retention": False,
        **{block: [] for block in BLOCKS},
    } | after
    return change(address, values, actions=(action,), before=values)


def beside(kind: str, name: str = "logs", /, *, unknown: Iterable[str] = (), **after: Free) -> dict[str, Free]:
    """A new resource about a bucket that is known only by reference."""
    return change(f"{kind}.{name}", after, ["bucket", "id", "etag", *unknown])


def plan(
    *changes: Mapping[str, Free],
    root: Mapping[str, Free] | None = None,
    provider: Mapping[str, Free] = PROJECT,
    **members: Free,
) -> Plan:
    """A plan of these changes. Without a configuration everything beside a bucket refers to the one named `logs`."""
    addresses = dict.fromkeys(_plain(each) for each in changes)
    shown = root if root is not None else configuration(*addresses)
    body = document(changes, shown, **members)
    body["configuration"]["provider_config"] = {"x": provider}
    return read(json.loads(json.dumps(body)))


def configuration(*addresses: str, **written_in: Mapping[str, Free]) -> dict[str, Free]:
    """Resources by address; those of a bucket refer to `google_storage_bucket.logs`. More expressions by address."""
    entries = []
    for address in addresses:
        of_bucket = address.startswith("google_storage_") and not address.startswith("google_storage_bucket.")
        said = {"bucket": TO_LOGS} if of_bucket else {}
        entries.append(written(address, **{**said, **written_in.get(address.replace(".", "__"), {})}))
    return module(*entries)


def tools(of: Plan, settings: Settings | None = None, context: Iterable[Kept] = ()) -> Workshop:
    """What the rooms of the wing work with."""
    return workshop(premises(of, settings, context))


def premises(of: Plan, settings: Settings | None = None, context: Iterable[Kept] = ()) -> Premises:
    """A plan with what was seen before."""
    reading = Reading(as_of=AS_OF, replayed=tuple(context), unkept=UNASKED)
    return Premises(plan=of, settings=settings or Settings(), context=reading)


def config(of: Plan, address: str = LOGS, context: Iterable[Kept] = ()) -> BucketConfig:
    """The record of one bucket."""
    return bucket_config(one(of, address), "", tools(of, context=context))


def key_record(of: Plan, address: str) -> KeyConfig:
    """The record of one key."""
    return key_config(one(of, address), tools(of))


def store(of: Plan, address: str = LOGS, settings: Settings | None = None) -> StoreContribution:
    """What the wing says of one bucket."""
    wing, given = made(of, settings)
    ref = planned_names(given).target(one(of, address))
    assert isinstance(ref, StoreRef)
    (contribution,) = wing.follow(Lead(target=ref, found=Found(how="a test")), given.context).contributions
    assert isinstance(contribution, StoreContribution)
    return contribution


def key(of: Plan, address: str) -> KeyContribution:
    """What the wing says of one key."""
    wing, given = made(of)
    ref = planned_names(given).target(one(of, address))
    assert isinstance(ref, KeyRef)
    (contribution,) = wing.follow(Lead(target=ref, found=Found(how="a test")), given.context).contributions
    assert isinstance(contribution, KeyContribution)
    return contribution


def made(of: Plan, settings: Settings | None = None) -> tuple[PlannedGoogleWing, Premises]:
    """The wing of a plan."""
    given = premises(of, settings)
    return PlannedGoogleWing(given, planned_names(given)), given


def bound(policy: Fact[Policy]) -> dict[str, set[str]]:
    """Members by role, and by condition where there is one."""
    found: dict[str, set[str]] = {}
    for binding in known(policy).bindings:
        name = f"{binding.role} if {binding.condition}" if binding.condition else binding.role
        found.setdefault(name, set()).update(binding.members)
    return found


def known(fact: Fact[T]) -> T:
    """The value of a fact that has to be known."""
    assert isinstance(fact, Known), fact
    return fact.value


def unknown(fact: Fact[T]) -> Unknown:
    """A fact that has to be unknown."""
    assert isinstance(fact, Unknown), fact
    return fact


def _plain(entry: Mapping[str, Free]) -> str:
    mode = "data." if entry["mode"] == "data" else ""
    return f"{mode}{entry['type']}.{entry['name']}"
