"""What the estate makes of contributions: every target has a row, and nothing is concluded from what was not read."""

from dataclasses import replace
from typing import Any

import pytest

from posture.estate import Findings, Joined, join
from posture.model.assessment import Unlooked
from posture.model.contributions import (
    DeliveryContribution,
    KeyContribution,
    ReplicationRule,
    SourceContribution,
    StoreContribution,
)
from posture.model.facts import FOREVER, Fact, Gap, Known, Listing, Reason, Source, Unknown
from posture.model.leads import Found, KeyRef, Lead, SourceRef, StoreRef
from posture.model.subjects import (
    About,
    Configuration,
    Estate,
    KeyManager,
    Kind,
    LogSource,
    LogStore,
    Mode,
    Provider,
    Role,
    SourceDelivery,
    Versioning,
)
from posture.model.unread import unread

HERE = Source(operation="test")
DENIED = Unknown(reason=Reason.DENIED, sources=(HERE,), needs="x")
ACCOUNT = SourceRef(provider=Provider.DATABRICKS, host="https://h", account_id="a")
LOGS = StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name="logs", prefix="audit")
COPY = StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name="copy", prefix="audit")
KEY = KeyRef(provider=Provider.AWS, key_id="arn:aws:kms:us-east-1:111122223333:key/k")


def known(value: object) -> Known[Any]:
    return Known(value=value, sources=(HERE,))


YES, NO = known(value=True), known(value=False)


def configuration(**facts: Fact[object]) -> Configuration:
    base: Configuration = unread(Configuration, DENIED)
    return replace(base, **{"enabled": YES, "hours_since_success": known(2), **facts})  # type: ignore[arg-type] # facts by name


def delivery(store: Fact[StoreRef], *, audit: bool = True, **facts: Fact[object]) -> DeliveryContribution:
    return DeliveryContribution(
        configuration=configuration(**facts),
        store=store,
        writer=Known(value="arn:role", sources=(HERE,)),
        audit=Known(value=audit, sources=(HERE,)),
        workspaces=Known(value=frozenset(), sources=(HERE,)),
    )


def source(
    *deliveries: DeliveryContribution, gap: Unknown | None = None, **more: Listing[object]
) -> SourceContribution:
    account = LogSource(
        provider=Provider.DATABRICKS,
        kind=Kind.ACCOUNT,
        uri=ACCOUNT.uri,
        name="",
        mode=Mode.LIVE,
        delivery=unread(SourceDelivery, DENIED),
    )
    empty: Listing[object] = Listing(items=(), sources=(HERE,))
    return SourceContribution(
        ref=ACCOUNT,
        cloud=Provider.AWS,
        sources=Listing(items=(account,), sources=(HERE,)),
        deliveries=Listing(items=deliveries, gaps=(Gap(unknown=gap),) if gap else (), sources=(HERE,)),
        workspace_stores=more.get("workspace_stores", empty),  # type: ignore[arg-type] # what the test puts there
        workspace_accounts=more.get("workspace_accounts", empty),  # type: ignore[arg-type] # as above
    )


def store(ref: StoreRef = LOGS, **facts: object) -> StoreContribution:
    nothing: Listing[object] = Listing(items=(), sources=(HERE,))
    base = unread(StoreContribution, DENIED, ref=ref, fed_by=nothing, replication=nothing)
    return replace(base, **facts)  # type: ignore[arg-type] # facts by name


def joined(
    *contributions: object, leads: tuple[StoreRef, ...] = (LOGS,), unlooked: tuple[Unlooked, ...] = ()
) -> list[Joined]:
    given = [Lead(target=ACCOUNT, found=Found(how="configured"))] + [
        Lead(target=ref, found=Found(how="found")) for ref in leads
    ]
    return list(join(Findings(leads=tuple(given), contributions=tuple(contributions), unlooked=unlooked), Mode.LIVE))  # type: ignore[arg-type] # contributions of all kinds


def the_store(*contributions: object, ref: StoreRef = LOGS, leads: tuple[StoreRef, ...] = (LOGS,)) -> LogStore:
    (record,) = [one.record for one in joined(*contributions, leads=leads) if one.info.uri == ref.uri]
    assert isinstance(record, LogStore)
    return record


def test_a_target_that_nobody_answered_for_keeps_its_row_with_nothing_known() -> None:
    record = the_store()
    assert isinstance(record.integrity.versioning, Unknown)
    assert record.integrity.versioning.reason is Reason.UNSUPPORTED


def test_sources_of_another_cloud_say_nothing_of_a_store() -> None:
    there = replace(HERE, operation="insights:DiagnosticSettings_List")
    nowhere: Listing[Any] = Listing(items=(), gaps=(Gap(unknown=DENIED),), sources=(there,))
    other = replace(
        source(),
        cloud=Provider.AZURE,
        deliveries=nowhere,
        workspace_stores=nowhere,
        workspace_accounts=nowhere,
    )
    record = the_store(store(account=known("1")), source(), other)
    told = (
        record.delivery.configured,
        record.isolation.dedicated,
        record.isolation.workspace_root,
        record.isolation.separate_account,
    )
    assert [fact.value for fact in told if isinstance(fact, Known)] == [False, True, False, True]
    assert {each.operation for fact in told for each in fact.sources} == {HERE.operation}
    alone = the_store(store(account=known("1")), other)
    for fact in (alone.delivery.configured, alone.isolation.dedicated, alone.isolation.separate_account):
        assert isinstance(fact, Unknown)
        assert fact.reason is Reason.NOT_COLLECTED


def test_a_store_found_twice_is_one_row_with_both_ways_and_the_stronger_role() -> None:
    leads = (
        Lead(target=LOGS, found=Found(how="replication of another"), role=Role.REPLICA),
        Lead(target=LOGS, found=Found(how="log delivery"), role=Role.DELIVERY),
    )
    (row,) = join(Findings(leads=leads, contributions=(store(),), unlooked=()), Mode.LIVE)
    assert row.info.role is Role.DELIVERY
    assert row.info.found == ("replication of another", "log delivery")


def test_without_a_source_nothing_is_said_of_deliveries_and_there_is_no_estate_row() -> None:
    rows = join(
        Findings(leads=(Lead(target=LOGS, found=Found(how="--store")),), contributions=(store(),), unlooked=()),
        Mode.LIVE,
    )
    (row,) = rows
    assert isinstance(row.record, LogStore)
    assert isinstance(row.record.delivery.enabled, Unknown)
    assert row.record.delivery.enabled.reason is Reason.NOT_COLLECTED
    assert isinstance(row.record.isolation.workspace_root, Unknown)


def test_the_deliveries_into_a_store() -> None:
    record = the_store(source(delivery(known(LOGS))), store())
    assert record.delivery.configured == YES
    assert isinstance(record.delivery.enabled, Known)
    assert record.delivery.enabled.value is True
    assert isinstance(record.delivery.writer, Known)
    assert record.delivery.writer.value == "arn:role"
    assert isinstance(record.delivery.hours_since_success, Known)
    assert record.delivery.hours_since_success.value == 2


def test_a_store_that_no_configuration_names_has_no_delivery_only_if_all_were_read() -> None:
    whole = the_store(source(delivery(known(COPY))), store())
    assert isinstance(whole.delivery.configured, Known)
    assert whole.delivery.configured.value is False
    assert isinstance(whole.delivery.hours_since_success, Known)
    assert whole.delivery.hours_since_success.value is FOREVER
    for partial in (source(delivery(known(COPY)), gap=DENIED), source(delivery(DENIED))):
        record = the_store(partial, store())
        assert record.delivery.configured == DENIED
        assert isinstance(record.delivery.hours_since_success, Unknown)


def test_an_unread_configuration_does_not_hide_one_that_was_read() -> None:
    record = the_store(source(delivery(known(LOGS)), gap=DENIED), store())
    assert isinstance(record.delivery.enabled, Known)
    assert record.delivery.enabled.value is True


def test_a_bucket_that_also_takes_billing_logs_is_not_dedicated() -> None:
    billing = replace(LOGS, prefix="billable-usage")
    record = the_store(source(delivery(known(LOGS)), delivery(known(billing), audit=False)), store())
    assert isinstance(record.isolation.dedicated, Known)
    assert record.isolation.dedicated.value is False


def test_a_bucket_that_other_logs_are_routed_into_is_not_dedicated() -> None:
    sinks: Listing[str] = Listing(items=("all-logs",), sources=(HERE,))
    record = the_store(source(delivery(known(LOGS))), store(fed_by=sinks))
    assert record.isolation.dedicated == Known(value=False, sources=(HERE,))
    unread_sinks: Listing[str] = Listing.unread(DENIED)
    assert the_store(source(delivery(known(LOGS))), store(fed_by=unread_sinks)).isolation.dedicated == DENIED


@pytest.mark.parametrize(("root", "expected"), [("logs", True), ("elsewhere", False)])
def test_a_workspace_root_is_known_by_its_bucket(root: str, expected: bool) -> None:  # noqa: FBT001 - a table
    roots: Listing[object] = Listing(items=(replace(LOGS, name=root, prefix=""),), sources=(HERE,))
    record = the_store(source(workspace_stores=roots), store())
    assert isinstance(record.isolation.workspace_root, Known)
    assert record.isolation.workspace_root.value is expected
    assert isinstance(record.isolation.dedicated, Known)
    assert record.isolation.dedicated.value is not expected


def test_a_separate_account_needs_every_workspace_account_and_the_owner() -> None:
    accounts: Listing[object] = Listing(items=("111122223333",), sources=(HERE,))
    partial: Listing[object] = replace(accounts, gaps=(Gap(unknown=DENIED),))

    def separate(owner: Fact[object], listing: Listing[object]) -> Fact[bool]:
        return the_store(source(workspace_accounts=listing), store(account=owner)).isolation.separate_account

    apart, same = separate(known("444455556666"), accounts), separate(known("111122223333"), partial)
    assert isinstance(apart, Known)
    assert apart.value is True
    assert isinstance(same, Known)
    assert same.value is False
    assert isinstance(separate(known("444455556666"), partial), Unknown)
    assert isinstance(separate(DENIED, accounts), Unknown)


def key(**facts: object) -> KeyContribution:
    base = unread(KeyContribution, DENIED, ref=KEY)
    return replace(base, **facts)  # type: ignore[arg-type] # facts by name


def test_the_key_of_a_store_is_what_its_owner_says() -> None:
    encrypted = store(encrypted=YES, key=known(KEY))
    record = the_store(encrypted, key(manager=known(KeyManager.CUSTOMER), enabled=NO))
    assert isinstance(record.encryption.key_manager, Known)
    assert record.encryption.key_manager.value is KeyManager.CUSTOMER
    assert isinstance(record.encryption.key_enabled, Known)
    assert record.encryption.key_enabled.value is False
    assert record.encryption.key_rotating == DENIED


def test_a_key_that_nobody_read_is_unknown_not_the_providers() -> None:
    record = the_store(store(encrypted=YES, key=known(KEY)))
    assert isinstance(record.encryption.key_manager, Unknown)
    assert record.encryption.key_manager.reason is Reason.NOT_COLLECTED


@pytest.mark.parametrize(("encrypted", "manager"), [(True, KeyManager.PROVIDER), (False, KeyManager.NONE)])
def test_without_a_key_of_ones_own(encrypted: bool, manager: KeyManager) -> None:  # noqa: FBT001 - a table
    record = the_store(store(encrypted=known(value=encrypted), key=known(None)))
    assert isinstance(record.encryption.key_manager, Known)
    assert record.encryption.key_manager.value is manager


@pytest.mark.parametrize(("key", "told"), [(KEY, KEY.key_id), (None, "")])
def test_the_key_is_told_as_the_store_names_it(key: KeyRef | None, told: str) -> None:
    record = the_store(store(encrypted=YES, key=known(key)))
    assert isinstance(record.encryption.key, Known)
    assert record.encryption.key.value == told


@pytest.mark.parametrize(
    "key_id", ["https://(azurerm_key_vault_key.logs)/keys/logs", f"{KEY.key_id}/(aws_kms_key.logs)"]
)
def test_a_key_that_a_plan_makes_is_called_nothing_yet(key_id: str) -> None:
    record = the_store(store(encrypted=YES, key=known(replace(KEY, key_id=key_id))))
    assert isinstance(record.encryption.key, Unknown)


def test_a_replica_is_described_by_its_own_store() -> None:
    rule = ReplicationRule(target=COPY, account=known("222222222222"), covers_prefix=YES)
    original = replace(
        store(account=known("111122223333"), region=known("us-east-1")), replication=Listing(items=(rule,))
    )
    unseen = unread(StoreContribution, DENIED, ref=COPY)
    copy = replace(
        unseen,
        region=known("eu-west-1"),
        encrypted=NO,
        key=known(None),
        integrity=replace(unseen.integrity, versioning=known(Versioning.ENABLED)),
    )
    (replica,) = the_store(original, copy, leads=(LOGS, COPY)).resilience.replicas.items
    facts = (replica.other_region, replica.other_account, replica.key_manager, replica.versioning)
    assert [fact.value for fact in facts if isinstance(fact, Known)] == [
        True,
        True,
        KeyManager.NONE,
        Versioning.ENABLED,
    ]
    (unread_replica,) = the_store(original).resilience.replicas.items
    assert isinstance(unread_replica.versioning, Unknown)


@pytest.mark.parametrize(("key", "manager"), [(KEY, KeyManager.CUSTOMER), (None, KeyManager.PROVIDER)])
def test_copies_have_the_key_that_their_rule_gives_them(key: KeyRef | None, manager: KeyManager) -> None:
    """And not the one of their store's default, which says the opposite here."""
    rule = ReplicationRule(target=COPY, account=known("222222222222"), covers_prefix=YES, key=known(key))
    original = replace(store(), replication=Listing(items=(rule,)))
    default = known(None if key else KEY)
    copy = replace(unread(StoreContribution, DENIED, ref=COPY), encrypted=YES, key=default)
    mine = replace(unread(KeyContribution, DENIED, ref=KEY), manager=known(KeyManager.CUSTOMER))
    (replica,) = the_store(original, copy, mine, leads=(LOGS, COPY)).resilience.replicas.items
    assert isinstance(replica.key_manager, Known)
    assert replica.key_manager.value is manager


def test_the_estate_is_complete_only_if_everything_was_looked_into() -> None:
    whole = joined(source(), leads=())[-1]
    assert whole.info.about is About.ESTATE
    assert isinstance(whole.record, Estate)
    assert whole.record.inventory.complete == YES
    partial = joined(source(), leads=(), unlooked=(Unlooked(what="page 2", unknown=DENIED),))[-1]
    assert isinstance(partial.record, Estate)
    assert partial.record.inventory.complete == DENIED


def test_sources_come_before_stores_and_stores_by_name() -> None:
    rows = joined(source(), store(), leads=(LOGS, COPY))
    assert [row.info.uri for row in rows] == [ACCOUNT.uri, COPY.uri, LOGS.uri, "estate"]
