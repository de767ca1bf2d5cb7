"""From the account API's JSON to facts, leads and what could not be looked into."""

from __future__ import annotations

import pytest

from posture.model.facts import FOREVER, Known, Reason, Unknown
from posture.model.leads import RoleRef, StoreRef
from posture.model.subjects import DeliveryStatus, Kind, Mode, Provider
from posture.model.trust import GOOGLE_DELIVERY
from tests.adapters.databricks.accounts import (
    ACCOUNT,
    DENIED,
    HOUR_MS,
    NOW_MS,
    account,
    config,
    contribution,
    credential,
    health,
    only_configuration,
    only_delivery,
    read,
    reason,
    storage,
    value,
    workspace,
)
from tests.testbeds.databricks import Json

LOGS = StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name="acme-logs", prefix="audit")


def test_a_delivery_that_works() -> None:
    followed = read(config())
    seen = only_configuration(followed)
    assert value(seen.name) == "audit"
    assert value(seen.enabled) is True
    assert value(seen.status) is DeliveryStatus.SUCCEEDED
    assert value(seen.succeeding) is True
    assert value(seen.hours_since_success) == 1
    assert value(seen.filtered) is False
    assert value(seen.store) == "s3://acme-logs/audit"
    assert value(seen.shares_workspace_root) is False
    assert value(only_delivery(followed).writer) == "arn:aws:iam::111122223333:role/writes-logs"
    assert value(only_delivery(followed).audit) is True
    assert followed.unlooked == ()


def test_every_fact_says_which_answer_and_where_in_it() -> None:
    (other, seen) = contribution(read(config("other"), config())).deliveries.items
    assert isinstance(seen.configuration.status, Known)
    (source,) = seen.configuration.status.sources
    assert (source.operation, source.resource) == ("databricks:log-delivery", ACCOUNT)
    assert source.pointer == "/1/log_delivery_status/status"
    assert isinstance(seen.store, Known)
    assert [source.pointer for source in seen.store.sources] == [
        "/1/storage_configuration_id",
        "/0/root_bucket_info/bucket_name",
        "/1/delivery_path_prefix",
    ]
    assert other.configuration.name != seen.configuration.name


def test_leads_to_the_store_and_to_its_writer() -> None:
    (store, writer) = read(config()).leads
    assert store.target == LOGS
    assert store.found.how == "log-delivery configuration `audit` (ENABLED)"
    assert store.found.source is not None
    assert store.found.source.pointer == "/0"
    assert writer.target == RoleRef(
        provider=Provider.AWS, arn="arn:aws:iam::111122223333:role/writes-logs", account="111122223333"
    )
    assert writer.account == "111122223333"
    assert writer.found.how == "writer of log-delivery configuration `audit` (ENABLED)"


def test_a_disabled_configuration_still_leads_to_the_logs_it_left() -> None:
    followed = read(config("old", status="DISABLED", log_delivery_status=health("NOT_FOUND")))
    assert followed.leads[0].target == LOGS
    assert followed.leads[0].found.how == "log-delivery configuration `old` (DISABLED)"
    assert value(account(followed).delivery.enabled) is False


def test_a_role_is_one_lead_however_many_write_with_it() -> None:
    followed = read(config("a", delivery_path_prefix="a"), config("b", delivery_path_prefix="b"))
    assert [lead.target for lead in followed.leads if isinstance(lead.target, RoleRef)] == [
        RoleRef(provider=Provider.AWS, arn="arn:aws:iam::111122223333:role/writes-logs", account="111122223333")
    ]
    assert len([lead for lead in followed.leads if isinstance(lead.target, StoreRef)]) == 2


def test_billing_logs_are_a_delivery_and_no_lead() -> None:
    followed = read(config("bills", log_type="BILLABLE_USAGE", output_format="CSV"))
    assert followed.leads == ()
    assert value(only_delivery(followed).audit) is False
    assert value(only_delivery(followed).store) == LOGS
    assert account(followed).delivery.configurations.items == ()
    assert value(account(followed).delivery.enabled) is False


def test_an_account_without_delivery_says_so_and_is_there() -> None:
    source = account(read())
    assert (source.kind, source.uri, source.name, source.mode) == (
        Kind.ACCOUNT,
        f"databricks://{ACCOUNT}",
        ACCOUNT,
        Mode.LIVE,
    )
    delivery = source.delivery
    assert value(delivery.enabled) is False
    assert value(delivery.covers_account_events) is False
    assert value(delivery.covers_all_workspaces) is False
    assert (delivery.configurations.items, delivery.configurations.gaps) == ((), ())


def test_each_workspace_is_a_source() -> None:
    followed = read(config(workspace_ids_filter=[1]), workspaces=(workspace(1), workspace(2, workspace_name="two")))
    (_, first, second) = contribution(followed).sources.items
    assert (first.kind, first.uri) == (Kind.WORKSPACE, f"databricks://{ACCOUNT}/workspaces/1")
    assert second.name == "two"
    assert value(first.delivery.enabled) is True
    assert value(second.delivery.enabled) is False
    assert len(first.delivery.configurations.items) == 1
    assert second.delivery.configurations.items == ()
    assert value(first.delivery.covers_account_events) is False


def test_ids_may_be_written_as_texts() -> None:
    """Protobuf's JSON writes an int64 so, and some gateways do."""
    followed = read(
        config(workspace_ids_filter=["6383650456894062"], creation_time=str(NOW_MS)),
        workspaces=(workspace("6383650456894062"),),
    )
    assert value(contribution(followed).sources.items[1].delivery.enabled) is True


class TestStatus:
    """controls D2."""

    @pytest.mark.parametrize("status", ["USER_FAILURE", "SYSTEM_FAILURE", "NOT_FOUND"])
    def test_a_failure_is_no_success(self, status: str) -> None:
        seen = only_configuration(read(config(log_delivery_status=health(status, "2026-06-01T12:00:00Z"))))
        assert value(seen.succeeding) is False
        assert value(seen.hours_since_success) == 14 * 24

    @pytest.mark.parametrize("age", [-5, 0, 23])
    def test_a_new_configuration_is_given_a_day(self, age: int) -> None:
        created = config(creation_time=NOW_MS - age * HOUR_MS, log_delivery_status=health("CREATED"))
        assert reason(only_configuration(read(created)).succeeding) is Reason.UNDETERMINED

    @pytest.mark.parametrize("age", [24, 1000])
    def test_and_not_more(self, age: int) -> None:
        created = config(creation_time=NOW_MS - age * HOUR_MS, log_delivery_status=health("CREATED"))
        assert value(only_configuration(read(created)).succeeding) is False

    def test_one_that_was_enabled_anew_is_given_a_day_too(self) -> None:
        seen = only_configuration(read(config(update_time=NOW_MS - HOUR_MS, log_delivery_status=health("CREATED"))))
        assert reason(seen.succeeding) is Reason.UNDETERMINED

    def test_created_at_no_known_time(self) -> None:
        seen = only_configuration(read(config(creation_time=None, log_delivery_status=health("CREATED"))))
        assert reason(seen.succeeding) is Reason.MALFORMED

    @pytest.mark.parametrize("broken", [None, {}, "SUCCEEDED", ["SUCCEEDED"], health("PARTIAL"), health(3)])
    def test_what_is_not_documented_is_unknown(self, broken: Json) -> None:
        seen = only_configuration(read(config(log_delivery_status=broken)))
        assert reason(seen.status) is Reason.MALFORMED
        assert reason(seen.succeeding) is Reason.MALFORMED
        assert reason(seen.hours_since_success) is Reason.MALFORMED

    def test_an_unknown_status_does_not_hide_when_it_last_worked(self) -> None:
        seen = only_configuration(read(config(log_delivery_status=health("PARTIAL", "2026-06-15T00:00:00Z"))))
        assert value(seen.hours_since_success) == 12

    @pytest.mark.parametrize("status", ["CREATED", "USER_FAILURE", "NOT_FOUND"])
    def test_no_success_ever_is_for_ever_ago(self, status: str) -> None:
        assert (
            value(only_configuration(read(config(log_delivery_status=health(status)))).hours_since_success) is FOREVER
        )

    def test_a_success_without_its_time_is_a_contradiction(self) -> None:
        seen = only_configuration(read(config(log_delivery_status=health("SUCCEEDED", ""))))
        assert reason(seen.hours_since_success) is Reason.MALFORMED

    @pytest.mark.parametrize(
        ("last", "hours"),
        [
            ("2026-06-15T12:00:00Z", 0),
            ("2026-06-15T11:00:01Z", 0),
            ("2026-06-15T11:00:00Z", 1),
            ("2026-06-15T13:00:00Z", 0),  # their clock is ahead
            ("2026-06-15T10:30:00.123456", 1),  # documented as UTC, also without a zone
            ("2026-06-15T13:30:00+02:00", 0),
            ("0001-01-01T00:00:00+14:00", 739_781 * 24 + 12 + 14),
        ],
    )
    def test_hours_are_whole_and_never_negative(self, last: str, hours: int) -> None:
        seen = only_configuration(read(config(log_delivery_status=health("SUCCEEDED", last))))
        assert value(seen.hours_since_success) == hours

    @pytest.mark.parametrize(
        "last", ["yesterday", "2026-06-15", 1781524800000, ["2026-06-15T12:00:00Z"], "2026-13-01T00"]
    )
    def test_a_time_that_is_none_is_unknown(self, last: Json) -> None:
        seen = only_configuration(read(config(log_delivery_status=health("SUCCEEDED", last))))
        assert reason(seen.hours_since_success) is Reason.MALFORMED
        assert value(seen.succeeding) is True


class TestStores:
    """Where a configuration delivers."""

    def test_the_prefix_has_no_slashes_at_its_ends(self) -> None:
        assert read(config(delivery_path_prefix="/a/b/")).leads[0].target == StoreRef(
            provider=Provider.AWS, kind=Kind.S3_BUCKET, name="acme-logs", prefix="a/b"
        )

    def test_no_prefix_is_the_whole_bucket(self) -> None:
        assert value(only_configuration(read(config(delivery_path_prefix=None))).store) == "s3://acme-logs"

    @pytest.mark.parametrize(
        ("storages", "gaps", "expected"),
        [
            ((), ("storage",), Reason.DENIED),
            ((), (), Reason.NOT_FOUND),
            ((storage("logs", None),), (), Reason.MALFORMED),
            ((storage("logs", "a/b"),), (), Reason.MALFORMED),
            ((storage("logs", 7),), (), Reason.MALFORMED),
            (({"storage_configuration_id": "logs"},), (), Reason.MALFORMED),
            (("logs",), (), Reason.MALFORMED),
            (({"root_bucket_info": {"bucket_name": "acme-logs"}},), (), Reason.MALFORMED),
        ],
    )
    def test_a_store_that_cannot_be_named_is_reported(
        self, storages: tuple[Json, ...], gaps: tuple[str, ...], expected: Reason
    ) -> None:
        followed = read(config(), storages=storages, gaps=gaps)
        assert reason(only_delivery(followed).store) is expected
        assert reason(only_configuration(followed).store) is expected
        (unlooked,) = followed.unlooked
        assert unlooked.what == "store of log-delivery configuration `audit` (ENABLED)"
        assert unlooked.unknown.reason is expected
        assert not any(isinstance(lead.target, StoreRef) for lead in followed.leads)

    def test_a_store_found_before_the_listing_broke_is_found(self) -> None:
        followed = read(config(), gaps=("storage",))
        assert followed.leads[0].target == LOGS
        assert followed.unlooked == ()

    @pytest.mark.parametrize("member", ["storage_configuration_id", "delivery_path_prefix"])
    def test_a_member_of_another_kind_names_no_store(self, member: str) -> None:
        assert reason(only_delivery(read(config() | {member: 7})).store) is Reason.MALFORMED

    def test_no_storage_configuration_is_named(self) -> None:
        assert reason(only_delivery(read(config(storage_configuration_id=None))).store) is Reason.MALFORMED

    def test_billing_logs_nobody_can_place_are_no_place_to_look(self) -> None:
        assert read(config(log_type="BILLABLE_USAGE"), storages=()).unlooked == ()

    def test_a_name_that_aws_would_refuse_is_for_aws_to_refuse(self) -> None:
        assert read(config(), storages=(storage("logs", "bücket.with.dots"),)).leads[0].target == StoreRef(
            provider=Provider.AWS, kind=Kind.S3_BUCKET, name="bücket.with.dots", prefix="audit"
        )


class TestWriter:
    """Who writes."""

    @pytest.mark.parametrize(
        ("credentials", "gaps", "expected"),
        [
            ((), ("credentials",), Reason.DENIED),
            ((), (), Reason.NOT_FOUND),
            ((credential("writer", "arn:aws:iam::1:role/x"),), (), Reason.MALFORMED),
            ((credential("writer", "arn:aws:iam::111122223333:user/x"),), (), Reason.MALFORMED),
        ],
    )
    def test_a_writer_nobody_can_name(
        self, credentials: tuple[Json, ...], gaps: tuple[str, ...], expected: Reason
    ) -> None:
        followed = read(config(), credentials=credentials, gaps=gaps)
        assert reason(only_delivery(followed).writer) is expected
        assert [lead.target for lead in followed.leads] == [LOGS]
        assert followed.unlooked == ()

    def test_govcloud(self) -> None:
        arn = "arn:aws-us-gov:iam::111122223333:role/path/writes"
        followed = read(config(), credentials=(credential("writer", arn),))
        assert followed.leads[1].target == RoleRef(provider=Provider.AWS, arn=arn, account="111122223333")


class TestWorkspaceRoots:
    """controls D7."""

    def test_the_same_storage_configuration(self) -> None:
        seen = only_configuration(read(config(storage_configuration_id="root")))
        assert value(seen.shares_workspace_root) is True

    def test_another_storage_configuration_of_the_same_bucket(self) -> None:
        followed = read(config(), storages=(storage("logs", "one"), storage("root", "one")))
        assert value(only_configuration(followed).shares_workspace_root) is True

    def test_the_same_id_tells_even_when_no_bucket_can_be_read(self) -> None:
        followed = read(config(storage_configuration_id="root"), storages=(), gaps=("storage",))
        assert value(only_configuration(followed).shares_workspace_root) is True

    def test_an_unread_workspace_may_share_it(self) -> None:
        assert reason(only_configuration(read(config(), gaps=("workspaces",))).shares_workspace_root) is Reason.DENIED

    def test_a_workspace_whose_bucket_is_not_known_may_share_it(self) -> None:
        followed = read(config(), storages=(storage("logs", "acme-logs"),))
        assert reason(only_configuration(followed).shares_workspace_root) is Reason.NOT_FOUND

    def test_a_serverless_workspace_has_no_root_of_its_own(self) -> None:
        followed = read(config(), workspaces=(workspace(1, storage_configuration_id=None, credentials_id=None),))
        given = contribution(followed)
        assert value(only_configuration(followed).shares_workspace_root) is False
        assert (given.workspace_stores.items, given.workspace_stores.gaps) == ((), ())
        assert (given.workspace_accounts.items, given.workspace_accounts.gaps) == ((), ())

    @pytest.mark.parametrize(
        "members", [{"storage_configuration_id": None, "credentials_id": None}, {"compute_mode": "SERVERLESS"}]
    )
    def test_no_delivery_is_known_to_have_the_events_of_a_serverless_workspace(self, members: dict[str, Json]) -> None:
        followed = read(config(), workspaces=(workspace(1), workspace(2, **members)))
        classic, serverless = (item.delivery for item in contribution(followed).sources.items[1:])
        assert value(classic.enabled) is True
        assert reason(serverless.enabled) is Reason.NOT_COLLECTED
        assert reason(account(followed).delivery.covers_all_workspaces) is Reason.NOT_COLLECTED
        assert value(account(followed).delivery.covers_account_events) is True

    def test_a_workspace_that_was_not_read_may_be_serverless(self) -> None:
        """Otherwise reading more could undo a pass."""
        followed = read(config(), gaps=("workspaces",))
        assert reason(account(followed).delivery.covers_all_workspaces) is Reason.DENIED
        assert value(account(followed).delivery.covers_account_events) is True

    def test_a_serverless_workspace_that_nothing_delivers_fails_as_any_other(self) -> None:
        followed = read(workspaces=(workspace(2, compute_mode="SERVERLESS"),))
        assert value(contribution(followed).sources.items[1].delivery.enabled) is False
        assert value(account(followed).delivery.covers_all_workspaces) is False

    def test_on_google_cloud_no_workspace_has_a_bucket_of_its_own(self) -> None:
        bare = workspace(1, storage_configuration_id=None, credentials_id=None)
        followed = read(config(), workspaces=(bare,), host="https://accounts.gcp.databricks.com")
        assert value(contribution(followed).sources.items[1].delivery.enabled) is True

    def test_where_workspaces_live(self) -> None:
        given = contribution(read(workspaces=(workspace(1), workspace(2))))
        assert [ref.uri for ref in given.workspace_stores.items] == ["s3://acme-root"]
        assert given.workspace_accounts.items == ("444455556666",)

    @pytest.mark.parametrize("gap", ["workspaces", "storage"])
    def test_where_they_live_is_not_known_whole(self, gap: str) -> None:
        given = contribution(read(storages=(), gaps=(gap,)))
        assert given.workspace_stores.gaps
        assert value(account(read(gaps=(gap,))).delivery.enabled) is False


class TestGaps:
    """What could not be read is never absent."""

    def test_a_denied_listing_of_deliveries_denies_every_answer(self) -> None:
        followed = read(gaps=("log-delivery",))
        delivery = account(followed).delivery
        assert {reason(delivery.enabled), reason(delivery.covers_account_events)} == {Reason.DENIED}
        assert reason(delivery.covers_all_workspaces) is Reason.DENIED
        assert [gap.unknown for gap in delivery.configurations.gaps] == [DENIED]
        assert [gap.unknown for gap in contribution(followed).deliveries.gaps] == [DENIED]
        assert [item.what for item in followed.unlooked] == [
            f"log-delivery configurations of Databricks account {ACCOUNT}"
        ]

    def test_what_was_seen_before_the_listing_broke_counts(self) -> None:
        delivery = account(read(config(), gaps=("log-delivery",))).delivery
        assert value(delivery.enabled) is True
        assert value(delivery.covers_all_workspaces) is True

    def test_a_denied_listing_of_workspaces_leaves_the_account(self) -> None:
        followed = read(config(workspace_ids_filter=[1]), workspaces=(), gaps=("workspaces",))
        assert [gap.unknown for gap in contribution(followed).sources.gaps] == [DENIED]
        assert value(account(followed).delivery.enabled) is True
        assert value(account(followed).delivery.covers_account_events) is False
        assert reason(account(followed).delivery.covers_all_workspaces) is Reason.DENIED
        assert [item.what for item in followed.unlooked] == [f"workspaces of Databricks account {ACCOUNT}"]

    def test_without_any_delivery_nobody_needs_the_workspaces(self) -> None:
        assert value(account(read(gaps=("workspaces",))).delivery.covers_all_workspaces) is False

    @pytest.mark.parametrize("log_type", ["SOMETHING_NEW", None, 3])
    def test_an_unknown_log_type_may_be_audit_logs(self, log_type: Json) -> None:
        followed = read(config(log_type=log_type))
        assert reason(account(followed).delivery.enabled) is Reason.MALFORMED
        assert account(followed).delivery.configurations.items == ()
        assert len(account(followed).delivery.configurations.gaps) == 1
        assert followed.leads[0].target == LOGS
        assert followed.leads[0].found.how == "log-delivery configuration `audit` (ENABLED, log type unknown)"

    @pytest.mark.parametrize("status", ["PAUSED", None, True])
    def test_an_unknown_status_is_neither_on_nor_off(self, status: Json) -> None:
        followed = read(config(status=status))
        assert reason(only_configuration(followed).enabled) is Reason.MALFORMED
        assert reason(account(followed).delivery.enabled) is Reason.MALFORMED
        assert followed.leads[0].found.how == "log-delivery configuration `audit` (status unknown)"

    @pytest.mark.parametrize("listed", ["1", {"1": 1}, [1, "one"], [1.5], [True]])
    def test_a_filter_that_cannot_be_read(self, listed: Json) -> None:
        followed = read(config(workspace_ids_filter=listed))
        (_, of_workspace) = contribution(followed).sources.items
        assert reason(only_configuration(followed).filtered) is Reason.MALFORMED
        assert value(account(followed).delivery.enabled) is True
        assert reason(account(followed).delivery.covers_account_events) is Reason.MALFORMED
        assert reason(of_workspace.delivery.enabled) is Reason.MALFORMED
        assert of_workspace.delivery.configurations.items == ()
        assert len(of_workspace.delivery.configurations.gaps) == 1

    @pytest.mark.parametrize("item", [None, "x", 3, ["x"]])
    def test_an_item_that_is_no_object_is_a_gap(self, item: Json) -> None:
        followed = read(item, workspaces=(item, workspace(2)))
        assert reason(account(followed).delivery.enabled) is Reason.MALFORMED
        assert [source.name for source in contribution(followed).sources.items] == [ACCOUNT, "ws-2"]
        assert [gap.unknown.reason for gap in contribution(followed).sources.gaps] == [Reason.MALFORMED]
        assert len(followed.unlooked) == 2

    @pytest.mark.parametrize("identity", [None, "seven", True, 7.5])
    def test_a_workspace_without_an_id_is_a_gap(self, identity: Json) -> None:
        (gap,) = contribution(read(workspaces=(workspace(identity),))).sources.gaps
        assert gap.unknown.reason is Reason.MALFORMED

    def test_an_empty_object_is_a_configuration_of_which_nothing_is_known(self) -> None:
        followed = read({})
        delivery = only_delivery(followed)
        assert value(delivery.configuration.name) == "number 0"
        assert isinstance(delivery.audit, Unknown)
        assert isinstance(delivery.store, Unknown)
        assert isinstance(delivery.writer, Unknown)
        assert [item.what for item in followed.unlooked] == [
            "store of log-delivery configuration `number 0` (status unknown, log type unknown)"
        ]


def test_google_cloud() -> None:
    followed = read(config(credentials_id=None), host="https://accounts.gcp.databricks.com")
    assert [lead.target for lead in followed.leads] == [
        StoreRef(provider=Provider.GCP, kind=Kind.GCS_BUCKET, name="acme-logs", prefix="audit")
    ]
    assert value(only_configuration(followed).store) == "gs://acme-logs/audit"
    assert value(only_delivery(followed).writer) == GOOGLE_DELIVERY


def test_a_store_on_google_cloud_that_nothing_names_can_be_named() -> None:
    followed = read(config(credentials_id=None), storages=(), host="https://accounts.gcp.databricks.com")
    (unlooked,) = followed.unlooked
    assert "--store gs://bucket/prefix" in unlooked.unknown.needs


def test_projects_of_workspaces_on_google_cloud() -> None:
    mine = workspace(1, cloud_resource_container={"gcp": {"project_id": "acme-platform"}}, credentials_id=None)
    followed = read(config(credentials_id=None), workspaces=(mine,), host="https://accounts.gcp.databricks.com")
    assert contribution(followed).workspace_accounts.items == ("acme-platform",)
    followed = read(config(), workspaces=(workspace(1),), host="https://accounts.gcp.databricks.com")
    assert len(contribution(followed).workspace_accounts.gaps) == 1


def test_google_cloud_without_a_bucket_in_the_answer() -> None:
    odd: Json = {"storage_configuration_id": "logs", "gcs_bucket": "acme-logs"}
    followed = read(config(), storages=(odd,), host="https://accounts.gcp.databricks.com")
    assert followed.leads == ()
    assert len(followed.unlooked) == 1
