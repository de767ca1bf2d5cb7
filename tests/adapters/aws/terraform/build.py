"""Resources of the AWS provider as plans show them, and what the wing makes of a plan."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from posture.adapters.aws.config import BucketConfig
from posture.adapters.aws.terraform.bucket import bucket_config
from posture.adapters.aws.terraform.wing import PlannedAwsWing
from posture.adapters.aws.terraform.workshop import Workshop, workshop
from posture.adapters.planned import Premises
from posture.adapters.registry import PLANNED
from posture.adapters.wings import planned_names
from posture.assess import assess
from posture.estate import join
from posture.model.contributions import StoreContribution
from posture.model.facts import Fact, Known, Reason, Unknown
from posture.model.leads import Found, Lead, StoreRef
from posture.model.settings import Settings
from posture.model.subjects import About, Mode
from posture.policy.document import parse_policies
from posture.reading import Kept, Reading
from posture.terraform.plan import Plan
from posture.worklist import walk
from tests.terraform.plans import Free, change, document, module, one, read, refs, written

T = TypeVar("T")
POLICIES = Path(__file__).parents[4] / "policies"
GENERATED = Path(__file__).parents[3] / "terraform" / "generated"
AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
UNASKED = Unknown(reason=Reason.NOT_COLLECTED, detail="no scan was given", needs="--context")
COMPUTED = (
    *("acl", "arn", "bucket_domain_name", "bucket_regional_domain_name", "cors_rule", "grant", "id", "lifecycle_rule"),
    *("logging", "object_lock_configuration", "object_lock_enabled", "policy", "replication_configuration"),
    *("server_side_encryption_configuration", "tags_all", "versioning", "website"),
)
BLOCKS = (
    *("cors_rule", "grant", "lifecycle_rule", "logging", "object_lock_configuration", "website"),
    *("replication_configuration", "server_side_encryption_configuration", "versioning"),
)
REGION = {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}}
LOGS = "aws_s3_bucket.logs"
TO_LOGS = refs("aws_s3_bucket.logs.id", "aws_s3_bucket.logs")


def bucket(address: str = LOGS, name: str | None = "acme-logs", **after: Free) -> dict[str, Free]:
    """A new bucket of a provider since version 4: all that it may hold is known only after apply."""
    known = after if name is None else {"bucket": name, **after}
    return change(
        address, {"force_destroy": False, **known}, [key for key in ("bucket", *COMPUTED) if key not in known]
    )


def kept(address: str = LOGS, name: str = "acme-logs", action: str = "no-op", **after: Free) -> dict[str, Free]:
    """A bucket that is there, with what a refresh saw."""
    empty: dict[str, Free] = {name: [] for name in BLOCKS}
    values = {
        "bucket": name,
        "id": name,
        "arn": f"arn:aws:s3:::{name}",
        "acl": None,
        "policy": "",
        "region": "eu-west-1",
        "object_lock_enabled": False,
        **empty,
    } | after
    return change(address, values, actions=(action,), before=values)


def beside(kind: str, name: str = "logs", /, *, unknown: Iterable[str] = (), **after: Free) -> dict[str, Free]:
    """A new satellite of a bucket that is known only by reference."""
    return change(f"{kind}.{name}", after, ["bucket", "id", *unknown])


def configuration(*addresses: str, more: Iterable[Mapping[str, Free]] = ()) -> dict[str, Free]:
    """Buckets, and satellites that refer to `aws_s3_bucket.logs`."""
    beside = {each: each.startswith("aws_s3_bucket_") for each in addresses}
    return module(*(written(each, **({"bucket": TO_LOGS} if beside[each] else {})) for each in addresses), *more)


def plan(
    *changes: Mapping[str, Free],
    root: Mapping[str, Free] | None = None,
    provider: Mapping[str, Free] = REGION,
    source: Path | None = None,
    **members: Free,
) -> Plan:
    """A plan of these changes. Without a configuration every satellite refers to `aws_s3_bucket.logs`."""
    shown = root if root is not None else configuration(*dict.fromkeys(_plain(each) for each in changes))
    body = document(changes, shown, **members)
    body["configuration"]["provider_config"] = {"x": provider}
    return read(json.loads(json.dumps(body)), source=source)


def premises(plan: Plan, settings: Settings | None = None, context: Iterable[Kept] = ()) -> Premises:
    """A plan with what was seen before."""
    reading = Reading(as_of=AS_OF, replayed=tuple(context), unkept=UNASKED)
    return Premises(plan=plan, settings=settings or Settings(), context=reading)


def tools(plan: Plan, settings: Settings | None = None, context: Iterable[Kept] = ()) -> Workshop:
    """What the rooms of the wing work with."""
    return workshop(premises(plan, settings, context))


def config(plan: Plan, address: str = LOGS, context: Iterable[Kept] = ()) -> BucketConfig:
    """The record of one bucket."""
    return bucket_config(one(plan, address), tools(plan, context=context))


def store(plan: Plan, address: str = LOGS, settings: Settings | None = None) -> StoreContribution:
    """What the wing says of one bucket."""
    given = premises(plan, settings)
    names = planned_names(given)
    ref = names.target(one(plan, address))
    assert isinstance(ref, StoreRef)
    followed = PlannedAwsWing(given, names).follow(Lead(target=ref, found=Found(how="a test")), given.context)
    (contribution,) = followed.contributions
    assert isinstance(contribution, StoreContribution)
    return contribution


def verdicts(plan: Plan, settings: Settings | None = None) -> dict[tuple[str, str], str]:
    """The outcome of every shipped control on every store, by URI and control."""
    given = premises(plan, settings)
    names = planned_names(given)
    wings = [make(given, names) for make in PLANNED.values()]
    leads = [lead for wing in wings for lead in wing.first()]
    leads += [Lead(target=ref, found=Found(how="a test")) for ref in names.stores()]
    found = walk(
        leads,
        lambda target: next((wing for wing in wings if wing.handles(target)), None),
        given.settings,
        given.context,
        lambda _: None,
    )
    texts = [(path.read_text(encoding="utf-8"), path.name) for path in sorted(POLICIES.glob("*.yaml"))]
    findings = assess(parse_policies(texts), join(found, Mode.PLANNED), (), AS_OF.date()).findings
    return {
        (finding.subject.uri, finding.control.id): finding.outcome.value
        for finding in findings
        if finding.subject.about is About.STORE
    }


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
