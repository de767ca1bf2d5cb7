"""What goes wrong outside: each time a clear message, the right exit code, every row, and never a traceback."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from posture.model.subjects import About
from posture.policy.document import load_policies
from posture.policy.shipped import shipped_policies
from tests.e2e.commands import Run, posture, scanned
from tests.e2e.policies import policy
from tests.e2e.world import CONFIGURATION, World, short_limits
from tests.testbeds.broken import Answer, Fault
from tests.testbeds.databricks import ACCOUNT, TOKEN
from tests.testbeds.estate import delivery, good_account
from tests.testbeds.faults import Rule
from tests.testbeds.records import delivered, storage_configuration

pytestmark = pytest.mark.peers

TEMPLATE = "s3://template-audit-logs/audit-logs"
RETIRED = "s3://retired-audit-logs"
CLOSED = "s3://unreadable-audit-logs/audit-logs"
NOWHERE = "http://127.0.0.1:9"
STORE_CONTROLS = sum(
    control.info.about is About.STORE
    for policy in load_policies(str(path) for path in shipped_policies())
    for control in policy.controls
)


@pytest.fixture
def scan(world: World, tmp_path: Path) -> Callable[..., Run]:
    """A scan with changes to the environment; an empty value takes a variable away."""
    world.good()
    (tmp_path / CONFIGURATION).write_text(world.configuration, encoding="utf-8")

    def run(*arguments: str, **changes: str) -> Run:
        environment = {name: value for name, value in {**world.environment, **changes}.items() if value}
        with short_limits(2.0):
            ended = scanned(*arguments, environment=environment, folder=tmp_path)
        assert "Traceback" not in ended.err + ended.out
        return ended

    return run


def refused(run: Run, *words: str) -> None:
    assert (run.code, run.out) == (2, ""), run.err
    for word in words:
        assert word in run.err


def unknown(run: Run, store: str) -> set[str]:
    """The reasons for which a store's facts are unknown."""
    rows = [row for row in run.report["findings"] if row["subject"] == store]
    assert len(rows) == STORE_CONTROLS
    return {seen["unknown"]["reason"] for row in rows for seen in row["evidence"] if seen["unknown"]}


# --- credentials ---


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch"])
def test_credentials_that_aws_does_not_take(world: World, scan: Callable[..., Run], code: str) -> None:
    body = f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
    answer = Answer(status=403, headers=(("Content-Type", "text/xml"),), body=body.encode())
    world.bed.aws.add(Rule(operation="sts:GetCallerIdentity", answer=answer))
    refused(scan("--store", TEMPLATE), f"no usable credentials for AWS: {code}", "aws sts get-caller-identity")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("RequestTimeTooSkewed", "The difference between the request time and the current time is too large"),
        ("SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z"),
    ],
)
def test_a_clock_that_is_wrong(world: World, scan: Callable[..., Run], code: str, words: str) -> None:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{words}</Message></Error>"
    answer = Answer(status=403, headers=(("Content-Type", "text/xml"),), body=f"<E>{error}</E>".encode())
    world.bed.aws.add(Rule(operation="sts:GetCallerIdentity", answer=answer))
    refused(scan("--store", TEMPLATE), words, "set the clock of this machine")


def test_a_profile_that_is_not_there(scan: Callable[..., Run]) -> None:
    refused(scan("--store", TEMPLATE, "--aws-profile", "nobody"), "nobody")
    refused(scan("--databricks-profile", "nobody"), "nobody")


def test_a_wrong_databricks_secret(scan: Callable[..., Run]) -> None:
    refused(scan(DATABRICKS_CLIENT_SECRET="wrong"), "refused to sign us in", "DATABRICKS_CLIENT_SECRET")


def test_a_wrong_databricks_account(scan: Callable[..., Run], world: World, tmp_path: Path) -> None:
    other = "00000000-0000-4000-8000-000000000000"
    (tmp_path / CONFIGURATION).write_text(world.configuration.replace(ACCOUNT, other), encoding="utf-8")
    refused(scan(), f"does not know the account `{other}`")


def test_a_databricks_identity_without_the_role(scan: Callable[..., Run], world: World) -> None:
    state = good_account(world.bed.estate.archive.store, now=world.now)
    world.begin(replace(state, tokens_without_role=frozenset({TOKEN})))
    run = scan(DATABRICKS_TOKEN=TOKEN, DATABRICKS_CLIENT_ID="", DATABRICKS_CLIENT_SECRET="")
    assert run.code == 3
    assert run.rows["audit-log-delivery-enabled", f"databricks://{ACCOUNT}"] == "unknown"
    assert {place["unknown"]["needs"] for place in run.report["unlooked"]} == {"account admin"}
    assert "account admin" in run.out


def test_an_identity_that_belongs_to_another_account(scan: Callable[..., Run], world: World, tmp_path: Path) -> None:
    role = "arn:aws:iam::{}:role/posture-read-only"
    named = f'{{role_arn: "{role.format("333333333333")}"}}'
    assert named in world.configuration
    (tmp_path / CONFIGURATION).write_text(world.configuration.replace(named, "{profile: legacy}"), encoding="utf-8")
    profile = f"[profile legacy]\nrole_arn = {role.format('999999999999')}\ncredential_source = Environment\n"
    (tmp_path / "aws-config").write_text(profile, encoding="utf-8")
    run = scan("--store", RETIRED, AWS_CONFIG_FILE=str(tmp_path / "aws-config"))
    assert run.code == 3
    assert set(run.rows.values()) - {"not_applicable"} == {"unknown"}
    details = {seen["unknown"]["detail"] for row in run.report["findings"] for seen in row["evidence"]}
    assert "the identity configured for account 333333333333 belongs to account 999999999999" in details


# --- the network ---


def test_aws_out_of_reach(scan: Callable[..., Run]) -> None:
    refused(scan("--store", TEMPLATE, AWS_ENDPOINT_URL=NOWHERE), "cannot reach AWS", "HTTPS_PROXY")
    refused(scan("--store", TEMPLATE, AWS_ENDPOINT_URL="aws.example"), "cannot reach AWS", "aws.example")


def test_databricks_out_of_reach(scan: Callable[..., Run], world: World, tmp_path: Path) -> None:
    away = world.configuration.replace(world.bed.databricks.url, NOWHERE)
    (tmp_path / CONFIGURATION).write_text(away, encoding="utf-8")
    refused(scan(), f"cannot reach Databricks at `{NOWHERE}`")


def test_a_server_that_hangs_costs_one_answer(scan: Callable[..., Run], world: World) -> None:
    world.bed.aws.fault("s3:GetBucketVersioning", Fault.HANG)
    world.bed.databricks.fault("databricks:workspaces", Fault.HANG)
    began = time.monotonic()
    run = scan()
    world.bed.aws.reset()
    world.bed.databricks.reset()
    assert time.monotonic() - began < 20
    assert run.code in {1, 3}
    assert run.rows["versioning-enabled", "s3://well-kept-audit-logs/audit"] == "unknown"
    assert run.rows["encrypted-with-customer-key", "s3://well-kept-audit-logs/audit"] == "pass"
    assert "timeout" in unknown(run, "s3://well-kept-audit-logs/audit")
    assert [place["unknown"]["reason"] for place in run.report["unlooked"]] == ["timeout"]


def test_a_databricks_host_that_hangs_at_sign_in(scan: Callable[..., Run], world: World) -> None:
    world.bed.databricks.fault("databricks:token", Fault.HANG)
    run = scan()
    world.bed.databricks.reset()
    refused(run, "did not let us sign in within")


# --- buckets ---


def test_a_bucket_that_does_not_exist(scan: Callable[..., Run]) -> None:
    store = "s3://a-bucket-that-nobody-made/logs"
    run = scan("--store", store)
    assert run.code == 3
    of_store = {outcome for (_, subject), outcome in run.rows.items() if subject == store}
    assert of_store - {"not_applicable"} == {"unknown"}
    assert "not_found" in unknown(run, store)
    assert "NoSuchBucket" in run.out
    assert "the account of the store" not in run.out, "nobody owns it, and no identity would help"


def test_a_bucket_in_another_region(scan: Callable[..., Run]) -> None:
    near, far = scan("--store", RETIRED), scan("--store", RETIRED, AWS_DEFAULT_REGION="ap-southeast-2")
    assert near.rows == far.rows
    (subject,) = far.report["subjects"]
    assert (subject["account"], subject["region"]) == ("333333333333", "eu-west-1")


def test_a_bucket_in_an_account_that_lets_nobody_in(scan: Callable[..., Run]) -> None:
    run = scan("--store", CLOSED)
    assert run.code == 3
    assert set(run.rows.values()) - {"not_applicable"} == {"unknown"}
    assert "denied" in unknown(run, CLOSED)


@pytest.mark.parametrize(
    "body", ['{"Version": "2012-10-17", "Statement": [', "[]", "null", '"text"', "\x00", "{" * 5000]
)
def test_a_bucket_policy_that_is_no_policy(scan: Callable[..., Run], world: World, body: str) -> None:
    before = scan("--store", RETIRED).rows
    world.bed.aws.add(Rule(operation="s3:GetBucketPolicy", answer=Answer(body=body.encode())))
    run = scan("--store", RETIRED)
    assert (run.code, run.err) == (1, "")
    assert run.rows.keys() == before.keys()
    changed = {row for row in before if run.rows[row] != before[row]}
    assert {run.rows[row] for row in changed} == {"unknown"}
    assert ("clear-text-refused", RETIRED) in changed
    assert ("versioning-enabled", RETIRED) not in changed


# --- names ---


@pytest.mark.parametrize(
    "uri", ["s3://bücket/logs", "s3://a..b", "s3://", "s3://x", "s3://a b/c", "s3://192.168.1.1/x"]
)
def test_a_uri_that_cannot_be_a_store(scan: Callable[..., Run], uri: str, world: World) -> None:
    refused(scan("--store", uri), uri)
    assert world.bed.aws.calls == []


@pytest.mark.parametrize("prefix", ["prüf/логи/ログ", "a.b/../c", "[red]loud[/red]", "a%2Fb+c d", "=cmd|' /C calc'!A0"])
def test_a_prefix_of_any_letters(scan: Callable[..., Run], prefix: str) -> None:
    store = f"s3://acme.workspace-root/{prefix}"
    run = scan("--store", store, "--output", "report.html", "--output", "report.csv")
    assert run.code == 1
    assert {subject for _, subject in run.rows} == {store}
    assert len(run.rows) == STORE_CONTROLS


@pytest.mark.parametrize("bucket", ["bücket-日本", "[/red]", "..", "", "a/b", "x" * 5000, "\x1b[2J"])
def test_a_bucket_name_that_databricks_should_not_have(scan: Callable[..., Run], world: World, bucket: str) -> None:
    store = world.bed.estate.archive.store
    state = good_account(store, now=world.now)
    odd = storage_configuration(f"{store.bucket.name}-storage", bucket)
    world.begin(replace(state, storage_configurations=(state.storage_configurations[0], odd)))
    run = scan()
    assert run.err == ""
    assert run.code in {1, 3}
    assert "\x1b" not in run.out
    stores = [subject for subject in run.report["subjects"] if subject["about"] == "store"]
    assert stores or run.report["unlooked"], "the store vanished, and nothing says so"
    assert run.rows["audit-log-delivery-enabled", f"databricks://{ACCOUNT}"] == "pass"


# --- size ---


def test_ten_thousand_deliveries_take_ten_times_a_thousand(scan: Callable[..., Run], world: World) -> None:
    """At most: a run has a floor too, so that anything linear stays below ten times, and the square of it does not."""
    taken = {}
    for number in (1000, 10_000):
        store = world.bed.estate.template
        state = good_account(store, now=world.now)
        one = delivery(store, health=delivered(world.now))
        many = tuple({**one, "config_id": f"c-{index}", "config_name": f"c-{index}"} for index in range(number))
        world.begin(replace(state, log_delivery=many, page_size=500))
        began = time.process_time()
        run = scan()
        taken[number] = time.process_time() - began
        assert run.rows["audit-log-delivery-succeeding", f"databricks://{ACCOUNT}"] == "pass"
        assert world.bed.databricks.count("databricks:log-delivery") == number // 500
        assert {s["uri"] for s in run.report["subjects"] if s["about"] == "store"} == {TEMPLATE}
    assert taken[10_000] < 15 * taken[1000], taken


# --- posture.yaml ---

HOSTILE = {
    "text": b"just words",
    "list": b"- a\n- b\n",
    "empty list of hosts": b"databricks: {}\n",
    "unclosed": b"stores: [\n",
    "tab": b"stores:\n\t- uri: s3://bucket\n",
    "not UTF-8": b"\xff\xfe\x00",
    "NUL": b"stores:\x00 []\n",
    "control character": b"trust: {accounts: ['\x1b[2J']}\n",
    "constructor": b"databricks: !!python/object/apply:os.system ['touch pwned']\n",
    "doubled key": b"stores: []\nstores: []\n",
    "bomb": b"a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n",
    "deep": b"stores: " + b"[" * 5000 + b"]" * 5000,
    "large": b"# " + b"x" * (2 << 20),
    "octal account": b"accounts:\n  012345670123: {profile: p}\n",
    "file": b"stores: [{uri: 'file:///etc/passwd'}]\n",
    "host with a password": b"databricks: [{host: 'https://user:hunter2@host', account_id: x}]\n",
    "misspelt": b"databrick: [{host: h}]\n",
    "both ways in": b"accounts: {'111111111111': {profile: p, role_arn: 'arn:aws:iam::111111111111:role/r'}}\n",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_configuration(kind: str, world: World, tmp_path: Path) -> None:
    world.good()
    (tmp_path / CONFIGURATION).write_bytes(HOSTILE[kind])
    began = time.monotonic()
    run = posture("scan", environment=world.environment, folder=tmp_path)
    assert time.monotonic() - began < 10
    refused(run, CONFIGURATION)
    assert "Traceback" not in run.err
    assert "\x1b" not in run.err
    assert "hunter2" not in run.err
    assert not (tmp_path / "pwned").exists()
    assert world.bed.aws.calls + world.bed.databricks.calls == []


def test_an_empty_configuration_names_nothing_and_is_no_error(world: World, tmp_path: Path) -> None:
    world.hidden()
    (tmp_path / CONFIGURATION).write_bytes(b"")
    rule = policy(tmp_path, "exposure.website", "false")
    run = scanned("--store", TEMPLATE, "--policy", rule, environment=world.environment, folder=tmp_path)
    assert run.code in {0, 2, 3}
    assert "Traceback" not in run.err
