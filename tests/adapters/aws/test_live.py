"""The wing against moto's server, with the real boto3."""

from __future__ import annotations

from pathlib import Path

import pytest

from posture.adapters.aws.calls import CALLS
from posture.adapters.aws.wing import AwsWing
from posture.model.contributions import KeyContribution, RoleContribution, StoreContribution
from posture.model.facts import FOREVER, Known, Reason, Unknown
from posture.model.leads import KeyRef, Lead, RoleRef
from posture.model.settings import AwsAccess, NamedStore, Settings
from posture.model.subjects import KeyManager, Ownership, Provider, Role, Versioning, WormMode
from posture.reading import Reading
from tests.adapters.aws.live import environment, facts_of, reading, role, wing_of
from tests.adapters.aws.recorded import lead, store, value
from tests.testbeds.aws import HOME, Accounts, Credentials
from tests.testbeds.broken import Answer, Fault
from tests.testbeds.faults import FaultProxy, Rule
from tests.testbeds.seed import (
    Bucket,
    new_access_point,
    new_bucket,
    new_multi_region_access_point,
    new_organization,
    old_bucket,
)
from tests.testbeds.stores import LEGACY, LOG_ARCHIVE, retired_audit_logs, well_kept_audit_logs

pytestmark = pytest.mark.peers
OWN = Bucket(name="own-audit-logs", account=HOME)


@pytest.fixture(autouse=True)
def _as_the_default_identity(monkeypatch: pytest.MonkeyPatch, aws_proxy: FaultProxy) -> None:
    environment(monkeypatch, aws_proxy.url)


def store_of(name: str, once: Reading, *accounts: str, prefix: str = "", hint: str = "") -> StoreContribution:
    (only,) = wing_of(*accounts).follow(lead(store(prefix, name), account=hint), once).contributions
    assert isinstance(only, StoreContribution)
    return only


def test_a_well_kept_store_is_read_as_the_role_of_its_account(accounts: Accounts) -> None:
    archive = well_kept_audit_logs(accounts)
    with reading() as once:
        followed = wing_of(LOG_ARCHIVE).follow(lead(store("audit", archive.store.bucket.name)), once)
    (seen,) = followed.contributions
    assert isinstance(seen, StoreContribution)
    unknown = {path: fact for path, fact in facts_of(seen).items() if isinstance(fact, Unknown)}
    said_elsewhere = {path for path in unknown if path.endswith("/delivers")}  # by Databricks
    said_elsewhere |= {path for path, fact in unknown.items() if fact.reason is Reason.UNSUPPORTED}  # not of AWS
    assert set(unknown) - said_elsewhere == {"/replication/items/0/account"}  # its rule names no account
    assert (value(seen.account), value(seen.region)) == (LOG_ARCHIVE, archive.store.bucket.region)
    assert value(seen.encrypted) is True
    assert value(seen.acl.ownership) is Ownership.ENFORCED
    assert value(seen.integrity.versioning) is Versioning.ENABLED
    assert value(seen.integrity.worm_mode) is WormMode.COMPLIANCE
    assert value(seen.exposure.blocked.effective.restrict_public_buckets) is True
    assert value(seen.monitoring.access_logged) is True
    assert value(seen.monitoring.object_reads_recorded) is True
    assert value(seen.monitoring.object_writes_recorded) is True
    assert value(seen.monitoring.trail_validated) is True
    key, replica = followed.leads
    assert isinstance(key.target, KeyRef)
    assert (key.target.key_id, key.account) == (archive.key, LOG_ARCHIVE)
    assert (replica.target, replica.role) == (store("audit", archive.replica.name), Role.REPLICA)


def test_a_neglected_store_of_another_region(accounts: Accounts) -> None:
    retired = retired_audit_logs(accounts)
    with reading() as once:
        seen = store_of(retired.bucket.name, once, LEGACY)
    assert value(seen.region) == "eu-west-1"
    assert value(seen.integrity.versioning) is Versioning.SUSPENDED
    assert (value(seen.retention.days), value(seen.retention.noncurrent_days)) == (90, 7)
    assert value(seen.exposure.public_cors) is True
    assert value(seen.acl.ownership) is Ownership.WRITER
    assert value(seen.exposure.blocked.effective.ignore_public_acls) is False
    assert value(seen.monitoring.object_reads_recorded) is False


def test_every_read_of_a_bucket_names_the_owner_that_is_known(accounts: Accounts, aws_proxy: FaultProxy) -> None:
    old_bucket(accounts, OWN)
    versions = {"Status": "Enabled"}  # so that every call of a bucket has something to ask about
    accounts.client("s3").put_bucket_versioning(Bucket=OWN.name, VersioningConfiguration=versions)
    with reading() as once:
        store_of(OWN.name, once)
        kept = [call for call in once.kept() if call.resource == OWN.name]
    assert len(kept) == 15
    assert all(dict(call.parameters)["ExpectedBucketOwner"] == HOME for call in kept)
    assert {call.region for call in aws_proxy.calls if call.resource == OWN.name} == {"us-east-1"}


def test_each_operation_is_called_once_per_identity_and_resource(accounts: Accounts, aws_proxy: FaultProxy) -> None:
    archive = well_kept_audit_logs(accounts)
    new_bucket(accounts, OWN)
    wing = wing_of(LOG_ARCHIVE)
    writer = RoleRef(provider=Provider.AWS, arn=archive.store.writer)
    todo: list[Lead] = [lead(store("audit", archive.store.bucket.name)), lead(store("", OWN.name)), lead(writer)]
    aws_proxy.reset()
    with reading() as once:
        while todo:
            todo.extend(wing.follow(todo.pop(0), once).leads)
        wing.organisation(once)
        made = once.kept()
    assert set(aws_proxy.counts().values()) == {1}
    assert {call.operation for call in aws_proxy.calls} >= {"sts:AssumeRole", "kms:GetKeyPolicy", "iam:GetRole"}
    assert {call.operation for call in aws_proxy.calls} <= {call.operation for call in CALLS}
    assert len(aws_proxy.calls) == len(made)


def test_a_key_of_the_customer(accounts: Accounts) -> None:
    archive = well_kept_audit_logs(accounts)
    ref = KeyRef(provider=Provider.AWS, key_id=archive.key, account=LOG_ARCHIVE, region="us-east-1")
    kms = accounts.client("kms", account=LOG_ARCHIVE, region=archive.key.split(":")[3])
    kms.create_alias(AliasName="alias/logs", TargetKeyId=archive.key)
    alias = archive.key.rpartition(":key/")[0] + ":alias/logs"
    wing = wing_of(LOG_ARCHIVE)
    with reading() as once:
        for name in (archive.key, alias):
            target = KeyRef(provider=Provider.AWS, key_id=name)
            (seen,) = wing.follow(lead(target), once).contributions
            assert isinstance(seen, KeyContribution)
            assert seen.ref == target
            assert value(seen.manager) is KeyManager.CUSTOMER
            assert (value(seen.enabled), value(seen.rotating), value(seen.pending_deletion)) == (True, True, False)
        assert not [call.operation for call in once.kept() if call.reason]
    kms.schedule_key_deletion(KeyId=archive.key.rpartition("/")[2], PendingWindowInDays=7)
    with reading() as once:
        (seen,) = wing.follow(lead(ref), once).contributions
    assert isinstance(seen, KeyContribution)
    assert (value(seen.enabled), value(seen.pending_deletion)) == (False, True)


def test_a_key_that_is_not_there(accounts: Accounts) -> None:
    new_bucket(accounts, OWN)
    gone = KeyRef(
        provider=Provider.AWS, key_id=f"arn:aws:kms:us-east-1:{HOME}:key/0d5a1d2e-0000-4000-8000-000000000009"
    )
    with reading() as once:
        (seen,) = wing_of().follow(lead(gone), once).contributions
    assert isinstance(seen, KeyContribution)
    assert {value(seen.enabled), value(seen.rotating), value(seen.manager)} == {Reason.NOT_FOUND}


def test_the_writer_role_and_what_it_may(accounts: Accounts) -> None:
    archive = well_kept_audit_logs(accounts)
    iam = accounts.client("iam", account=LOG_ARCHIVE)
    statement = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}'
    )
    policy = iam.create_policy(PolicyName="more", PolicyDocument=statement)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=archive.store.writer.rpartition("/")[2], PolicyArn=policy)
    ref = RoleRef(provider=Provider.AWS, arn=archive.store.writer)
    with reading() as once:
        (seen,) = wing_of(LOG_ARCHIVE).follow(lead(ref), once).contributions
        operations = {call.operation: call for call in once.kept()}
    assert isinstance(seen, RoleContribution)
    trust = value(seen.trust_policy)
    assert "sts:ExternalId" in str(trust)
    assert operations["iam:GetRolePolicy"].answer is not None
    assert "s3:ListBucket" in str(operations["iam:GetPolicyVersion"].answer)


def test_a_role_of_an_account_without_an_identity_is_not_looked_up_in_our_own() -> None:
    ref = RoleRef(provider=Provider.AWS, arn="arn:aws:iam::999999999999:role/writer")
    with reading() as once:
        (seen,) = wing_of().follow(lead(ref), once).contributions
        assert [call.operation for call in once.kept()] == ["sts:GetCallerIdentity"]
    assert isinstance(seen, RoleContribution)
    assert isinstance(seen.trust_policy, Unknown)
    assert seen.trust_policy.needs == "a profile or role of account 999999999999 in posture.yaml"


def test_access_points_are_listed_once_and_read_with_their_policies(accounts: Accounts, aws_proxy: FaultProxy) -> None:
    other = Bucket(name="other-audit-logs", account=HOME)
    for bucket in (OWN, other):
        new_bucket(accounts, bucket)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{HOME}:root"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:us-east-1:{HOME}:accesspoint/side-door/object/*",
    }
    new_access_point(accounts, OWN, "side-door", [statement])
    new_access_point(accounts, other, "back-door")
    aws_proxy.reset()
    wing = wing_of()
    with reading() as once:
        for bucket in (OWN, other):
            wing.follow(lead(store("", bucket.name)), once)
        policies = {call.resource: call for call in once.kept() if call.operation == "s3control:GetAccessPointPolicy"}
    assert aws_proxy.count("s3control:ListAccessPoints") == 1
    assert "s3:GetObject" in str(policies["side-door"].answer)
    assert policies["back-door"].absent == "NoSuchAccessPointPolicy"


def test_multi_region_access_points_are_listed_once_and_in_oregon(accounts: Accounts, aws_proxy: FaultProxy) -> None:
    other = Bucket(name="other-audit-logs", account=HOME)
    for bucket in (OWN, other):
        new_bucket(accounts, bucket)
    new_multi_region_access_point(accounts, OWN, "wide-door")
    aws_proxy.reset()
    with reading() as once:
        seen = {bucket: store_of(bucket.name, once).exposure.access_points for bucket in (OWN, other)}
    ((point,), none) = (listed.items for listed in seen.values())
    assert str(value(point.name)).endswith(".mrap")
    assert (none, [listed.gaps for listed in seen.values()]) == ((), [(), ()])
    made = [call for call in aws_proxy.calls if "MultiRegion" in call.operation]
    assert [call.operation for call in made].count("s3control:ListMultiRegionAccessPoints") == 1
    assert {call.region for call in made} == {"us-west-2"}


def test_more_than_the_one_page_that_aws_promises_is_told(accounts: Accounts, aws_proxy: FaultProxy) -> None:
    new_bucket(accounts, OWN)
    root = "ListMultiRegionAccessPointsResult"
    body = f"<{root}><AccessPoints/><NextToken>2</NextToken></{root}>"
    answer = Answer(headers=(("Content-Type", "application/xml"),), body=body.encode())
    aws_proxy.add(Rule(operation="s3control:ListMultiRegionAccessPoints", answer=answer))
    with reading() as once:
        (gap,) = store_of(OWN.name, once).exposure.access_points.gaps
    assert gap.unknown.reason is Reason.MALFORMED


def test_the_organisation_and_its_accounts(accounts: Accounts) -> None:
    identity, members = new_organization(accounts, HOME, ["member"])
    with reading() as once:
        seen = wing_of().organisation(once)
    assert value(seen.id) == identity
    assert set(seen.accounts.items) == {HOME, *members.values()}
    assert seen.accounts.gaps == ()


def test_no_organisation_is_known() -> None:
    with reading() as once:
        assert value(wing_of().organisation(once).id) == ""


def test_a_bucket_of_an_account_that_nobody_can_read_stays_a_row_of_unknowns(accounts: Accounts) -> None:
    new_bucket(accounts, Bucket(name="foreign-audit-logs", account="999999999999"))
    with reading() as once:
        seen = store_of("foreign-audit-logs", once)
    account = seen.account
    assert isinstance(account, Unknown)
    assert account.needs == "the account of the store, and a profile or role of it, in posture.yaml"
    assert value(seen.integrity.versioning) is Reason.DENIED
    assert isinstance(seen.integrity.versioning, Unknown)
    assert seen.integrity.versioning.needs == "s3:GetBucketVersioning"
    assert value(seen.monitoring.object_reads_recorded) is Reason.NOT_COLLECTED


def test_trails_of_another_account_say_nothing_of_this_bucket(accounts: Accounts, aws_proxy: FaultProxy) -> None:
    new_bucket(accounts, OWN)
    with reading() as once:
        seen = store_of(OWN.name, once, hint="999999999999")
    assert value(seen.account) == "999999999999"
    recorded = seen.monitoring.object_reads_recorded
    assert isinstance(recorded, Unknown)
    assert recorded.needs == "a profile or role of account 999999999999 in posture.yaml"
    assert aws_proxy.count("cloudtrail:DescribeTrails") == 0


def test_a_bucket_that_is_not_there() -> None:
    with reading() as once:
        seen = store_of("no-such-audit-logs", once, hint=HOME)
        assert {call.operation for call in once.kept() if call.resource == "no-such-audit-logs"} == {
            "s3:GetBucketLocation"
        }
    assert {value(seen.region), value(seen.encrypted), value(seen.retention.days)} == {Reason.NOT_FOUND}


def test_no_session_is_opened_to_a_directory_bucket(accounts: Accounts, aws_proxy: FaultProxy) -> None:
    """The SDK would create one before any call, which no declared permission allows."""
    accounts.client("s3")
    aws_proxy.reset()
    with reading() as once:
        seen = store_of("logs--use1-az4--x-s3", once, hint=HOME)
    assert {value(seen.region), value(seen.encrypted), value(seen.retention.days)} == {Reason.UNSUPPORTED}
    assert [call for call in aws_proxy.calls if "--x-s3" in call.resource] == []


@pytest.mark.parametrize("name", ["acme.audit.logs", "a-1.b-2"])
def test_dots_in_a_name(accounts: Accounts, name: str) -> None:
    new_bucket(accounts, Bucket(name=name, account=HOME, region="eu-west-1"))
    with reading() as once:
        assert value(store_of(name, once).encrypted) is True


@pytest.mark.parametrize("name", ["büro-logs", "logs with spaces", "UPPER/..", "ログ"])
def test_a_name_that_no_bucket_can_have(name: str) -> None:
    with reading() as once:
        seen = store_of(name, once)
    assert isinstance(seen.encrypted, Unknown)
    assert "nvalid bucket name" in seen.encrypted.detail


def test_the_configured_owner_spares_the_list_of_buckets(accounts: Accounts, aws_proxy: FaultProxy) -> None:
    archive = well_kept_audit_logs(accounts)
    aws_proxy.reset()
    ref = store("audit", archive.store.bucket.name)
    settings = Settings(stores=(NamedStore(ref=ref, found="posture.yaml", account=LOG_ARCHIVE),))
    with reading() as once:
        (seen,) = wing_of(LOG_ARCHIVE, settings=settings).follow(lead(ref), once).contributions
    assert isinstance(seen, StoreContribution)
    assert value(seen.integrity.versioning) is Versioning.ENABLED
    assert aws_proxy.count("s3:ListBuckets") == 0


def test_one_role_that_cannot_be_assumed_hides_nothing_else(accounts: Accounts, aws_proxy: FaultProxy) -> None:
    archive = well_kept_audit_logs(accounts)
    new_bucket(accounts, OWN)
    denied = aws_proxy.fault("sts:AssumeRole", Fault.DENIED, resource=role(LOG_ARCHIVE).role_arn)
    wing = wing_of(LOG_ARCHIVE)
    with reading() as once:
        (seen,) = wing.follow(lead(store("audit", archive.store.bucket.name), account=LOG_ARCHIVE), once).contributions
        (own,) = wing.follow(lead(store("", OWN.name)), once).contributions
        identities = wing.identities(once)
    assert denied.met == 1
    assert isinstance(seen, StoreContribution)
    assert isinstance(own, StoreContribution)
    assert isinstance(seen.encrypted, Unknown)
    assert (seen.encrypted.reason, seen.encrypted.needs) == (Reason.DENIED, "sts:AssumeRole")
    assert value(seen.account) == LOG_ARCHIVE
    assert value(own.encrypted) is True
    assert [identity.label for identity in identities] == ["aws:default"]


def test_an_identity_of_the_wrong_account_is_not_used(aws_proxy: FaultProxy) -> None:
    wrong = AwsAccess(account="999999999999", role_arn=f"arn:aws:iam::{LOG_ARCHIVE}:role/posture-reader")
    wing = AwsWing(Settings(accounts=(wrong,)))
    with reading() as once:
        (seen,) = wing.follow(lead(store("", "any-logs"), account="999999999999"), once).contributions
    assert isinstance(seen, StoreContribution)
    assert isinstance(seen.encrypted, Unknown)
    assert seen.encrypted.detail == "the identity configured for account 999999999999 belongs to account 222222222222"
    assert not [call for call in aws_proxy.calls if call.resource == "any-logs"]


def test_a_profile_of_the_configuration_reads_its_account(
    accounts: Accounts, aws_proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    archive = well_kept_audit_logs(accounts)
    keys = accounts.credentials(LOG_ARCHIVE)
    profile = tmp_path / "credentials"
    profile.write_text(
        f"[archive]\naws_access_key_id={keys.key}\naws_secret_access_key={keys.secret}\naws_session_token={keys.token}\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(profile))
    settings = Settings(accounts=(AwsAccess(account=LOG_ARCHIVE, profile="archive"),))
    aws_proxy.reset()
    with reading() as once:
        (seen,) = AwsWing(settings).follow(lead(store("audit", archive.store.bucket.name)), once).contributions
    assert isinstance(seen, StoreContribution)
    assert value(seen.account) == LOG_ARCHIVE
    assert value(seen.integrity.versioning) is Versioning.ENABLED
    assert aws_proxy.count("sts:AssumeRole") == 0


def test_the_identity_configured_for_our_own_account_reads_it(accounts: Accounts, aws_proxy: FaultProxy) -> None:
    new_bucket(accounts, OWN)
    aws_proxy.reset()
    with reading() as once:
        store_of(OWN.name, once, HOME)
        readers = {call.identity for call in once.kept() if call.resource == OWN.name}
    assert readers == {f"aws:{HOME}"}


def test_who_asked(accounts: Accounts) -> None:
    archive = well_kept_audit_logs(accounts)
    wing = wing_of(LEGACY, LOG_ARCHIVE)
    with reading() as once:
        wing.follow(lead(store("audit", archive.store.bucket.name), account=LOG_ARCHIVE), once)
        used = wing.identities(once)
    assert [(one.label, one.account) for one in used] == [("aws:default", HOME), (f"aws:{LOG_ARCHIVE}", LOG_ARCHIVE)]
    assert used[1].principal == f"arn:aws:sts::{LOG_ARCHIVE}:assumed-role/posture-reader/posture"


def test_kept_answers_give_the_same_without_any_call(accounts: Accounts, aws_proxy: FaultProxy) -> None:
    archive = well_kept_audit_logs(accounts)
    leads = (
        lead(store("audit", archive.store.bucket.name)),
        lead(KeyRef(provider=Provider.AWS, key_id=archive.key)),
        lead(RoleRef(provider=Provider.AWS, arn=archive.store.writer)),
    )
    wing = wing_of(LOG_ARCHIVE)
    with reading() as once:
        live = [wing.follow(one, once) for one in leads]
        kept = once.kept()
    aws_proxy.reset()
    fresh = wing_of(LOG_ARCHIVE)
    with reading(replayed=kept) as again:
        assert [fresh.follow(one, again) for one in leads] == live
        assert fresh.identities(again) == wing.identities(again)
    assert aws_proxy.calls == []
    assert "SecretAccessKey" not in str(kept)


def test_retention_without_rules_is_for_ever(accounts: Accounts) -> None:
    new_bucket(accounts, OWN)
    with reading(concurrency=1) as once:
        assert value(store_of(OWN.name, once).retention.days) is FOREVER


def test_keys_of_a_session_are_sent(monkeypatch: pytest.MonkeyPatch, accounts: Accounts, aws_proxy: FaultProxy) -> None:
    keys: Credentials = accounts.credentials(LOG_ARCHIVE)
    environment(monkeypatch, aws_proxy.url, credentials=keys)
    new_bucket(accounts, Bucket(name="archive-logs", account=LOG_ARCHIVE))
    with reading() as once:
        account = store_of("archive-logs", once).account
    assert isinstance(account, Known)
    assert account.value == LOG_ARCHIVE
