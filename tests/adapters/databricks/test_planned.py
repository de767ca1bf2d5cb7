"""Planned Databricks resources: which account, which bucket, which role, and what a plan does not know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pytest

from posture.adapters.databricks.planned import PlannedDatabricks
from posture.adapters.planned import Names, Naming, Namings, Premises, placeholder
from posture.adapters.wing import Followed
from posture.model.contributions import SourceContribution
from posture.model.facts import Fact, Known, Reason, Unknown
from posture.model.leads import RoleRef, StoreRef
from posture.model.settings import DatabricksAccess, Settings
from posture.model.subjects import Configuration, Kind, LogSource, Mode, Provider
from posture.reading import Kept, Reading
from posture.terraform.inventory import Identity
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource
from tests.adapters.databricks.accounts import ACCOUNT, HOST, config, credential, storage
from tests.terraform.plans import Free, change, document, module, planned, read, refs, written

BUCKETS = Identity(kinds=("aws_s3_bucket",), attributes=("bucket", "id"))
ROLES = Identity(kinds=("aws_iam_role",), attributes=("arn",), invented=True)
AS_OF = datetime(2026, 6, 15, tzinfo=UTC)
LOGS = StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name="acme-logs", prefix="audit")
NEW = StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name="(aws_s3_bucket.logs)", prefix="audit")
WRITER = "(aws_iam_role.writer)"


def delivery(name: str = "audit", unknown: Iterable[str] = (), /, **after: Free) -> dict[str, Free]:
    """A new delivery whose storage and credentials are known only after apply."""
    values = {
        "account_id": ACCOUNT,
        "config_name": name,
        "log_type": "AUDIT_LOGS",
        "output_format": "JSON",
        "delivery_path_prefix": "audit/",
        "workspace_ids_filter": None,
        **after,
    }
    marks = {"config_id", "status", "storage_configuration_id", "credentials_id", *unknown} - set(after)
    return change(f"databricks_mws_log_delivery.{name}", values, marks)


def chain(*more: Mapping[str, Free]) -> list[Mapping[str, Free]]:
    """Everything that a delivery refers to, all of it new."""
    return [
        change("aws_s3_bucket.logs", {}, ["bucket", "id"]),
        change("aws_iam_role.writer", {"name": "writer"}, ["arn"]),
        change(
            "databricks_mws_storage_configurations.logs",
            {"account_id": ACCOUNT},
            ["bucket_name", "storage_configuration_id", "id"],
            after_sensitive={"account_id": True},
        ),
        change("databricks_mws_credentials.writer", {}, ["role_arn", "credentials_id", "id"]),
        *more,
    ]


def configuration(*more: Mapping[str, Free], **of_delivery: Free) -> dict[str, Free]:
    """How the chain is written."""
    ids = {
        "storage_configuration_id": refs(
            "databricks_mws_storage_configurations.logs.storage_configuration_id",
            "databricks_mws_storage_configurations.logs",
        ),
        "credentials_id": refs("databricks_mws_credentials.writer.credentials_id", "databricks_mws_credentials.writer"),
    }
    return module(
        written("aws_s3_bucket.logs"),
        written("aws_iam_role.writer"),
        written(
            "databricks_mws_storage_configurations.logs",
            bucket_name=refs("aws_s3_bucket.logs.bucket", "aws_s3_bucket.logs"),
        ),
        written("databricks_mws_credentials.writer", role_arn=refs("aws_iam_role.writer.arn", "aws_iam_role.writer")),
        written("databricks_mws_log_delivery.audit", **ids, **of_delivery),
        *more,
    )


OWN_RESOURCES: Mapping[str, Free] = {"storage_configuration_id": "root", "credentials_id": "compute"}  # of a workspace


def names(plan: Plan) -> Names:
    def bucket(resource: Resource) -> StoreRef:
        name = resource.after.text("bucket")
        return other(name.value if isinstance(name, Known) and name.value else placeholder(resource))

    def other(name: str) -> StoreRef:
        return StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name=name)

    def role(resource: Resource) -> RoleRef:
        return RoleRef(provider=Provider.AWS, arn=placeholder(resource))

    def other_role(arn: str) -> RoleRef:
        return RoleRef(provider=Provider.AWS, arn=arn)

    stores = Naming(identity=BUCKETS, of=bucket, other=other)
    roles = Naming(identity=ROLES, of=role, other=other_role)
    return Names(plan, [(lambda: Namings(stores=(stores,), roles=(roles,)), True)])


def wing_of(plan: Plan, context: Iterable[Kept] = (), *access: DatabricksAccess) -> tuple[PlannedDatabricks, Reading]:
    reading = Reading(as_of=AS_OF, replayed=context)
    premises = Premises(plan=plan, settings=Settings(databricks=access), context=reading)
    return PlannedDatabricks(premises, names(plan)), reading


def follow(plan: Plan, context: Iterable[Kept] = (), *access: DatabricksAccess) -> list[Followed]:
    wing, reading = wing_of(plan, context, *access)
    return [wing.follow(lead, reading) for lead in wing.first()]


def only(followed: Iterable[Followed]) -> SourceContribution:
    (one,) = followed
    (contribution,) = one.contributions
    assert isinstance(contribution, SourceContribution)
    return contribution


def value(fact: Fact[Free]) -> Free:
    assert isinstance(fact, Known), fact
    return fact.value


def source(contribution: SourceContribution, kind: Kind) -> LogSource:
    (found,) = (item for item in contribution.sources.items if item.kind is kind)
    return found


def configured(contribution: SourceContribution) -> Configuration:
    (found,) = contribution.deliveries.items
    return found.configuration


def test_a_new_delivery_is_followed_to_its_new_bucket_and_role() -> None:
    followed = follow(planned(chain(delivery()), configuration()))
    contribution = only(followed)
    (item,) = contribution.deliveries.items
    assert value(item.store) == NEW
    assert value(item.writer) == WRITER
    assert value(item.audit) is True
    assert value(item.configuration.enabled) is True
    assert {lead.target for lead in followed[0].leads} == {NEW, RoleRef(provider=Provider.AWS, arn=WRITER)}
    assert followed[0].unlooked == ()
    account = source(contribution, Kind.ACCOUNT)
    assert (account.uri, account.mode) == (f"databricks://{ACCOUNT}", Mode.PLANNED)
    assert value(account.delivery.covers_account_events) is True


def test_how_it_fares_and_what_else_delivers_is_not_known() -> None:
    contribution = only(follow(planned(chain(delivery(workspace_ids_filter=[1])), configuration())))
    seen = configured(contribution)
    for fact in (seen.status, seen.succeeding, seen.hours_since_success):
        assert isinstance(fact, Unknown)
        assert fact.reason is Reason.NOT_COLLECTED
    events = source(contribution, Kind.ACCOUNT).delivery.covers_account_events
    assert isinstance(events, Unknown), "another delivery may cover what this one leaves out"
    assert "--context" in events.needs


@pytest.mark.parametrize(
    ("of_delivery", "enabled"), [({}, True), ({"status": refs("var.status")}, None)], ids=["default", "a variable"]
)
def test_a_new_delivery_is_enabled_only_if_nothing_else_is_written(of_delivery: Free, enabled: Free) -> None:
    fact = configured(only(follow(planned(chain(delivery()), configuration(**of_delivery))))).enabled
    assert (fact.value if isinstance(fact, Known) else None) is enabled


def test_without_a_configuration_nothing_is_guessed() -> None:
    followed = follow(planned(chain(delivery())))
    assert isinstance(configured(only(followed)).enabled, Unknown)
    (store,) = followed[0].unlooked
    assert "store of log-delivery configuration `audit`" in store.what


def test_a_bucket_outside_of_the_plan_is_led_to_by_its_name() -> None:
    links = [
        change(
            "databricks_mws_storage_configurations.logs", {"bucket_name": "acme-logs"}, ["storage_configuration_id"]
        ),
        change("databricks_mws_credentials.writer", {"role_arn": "arn:aws:iam::111122223333:role/w"}, ["id"]),
    ]
    followed = follow(planned([*links, delivery()], configuration()))
    assert followed[0].leads[0].target == LOGS


def test_an_id_of_another_plan_needs_the_context() -> None:
    followed = follow(planned([delivery(storage_configuration_id="s-1", credentials_id="c-1")], configuration()))
    (item,) = only(followed).deliveries.items
    for fact in (item.store, item.writer):
        assert isinstance(fact, Unknown)
        assert "--context" in fact.needs


def test_other_logs_make_no_source_but_share_a_bucket() -> None:
    billing = delivery("billing", log_type="BILLABLE_USAGE")
    assert follow(planned(chain(billing))) == []
    contribution = only(follow(planned(chain(delivery(), billing), configuration())))
    assert [value(item.audit) for item in contribution.deliveries.items] == [True, False]


@pytest.mark.parametrize("secret", [False, True])
def test_accounts_are_told_apart_and_put_together_by_their_ids(*, secret: bool) -> None:
    masks: Free = {"after_sensitive": {"account_id": True}} if secret else {}
    workspace = change(
        "databricks_mws_workspaces.w",
        {"account_id": ACCOUNT, "workspace_name": "w", **OWN_RESOURCES},
        ["workspace_id"],
        **masks,
    )
    plan = planned(chain(delivery(), delivery("other", account_id="another"), workspace), configuration())
    contributions = [only([followed]) for followed in follow(plan)]
    assert [item.ref.account_id for item in contributions] == [ACCOUNT, "another"]
    first = source(contributions[0], Kind.WORKSPACE)
    assert first.uri == f"databricks://{ACCOUNT}/workspaces/(databricks_mws_workspaces.w)"
    assert value(first.delivery.enabled) is True
    assert [item.kind for item in contributions[1].sources.items] == [Kind.ACCOUNT]


def test_a_secret_account_is_never_shown() -> None:
    hidden = {**delivery(), "change": {**delivery()["change"], "after_sensitive": {"account_id": True}}}
    (followed,) = follow(planned(chain(hidden), configuration()))
    assert ACCOUNT not in repr(followed)
    assert only([followed]).ref.account_id == "(databricks_mws_log_delivery.audit)"


def test_a_filter_names_workspaces_of_the_plan() -> None:
    workspaces = [
        change(
            f"databricks_mws_workspaces.{name}",
            {"account_id": ACCOUNT, "workspace_name": name, **OWN_RESOURCES},
            ["workspace_id"],
        )
        for name in ("in", "out")
    ]
    one = delivery(workspace_ids_filter=[None])
    one["change"]["after_unknown"]["workspace_ids_filter"] = [True]
    filtered = refs("databricks_mws_workspaces.in.workspace_id", "databricks_mws_workspaces.in")
    contribution = only(follow(planned(chain(one, *workspaces), configuration(workspace_ids_filter=filtered))))
    by_name = {item.name: item.delivery for item in contribution.sources.items}
    assert value(configured(contribution).filtered) is True
    assert value(by_name["in"].enabled) is True
    assert isinstance(by_name["out"].enabled, Unknown)


def test_a_destroyed_delivery_is_a_disabled_one() -> None:
    gone = change(
        "databricks_mws_log_delivery.audit",
        None,
        actions=("delete",),
        before={**delivery()["change"]["after"], "status": "ENABLED", "storage_configuration_id": "s-1"},
    )
    kept = {"bucket_name": "acme-logs", "storage_configuration_id": "s-1"}
    there = change("databricks_mws_storage_configurations.logs", kept, actions=("no-op",), before=kept)
    plan = planned([gone, there])
    followed = follow(plan)
    assert value(configured(only(followed)).enabled) is False
    assert followed[0].leads[0].target == LOGS
    before = only(follow(plan.before()))
    assert value(configured(before).enabled) is True


def context(*deliveries: Free) -> list[Kept]:
    """What a scan of the account kept."""
    lists = {
        "log-delivery": deliveries,
        "storage-configurations": (storage("logs", "acme-logs"),),
        "credentials": (credential("writer", "arn:aws:iam::111122223333:role/w"),),
        "workspaces": (),
        "networks": (),
    }
    parameters = (("account_id", ACCOUNT), ("host", HOST))
    signed_in = Kept(
        identity="default",
        operation="databricks:token",
        parameters=parameters,
        resource=ACCOUNT,
        read_at="2026-06-15T00:00:00Z",
        answer={"host": HOST, "account_id": ACCOUNT, "principal": "p", "method": "oauth"},
    )
    return [
        signed_in,
        *(
            Kept(
                identity="default",
                operation=f"databricks:{name}",
                parameters=parameters,
                resource=ACCOUNT,
                read_at="2026-06-15T00:00:00Z",
                items=tuple(items),
            )
            for name, items in lists.items()
        ),
    ]


ACCESS = DatabricksAccess(host=HOST, account_id=ACCOUNT)


def test_the_context_says_what_else_delivers() -> None:
    filtered = delivery(workspace_ids_filter=[1])
    plan = planned(chain(filtered), configuration())
    covered = source(only(follow(plan, context(config()), ACCESS)), Kind.ACCOUNT)
    assert value(covered.delivery.covers_account_events) is True
    alone = source(only(follow(plan, context(), ACCESS)), Kind.ACCOUNT)
    assert value(alone.delivery.covers_account_events) is False


def test_the_context_finds_the_planned_bucket_that_holds_logs() -> None:
    plan = planned([change("aws_s3_bucket.logs", {"bucket": "acme-logs"}, actions=("no-op",), before={})])
    (followed,) = follow(plan, context(config()), ACCESS)
    assert only([followed]).sources.items == (), "no row for what the plan does not hold"
    assert LOGS in {lead.target for lead in followed.leads}
    (elsewhere,) = follow(planned([]), context(config()), ACCESS)
    assert elsewhere.leads == ()


def test_a_planned_delivery_replaces_what_was_seen_of_it() -> None:
    known = delivery(config_id="id-of-audit", status="DISABLED")
    contribution = only(follow(planned(chain(known), configuration()), context(config()), ACCESS))
    assert value(configured(contribution).enabled) is False


def test_wrong_types_are_unknown() -> None:
    body = document(
        chain(delivery(log_type=7, workspace_ids_filter="x", delivery_path_prefix=[], status={}, account_id=[1])),
        configuration(),
    )
    contribution = only(follow(read(body)))
    (item,) = contribution.deliveries.items
    for fact in (item.audit, item.configuration.enabled, item.configuration.filtered, item.store):
        assert isinstance(fact, Unknown)


def test_a_serverless_workspace_of_a_plan_is_not_told_to_be_delivered() -> None:
    workspace = {"account_id": ACCOUNT, "workspace_name": "w", "workspace_id": 7, "compute_mode": "SERVERLESS"}
    made = change("databricks_mws_workspaces.w", workspace)
    contribution = only(follow(planned(chain(delivery(), made), configuration())))
    enabled = source(contribution, Kind.WORKSPACE).delivery.enabled
    assert isinstance(enabled, Unknown)
    assert "serverless" in enabled.detail
