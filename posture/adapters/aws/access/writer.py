"""What the role that delivers can do, by its own policies and those of its places, and who can become it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from posture.adapters.aws.access.delegation import EMPTY, without_delegation
from posture.adapters.aws.access.doors import FRONT_DOOR
from posture.adapters.aws.access.need import OF_KEY, deny_needed
from posture.adapters.aws.access.ways import Resource, Way, ways
from posture.adapters.aws.arns import account_of, parsed
from posture.iam import BoundKind, Document, Gate, GateKind, Reach, parse
from posture.model.facts import Fact, Known, Listing, Reason, Source, Unknown, both, united
from posture.model.leads import StoreRef
from posture.model.subjects import HolderKind
from posture.model.trust import delivery_roles

_EXTERNAL_ID: Final = "sts:ExternalId"
_AS_THE_WRITER_ASKS: Final = {  # no encryption header, the canned ACL, TLS
    "s3:x-amz-server-side-encryption": None,
    "s3:x-amz-server-side-encryption-aws-kms-key-id": None,
    "s3:x-amz-acl": "bucket-owner-full-control",
    "aws:SecureTransport": "true",
    "s3:TlsVersion": "1.2",
    **FRONT_DOOR,
}


def bound_to(trust_policy: Fact[str], arn: str, account_ids: Iterable[str]) -> Fact[bool]:
    """Whether everybody from outside who becomes the role names one of our Databricks accounts, and delivery can."""
    ids = tuple(account_ids)
    return trust_policy.then(lambda text: _bound(text, arn, ids, trust_policy.sources))


def _bound(text: str, arn: str, ids: tuple[str, ...], sources: tuple[Source, ...]) -> Fact[bool]:
    policy = parse(text, "trust policy")
    asked = _resource(arn, arn, sources)
    ours = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {_EXTERNAL_ID: list(ids)}},
            },
        }
    )
    cut = Gate(policy=parse(ours, "with our id"), kind=GateKind.CUTS, name="with our id")
    become = ("sts:AssumeRole",)
    others = asked.reach([policy], gates=[cut], actions=become)
    if any(way.holder.account != asked.owner for way in ways(others)):
        return Known(value=False, sources=())
    if others.undetermined:
        return _undetermined(others, sources)
    answers = [asked.reach([policy], context={_EXTERNAL_ID: one}, actions=become) for one in ids]
    for answer in answers:
        if not any(way.holder.name in delivery_roles() or _vendor(way) for way in ways(answer)):
            return _undetermined(answer, sources) if answer.undetermined else Known(value=False, sources=())
    return Known(value=True, sources=())


def _vendor(way: Way) -> bool:
    """The vendor's whole account, the delivery role in it included."""
    accounts = {account_of(role) for role in delivery_roles()}
    return way.holder.kind is HolderKind.ACCOUNT and way.holder.account in accounts


def confined_to(policies: Listing[str], arn: str, places: Iterable[StoreRef]) -> Fact[bool]:
    """Whether the role's own policies reach nothing in S3 but what its deliveries need in their places."""
    rules = _own_rules(policies, arn)
    if isinstance(rules, Unknown):
        return rules
    partition = _partition(arn)
    gates = [
        Gate(
            policy=parse(deny_needed(f"arn:{partition}:s3:::{ref.name}", _prefix(ref)), name),
            kind=GateKind.CUTS,
            name=name,
        )
        for number, ref in enumerate(places)
        for name in [f"place {number}"]
    ]
    answer = _resource(None, arn, policies.sources).reach([rules.value], gates=gates, actions=("s3:*",))
    if answer.classes:
        return Known(value=False, sources=policies.sources)
    if policies.gaps:
        return policies.gaps[0].unknown
    if answer.undetermined:
        return _undetermined(answer, policies.sources)
    return Known(value=True, sources=policies.sources)


def may_put(policy: Fact[str], policies: Listing[str], arn: str, store: StoreRef, owner: str) -> Fact[bool]:
    """Whether the role can put an object under the prefix: by the bucket policy, or by its own in the same account.

    For a role of another account, what the bucket allows is all that is asked.
    """
    return policy.then(lambda text: _may_put(text, policies, arn, store, owner, policy.sources))


def _may_put(  # noqa: PLR0917  # the parts of the question
    text: str, policies: Listing[str], arn: str, store: StoreRef, owner: str, sources: tuple[Source, ...]
) -> Fact[bool]:
    bucket = parse(without_delegation(text, owner) if text else EMPTY, "bucket policy")
    name = f"arn:{_partition(arn)}:s3:::{store.name}"
    asked = Resource(arn=name, owner=owner, now=_moment(sources), prefix=_prefix(store))
    by_bucket = _can(asked, [bucket], arn, ("s3:PutObject",), sources)
    if account_of(arn) != owner or (isinstance(by_bucket, Known) and by_bucket.value):
        return by_bucket
    rules = _own_rules(policies, arn)
    if isinstance(rules, Unknown):
        return rules
    answer = _can(asked, [bucket, rules.value], arn, ("s3:PutObject",), united(sources, policies.sources))
    if isinstance(answer, Known) and not answer.value and policies.gaps:
        return policies.gaps[0].unknown
    return answer


def may_use_key(policies: Listing[str], arn: str, key: str) -> Fact[bool]:
    """Whether the role's own policies let it encrypt and decrypt under a key that leaves this to them."""
    rules = _own_rules(policies, arn)
    if isinstance(rules, Unknown):
        return rules
    asked = Resource(arn=key, owner=account_of(key), now=_moment(policies.sources))
    answer: Fact[bool] = Known(value=True, sources=policies.sources)
    for action in sorted(OF_KEY):
        one = _can(asked, [rules.value], arn, (action,), policies.sources)
        answer = both(answer, one).map(all)
    if isinstance(answer, Known) and not answer.value and policies.gaps:
        return policies.gaps[0].unknown
    return answer


def _can(
    asked: Resource, grants: list[Document], arn: str, actions: tuple[str, ...], sources: tuple[Source, ...]
) -> Fact[bool]:
    answer = asked.reach(grants, context=_AS_THE_WRITER_ASKS, actions=actions)
    mine = [way for way in ways(answer) if _is(way, arn)]
    if any(way.bound.kind is BoundKind.NONE for way in mine):
        return Known(value=True, sources=sources)
    if mine:
        names = ", ".join(name for way in mine for name in way.bound.names)
        detail = f"the role is let in from {names} only, and where Databricks calls from is not known"
        return Unknown(reason=Reason.UNDETERMINED, sources=sources, detail=detail)
    if answer.undetermined:
        return _undetermined(answer, sources)
    return Known(value=False, sources=sources)


def _is(way: Way, arn: str) -> bool:
    """Whether a class of holders includes the role: by name, by its account, or because anybody is let in."""
    match way.holder.kind:
        case HolderKind.PRINCIPAL:
            return way.holder.name == arn
        case HolderKind.ACCOUNT:
            return way.holder.account == account_of(arn)
        case HolderKind.ANY_ACCOUNT:
            return True
        case _:
            return False


def _own_rules(policies: Listing[str], arn: str) -> Fact[Document]:
    """The role's own policies as one policy that names it, which is how the engine reads whom a policy is for."""
    statements: list[object] = []
    for text in policies.items:
        raw = json.loads(text)
        entries = raw.get("Statement", [])
        listed = entries if isinstance(entries, list) else [entries]
        statements.extend(
            {**entry, "Principal": {"AWS": arn}} if isinstance(entry, Mapping) else entry for entry in listed
        )
    if not statements and policies.gaps:
        return policies.gaps[0].unknown
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return Known(value=parse(text, "the role's own policies"), sources=policies.sources)


def _resource(arn: str | None, role: str, sources: tuple[Source, ...]) -> Resource:
    return Resource(arn=arn, owner=account_of(role), now=_moment(sources))


def _moment(sources: tuple[Source, ...]) -> datetime:
    """When the policies were read, so that a replay gives the same answer."""
    for source in sources:
        if source.read_at:
            return datetime.strptime(source.read_at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return datetime.now(UTC)


def _prefix(store: StoreRef) -> str:
    return f"{store.prefix}/" if store.prefix else ""


def _partition(arn: str) -> str:
    found = parsed(arn)
    return found.partition if found else "aws"


def _undetermined(answer: Reach, sources: tuple[Source, ...]) -> Unknown:
    reasons = dict.fromkeys(reason for each in answer.undetermined for reason in each.reasons)
    return Unknown(reason=Reason.UNDETERMINED, sources=sources, detail="; ".join(reasons))
