"""The roles that deliver: whose grants they are, what they can do, and who can become them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from posture.estate import Findings, join
from posture.model.contributions import (
    DeliveryContribution,
    KeyContribution,
    RoleContribution,
    SourceContribution,
    StoreContribution,
)
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown
from posture.model.leads import Found, KeyRef, Lead, RoleRef, SourceRef, StoreRef
from posture.model.subjects import (
    ActionClass,
    Configuration,
    Grant,
    HolderKind,
    Kind,
    LogSource,
    LogStore,
    Mode,
    Provider,
    Scope,
    SourceDelivery,
)
from posture.model.unread import unread

HERE = Source(operation="test", read_at="2026-03-01T12:00:00Z")
DENIED = Unknown(reason=Reason.DENIED, sources=(HERE,), needs="x")
OURS = "449e7a5c-0000-4b8a-aaaf-000000000001"
OWNER = "111122223333"
WRITER = f"arn:aws:iam::{OWNER}:role/writer"
ELSEWHERE = "arn:aws:iam::222233334444:role/writer"
DELIVERY_ROLE = "arn:aws:iam::414351767826:role/SaasUsageDeliveryRole-prod-IAMRole-3PLHICCRR1TK"
LOGS = StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name="logs", prefix="audit")
ACCOUNT = SourceRef(provider=Provider.DATABRICKS, host="https://h", account_id=OURS)
KEY = KeyRef(provider=Provider.AWS, key_id=f"arn:aws:kms:us-east-1:{OWNER}:key/k", account=OWNER)


def known(value: object) -> Known[Any]:
    return Known(value=value, sources=(HERE,))


def grant(principal: str = WRITER, action: ActionClass = ActionClass.WRITE, **facts: object) -> Grant:
    base: Grant = unread(Grant, DENIED)
    account = principal.split(":")[4] if ":" in principal else principal
    kind = HolderKind.PRINCIPAL if ":" in principal else HolderKind.ACCOUNT
    named = {"principal": principal, "account": account, "kind": kind, "action": action, **facts}
    return replace(base, **{name: known(value) for name, value in named.items()})


def listing(*items: object, gap: Unknown | None = None) -> Listing[Any]:
    return Listing(items=items, gaps=(Gap(unknown=gap),) if gap else (), sources=(HERE,))


def delivery(writer: Fact[str], store: Fact[StoreRef] | None = None) -> DeliveryContribution:
    return DeliveryContribution(
        configuration=replace(unread(Configuration, DENIED), enabled=known(value=True)),
        store=store or known(LOGS),
        writer=writer,
        audit=known(value=True),
        workspaces=known(value=frozenset()),
    )


def source(*deliveries: DeliveryContribution, gap: Unknown | None = None) -> SourceContribution:
    account = LogSource(
        provider=Provider.DATABRICKS,
        kind=Kind.ACCOUNT,
        uri=ACCOUNT.uri,
        name=OURS,
        mode=Mode.LIVE,
        delivery=unread(SourceDelivery, DENIED),
    )
    return SourceContribution(
        ref=ACCOUNT,
        cloud=Provider.AWS,
        sources=listing(account),
        deliveries=listing(*deliveries, gap=gap),
        workspace_stores=listing(),
        workspace_accounts=listing(),
    )


def store(**facts: object) -> StoreContribution:
    base = unread(StoreContribution, DENIED, ref=LOGS)
    plain = {
        "account": known(OWNER),
        "replication": listing(),
        "policy": known(""),
        "grants": listing(),
        "key": known(None),
    }
    return replace(base, **{**plain, **facts})  # type: ignore[arg-type] # facts by name


def role(arn: str = WRITER, **facts: object) -> RoleContribution:
    base = RoleContribution(
        ref=RoleRef(provider=Provider.AWS, arn=arn),
        trust_policy=DENIED,
        trust=Listing.unread(DENIED),
        policies=listing(),
    )
    return replace(base, **facts)  # type: ignore[arg-type] # facts by name


def seen(*contributions: object) -> LogStore:
    leads = [Lead(target=ACCOUNT, found=Found(how="configured")), Lead(target=LOGS, found=Found(how="found"))]
    found = Findings(leads=tuple(leads), contributions=tuple(contributions), unlooked=())  # type: ignore[arg-type] # of all kinds
    (record,) = [one.record for one in join(found, Mode.LIVE) if one.info.uri == LOGS.uri]
    assert isinstance(record, LogStore)
    return record


def told(fact: Fact[Any]) -> object:
    return fact.value if isinstance(fact, Known) else fact.reason


def policy(*statements: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


PUTS = policy({"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/audit/*"})
TRUST = policy(
    {
        "Effect": "Allow",
        "Principal": {"AWS": DELIVERY_ROLE},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": OURS}},
    }
)


def test_a_grant_is_the_writers_by_its_name_and_never_by_its_account() -> None:
    found = seen(store(grants=listing(grant(WRITER), grant(ELSEWHERE), grant(OWNER))), source(delivery(known(WRITER))))
    assert [told(each.delivers) for each in found.grants.items] == [True, False, False]


@pytest.mark.parametrize(
    ("writer", "scope", "expected"),
    [
        (known(ELSEWHERE), Scope.OUTSIDE, Scope.OWN),  # ours, since our Databricks account names it
        (known(WRITER), Scope.OUTSIDE, Scope.OUTSIDE),
        (known(ELSEWHERE), Scope.VENDOR, Scope.VENDOR),
        (known(ELSEWHERE), Scope.ACCEPTED, Scope.ACCEPTED),
        (DENIED, Scope.OUTSIDE, Reason.DENIED),
        (DENIED, Scope.OWN, Scope.OWN),
    ],
)
def test_the_writer_that_we_named_is_no_stranger(writer: Fact[str], scope: Scope, expected: object) -> None:
    found = seen(store(grants=listing(grant(ELSEWHERE, scope=scope))), source(delivery(writer)))
    assert told(found.grants.items[0].scope) == expected


def test_without_a_source_a_stranger_stays_one_and_nobody_knows_who_delivers() -> None:
    found = seen(
        store(grants=listing(grant(ELSEWHERE, scope=Scope.OUTSIDE), grant("222233334444", scope=Scope.OUTSIDE)))
    )
    assert [told(each.scope) for each in found.grants.items] == [Scope.OUTSIDE, Scope.OUTSIDE]
    assert [told(each.delivers) for each in found.grants.items] == [Reason.NOT_COLLECTED, False]
    assert told(found.delivery.writer_admitted) is Reason.NOT_COLLECTED


def test_the_writer_is_admitted_by_its_own_policies_in_the_account_of_the_store() -> None:
    with_policy = role(policies=listing(PUTS))
    assert told(seen(store(), source(delivery(known(WRITER))), with_policy).delivery.writer_admitted) is True
    assert told(seen(store(), source(delivery(known(WRITER))), role()).delivery.writer_admitted) is False
    assert told(seen(store(), source(delivery(known(WRITER)))).delivery.writer_admitted) is Reason.NOT_COLLECTED
    assert (
        told(seen(store(policy=DENIED), source(delivery(known(WRITER))), with_policy).delivery.writer_admitted)
        is Reason.DENIED
    )


@pytest.mark.parametrize(
    ("grants", "admitted"),
    [
        (listing(grant(ELSEWHERE)), True),
        (listing(grant("222233334444")), True),
        (listing(), False),  # the policy lets it in, and Block Public Access cuts it off
        (listing(gap=DENIED), Reason.DENIED),
        (listing(grant(ELSEWHERE, ActionClass.READ)), False),
    ],
)
def test_a_writer_of_another_account_needs_a_grant_that_no_filter_takes_away(
    grants: Listing[Grant], admitted: object
) -> None:
    allows = policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": ELSEWHERE},
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::logs/*",
        }
    )
    found = seen(store(policy=known(allows), grants=grants), source(delivery(known(ELSEWHERE))), role(ELSEWHERE))
    assert told(found.delivery.writer_admitted) == admitted


def test_two_writers_are_judged_together() -> None:
    other = f"arn:aws:iam::{OWNER}:role/other"
    deliveries = source(delivery(known(WRITER)), delivery(known(other)))
    found = seen(store(), deliveries, role(policies=listing(PUTS)), role(other))
    assert (told(found.delivery.writer), told(found.delivery.writer_admitted)) == (f"{WRITER}, {other}", False)


def test_nobody_who_writes_is_nothing_to_judge() -> None:
    found = seen(store(), source())
    assert told(found.delivery.writer_admitted) is Reason.UNDETERMINED
    assert (found.delivery.writer_trust.items, found.delivery.writer_trust.gaps) == ((), ())


def test_a_writer_is_confined_to_all_of_its_places() -> None:
    bills = replace(LOGS, prefix="bills")
    both = policy(
        {
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": ["arn:aws:s3:::logs/audit/*", "arn:aws:s3:::logs/bills/*"],
        }
    )
    one = source(delivery(known(WRITER)))
    two = source(delivery(known(WRITER)), delivery(known(WRITER), known(bills)))
    hidden = source(delivery(known(WRITER)), delivery(known(WRITER), DENIED))
    wide = role(policies=listing(both))
    assert [told(seen(store(), given, wide).delivery.writer_confined) for given in (one, two, hidden)] == [
        False,
        True,
        Reason.DENIED,
    ]


def test_a_writer_is_bound_to_the_account_that_delivers_by_it() -> None:
    good = role(trust_policy=known(TRUST), trust=listing(grant(DELIVERY_ROLE)))
    found = seen(store(), source(delivery(known(WRITER))), good)
    assert told(found.delivery.writer_bound) is True
    assert len(found.delivery.writer_trust.items) == 1
    other = known(TRUST.replace(OURS, "99999999-0000-4b8a-aaaf-000000000001"))
    assert told(seen(store(), source(delivery(known(WRITER))), role(trust_policy=other)).delivery.writer_bound) is False
    unread_role = seen(store(), source(delivery(known(WRITER))))
    assert told(unread_role.delivery.writer_bound) is Reason.NOT_COLLECTED
    assert unread_role.delivery.writer_trust.gaps


def key(*grants: Grant, gap: Unknown | None = None) -> KeyContribution:
    return replace(unread(KeyContribution, DENIED, ref=KEY), grants=listing(*grants, gap=gap))


NAMED = (grant(WRITER, actions="kms:GenerateDataKey"), grant(WRITER, ActionClass.READ, actions="kms:Decrypt"))
DELEGATED = (grant(OWNER, actions="kms:GenerateDataKey"), grant(OWNER, ActionClass.READ, actions="kms:Decrypt"))
USES = policy({"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": KEY.key_id})


@pytest.mark.parametrize(
    ("given", "policies", "admits"),
    [
        (key(*NAMED), listing(), True),
        (key(NAMED[0]), listing(), False),
        (key(*DELEGATED), listing(USES), True),
        (key(*DELEGATED), listing(PUTS), False),
        (key(*DELEGATED), listing(gap=DENIED), Reason.DENIED),
        (key(), listing(USES), False),  # the key leaves nothing to the account
        (key(gap=DENIED), listing(USES), Reason.DENIED),
        (None, listing(), Reason.NOT_COLLECTED),
    ],
)
def test_the_key_admits_the_writer_by_name_or_by_its_account(
    given: KeyContribution | None, policies: Listing[str], admits: object
) -> None:
    keys = (given,) if given else ()
    found = seen(store(key=known(KEY)), source(delivery(known(WRITER))), role(policies=policies), *keys)
    assert told(found.encryption.key_admits_writer) == admits


def test_a_key_of_the_provider_is_nobodys_to_give() -> None:
    found = seen(store(), source(delivery(known(WRITER))))
    assert told(found.encryption.key_admits_writer) is True
    assert (found.encryption.key_grants.items, found.encryption.key_grants.gaps) == ((), ())


def test_grants_of_the_key_say_which_are_the_writers() -> None:
    found = seen(store(key=known(KEY)), source(delivery(known(WRITER))), key(*NAMED, *DELEGATED))
    assert [told(each.delivers) for each in found.encryption.key_grants.items] == [True, True, False, False]
