"""`posture access` through the program's own entry: policies in, answers as a person and as a machine read them."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from posture import iam
from posture.access import Question, judge, store_access
from posture.access.text import render_access
from posture.model.facts import Gap, Known, Listing, Reason, Unknown
from posture.model.leads import StoreRef
from posture.model.settings import NamedStore, Settings
from posture.model.subjects import ActionClass as Granted
from posture.model.subjects import Bound, Grant, Kind, LogStore, Mode, Provider, Role, Scope
from posture.model.unread import unread
from posture.reports.options import Options
from posture.snapshot import Document as File
from posture.snapshot import Request, Snapshot, dump
from tests.e2e.commands import Run, posture
from tests.testbeds import aws as peers
from tests.testbeds.aws import Accounts, Moto

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SCHEMA = json.loads((ROOT / "posture" / "schemas" / "access.schema.json").read_text("utf-8"))
OWNER, FRIEND, DATABRICKS = "111122223333", "444455556666", "414351767826"
ORGANISATION = "o-a1b2c3d4e5"
BUCKET = "arn:aws:s3:::acme-audit-logs"
OBJECTS = f"{BUCKET}/*"
DELIVERY = f"arn:aws:iam::{DATABRICKS}:role/SaasUsageDeliveryRole-prod-IAMRole-3PLHICCRR1TK"
READER = f"arn:aws:iam::{FRIEND}:role/reader"
WIDE_DIGITS = "\uff11" * 12
Json = Any


def policy(*statements: Mapping[str, Json], version: str = "2012-10-17") -> dict[str, Json]:
    return {"Version": version, "Statement": list(statements)}


def allow(
    principal: Json = "*", action: Json = "s3:GetObject", resource: Json = OBJECTS, **rest: Json
) -> dict[str, Json]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, **rest}


def deny(principal: Json = "*", action: Json = "s3:*", resource: Json = "*", **rest: Json) -> dict[str, Json]:
    return {"Effect": "Deny", "Principal": principal, "Action": action, "Resource": resource, **rest}


def when(operator: str, key: str, value: Json) -> dict[str, Json]:
    return {"Condition": {operator: {key: value}}}


DELIVERED = policy(
    allow({"AWS": DELIVERY}, ["s3:PutObject", "s3:GetBucketLocation"], [BUCKET, OBJECTS], Sid="Delivery"),
    allow("*", "s3:GetObject", f"{BUCKET}/public/*", Sid="Public"),
    allow(
        {"AWS": FRIEND},
        ["s3:ListBucket", "s3:GetObject"],
        [BUCKET, OBJECTS],
        **when("Bool", "aws:MultiFactorAuthPresent", "true"),
    ),
    allow(
        {"AWS": "*"}, "s3:DeleteObject", OBJECTS, **when("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "203.0.113.0/24"])
    ),
    allow(
        {"Service": "logging.s3.amazonaws.com"},
        "s3:PutObject",
        OBJECTS,
        **when("StringEquals", "aws:SourceAccount", OWNER),
    ),
    deny(**when("Bool", "aws:SecureTransport", "false"), Sid="Https"),
)
HALF_KNOWN = policy(
    allow({"AWS": OWNER}, "s3:*", [BUCKET, OBJECTS], Sid="Owner"),
    allow({"AWS": FRIEND}, "s3:GetObject", OBJECTS, Sid="Odd", **when("StringResembles", "aws:UserAgent", "x")),
    deny({"AWS": OWNER}, "s3:ListBucket", BUCKET, **when("StringResembles", "aws:UserAgent", "x")),
)
ONLY_ORGANISATION = policy(
    deny(
        Sid="OnlyUs",
        Condition={
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANISATION},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    )
)


class Desk:
    """A folder with policy files, and the program beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, name: str, content: Json) -> str:
        data = (
            content
            if isinstance(content, bytes)
            else (content if isinstance(content, str) else json.dumps(content)).encode()
        )
        (self.folder / name).write_bytes(data)
        return name

    def __call__(self, *arguments: str) -> Run:
        run = posture("access", *arguments, environment={"COLUMNS": "80"}, folder=self.folder)
        assert "Traceback" not in run.err
        assert "bug" not in run.err
        return run

    def listing(self, *policies: Json, resource: str | None = BUCKET, options: Sequence[str] = ()) -> Run:
        named = [self.file(f"p{number}.json", content) for number, content in enumerate(policies)]
        about = ["--resource", resource] if resource else []
        return self(*itertools.chain(*(("--policy", name) for name in named)), "--account", OWNER, *about, *options)

    def record(self, *policies: Json, options: Sequence[str] = ()) -> Json:
        return read(self.listing(*policies, options=["--format", "json", *options]))

    def asked(self, request: Json, *policies: Json, options: Sequence[str] = ()) -> Json:
        file = self.file("request.json", request)
        return read(self.listing(*policies, options=["--request", file, "--format", "json", *options]))["request"]


def read(run: Run) -> Json:
    assert run.out.isascii(), run.err
    record = json.loads(run.out)
    Draft202012Validator(SCHEMA).validate(record)
    assert record["exit_code"] == run.code
    return record


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def compare(request: pytest.FixtureRequest, name: str, text: str) -> None:
    path = HERE / "golden" / name
    if request.config.getoption("--update-golden", default=False):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text("utf-8"), f"{name} differs; look at it, then write it anew"


def test_what_a_person_reads_of_a_bucket_policy(desk: Desk, request: pytest.FixtureRequest) -> None:
    run = desk.listing(DELIVERED, options=["--organisation", ORGANISATION])
    assert (run.code, run.err) == (0, "")
    compare(request, "bucket-policy.txt", run.out)


def test_what_a_person_reads_when_half_is_undetermined(desk: Desk, request: pytest.FixtureRequest) -> None:
    gate = desk.file("rcp.json", ONLY_ORGANISATION)
    run = desk.listing(HALF_KNOWN, options=["--organisation", ORGANISATION, "--gate", gate])
    assert run.code == 0
    compare(request, "half-known.txt", run.out)


def test_no_line_is_wider_than_the_terminal_but_for_a_word_that_is_whole(desk: Desk) -> None:
    for line in desk.listing(DELIVERED).out.splitlines():
        assert len(line) <= 80 or DELIVERY in line


def test_nobody_is_an_answer(desk: Desk) -> None:
    run = desk.listing(policy())
    assert run.code == 0
    assert "Nobody is let in." in run.out


def test_a_list_without_any_proof_is_undetermined(desk: Desk) -> None:
    run = desk.listing(policy(allow(**when("StringResembles", "aws:UserAgent", "x"))))
    assert run.code == 3
    assert "`StringResembles` is no condition operator" in run.out
    assert "nobody else" not in run.out


def test_a_proof_beside_a_doubt_is_an_answer(desk: Desk) -> None:
    record = desk.record(HALF_KNOWN)
    assert record["exit_code"] == 0
    assert record["policies"]["undetermined"]
    assert record["policies"]["problems"]


def ways(record: Json) -> set[tuple[str, str]]:
    return {(way["principal"]["kind"], way["action_class"]) for way in record["policies"]["ways"]}


def test_several_policies_are_a_union_and_a_gate_cuts(desk: Desk) -> None:
    friend = policy(allow({"AWS": FRIEND}, "s3:PutObject"))
    both = desk.record(policy(allow()), friend)
    assert ways(both) >= {("anonymous", "read"), ("account", "write")}
    gate = desk.file("gate.json", policy(deny(action="s3:GetObject")))
    cut = desk.record(policy(allow()), friend, options=["--gate", gate])
    assert ways(cut) == {("account", "write")}


def test_policies_of_one_name_are_told_apart(desk: Desk) -> None:
    (desk.folder / "again").symlink_to(desk.folder)
    name = desk.file("p.json", policy(allow(), allow({"AWS": FRIEND}, "s3:PutObject")))
    run = desk("--policy", name, "--policy", name, "--account", OWNER, "--format", "json")
    named = {statement["policy"] for way in read(run)["policies"]["ways"] for statement in way["statements"]}
    assert named <= {"p.json", "p.json (2)"}
    assert "p.json" in named


def test_a_folder_of_a_bucket_is_asked_about_alone(desk: Desk) -> None:
    logs = policy(allow(resource=f"{BUCKET}/logs/*"))
    assert ("anonymous", "read") in ways(
        read(desk.listing(logs, resource=f"{BUCKET}/logs", options=["--format", "json"]))
    )
    assert not ways(read(desk.listing(logs, resource=f"{BUCKET}/logs-of-others/*", options=["--format", "json"])))


def test_a_proof_that_takes_a_membership_for_granted_says_so(desk: Desk) -> None:
    gate = desk.file("gate.json", ONLY_ORGANISATION)
    record = desk.record(policy(allow({"AWS": FRIEND})), options=["--gate", gate, "--organisation", ORGANISATION])
    (way,) = record["policies"]["ways"]
    assert way["assumptions"] == [f"account {FRIEND} belongs to organisation {ORGANISATION}"]


@pytest.mark.parametrize("document", [DELIVERED, HALF_KNOWN, policy(allow({"AWS": FRIEND}, "s3:*", [BUCKET, OBJECTS]))])
def test_every_proof_can_be_asked_again(desk: Desk, document: Json) -> None:
    found = desk.record(document)["policies"]["ways"]
    assert found
    for way in found:
        answer = desk.asked(way["witness"], document)
        assert answer["answer"] == "allowed", way
        assert answer["statement"] in [statement | {"policy": "p0.json"} for statement in way["statements"]]


def ask(action: str = "s3:GetObject", principal: str = READER, context: Json = None) -> Json:
    return {"principal": principal, "action": action, "resource": f"{BUCKET}/k", "context": context}


ODD = when("StringResembles", "aws:UserAgent", "x")


@pytest.mark.parametrize(
    ("policies", "gates", "answer", "explicit", "statement", "code"),
    [
        ([policy(allow(Sid="A"))], [], "allowed", False, ("p0.json", 0, "A"), 0),
        ([policy()], [], "denied", False, None, 0),
        ([policy(allow({"AWS": OWNER}))], [], "denied", False, None, 0),
        ([policy(allow(), deny(Sid="D"))], [], "denied", True, ("p0.json", 1, "D"), 0),
        ([policy(allow()), policy(deny(Sid="D"))], [], "denied", True, ("p1.json", 0, "D"), 0),
        ([policy(), policy(deny({"AWS": OWNER}), allow())], [], "allowed", False, ("p1.json", 1, ""), 0),
        ([policy(allow())], [policy(allow())], "allowed", False, ("p0.json", 0, ""), 0),
        ([policy()], [policy(allow())], "denied", False, None, 0),
        ([policy(allow())], [policy(deny(Sid="G"))], "denied", True, ("g0.json", 0, "G"), 0),
        ([policy(allow())], [policy(deny(**ODD))], "undetermined", False, ("g0.json", 0, ""), 3),
        ([policy(allow()), policy(deny(**ODD))], [], "undetermined", False, ("p1.json", 0, ""), 3),
        ([policy(allow(**ODD))], [], "undetermined", False, ("p0.json", 0, ""), 3),
        ([policy(allow(**ODD)), policy(allow())], [], "allowed", False, ("p1.json", 0, ""), 0),
        ([policy(deny(**ODD))], [], "denied", False, None, 0),
        ([policy(allow(**ODD), deny())], [], "denied", True, ("p0.json", 1, ""), 0),
    ],
)
def test_one_request(  # noqa: PLR0917 - the columns of a table
    desk: Desk,
    policies: list[Json],
    gates: list[Json],
    answer: str,
    explicit: bool,  # noqa: FBT001 - as above
    statement: tuple[str, int, str] | None,
    code: int,
) -> None:
    cuts = itertools.chain(*(("--gate", desk.file(f"g{at}.json", gate)) for at, gate in enumerate(gates)))
    request = desk.file("request.json", ask())
    run = desk.listing(*policies, options=["--request", request, "--format", "json", *cuts])
    found = read(run)["request"]
    named = found["statement"] and (
        found["statement"]["policy"],
        found["statement"]["index"],
        found["statement"]["sid"],
    )
    assert (found["answer"], found["explicit"], named, run.code) == (answer, explicit, statement, code)
    assert bool(found["reasons"]) == (answer == "undetermined" or statement is None)


def test_a_request_is_answered_in_words(desk: Desk) -> None:
    request = desk.file("request.json", ask(context={"aws:SecureTransport": False}))
    run = desk.listing(DELIVERED, options=["--request", request])
    assert run.out.startswith("denied  s3:GetObject on arn:aws:s3:::acme-audit-logs/k by")
    assert "by    the Deny of p0.json Statement[5] `Https`" in run.out


def test_a_request_needs_no_account_but_uses_one(desk: Desk) -> None:
    own = policy(allow(**when("StringEquals", "aws:ResourceAccount", OWNER)))
    request = desk.file("request.json", ask())
    name = desk.file("own.json", own)
    assert desk("--policy", name, "--request", request).code == 3
    assert desk("--policy", name, "--request", request, "--account", OWNER).out.startswith("allowed")


CALLERS = ("*", READER, OWNER, "logging.s3.amazonaws.com", DELIVERY)
STATEMENTS = st.builds(
    lambda effect, principal, action, resource, condition: {
        "Effect": effect,
        "Principal": principal,
        "Action": action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    },
    st.sampled_from(["Allow", "Allow", "Deny", "Maybe"]),
    st.sampled_from(["*", {"AWS": FRIEND}, {"AWS": [OWNER, READER]}, {"Service": "logging.s3.amazonaws.com"}]),
    st.sampled_from(["s3:GetObject", "s3:*", "s3:Put*", ["s3:GetObject", "s3:ListBucket"]]),
    st.sampled_from([OBJECTS, "*", f"{BUCKET}/${{aws:username}}", BUCKET]),
    st.sampled_from(
        [
            None,
            {"StringEquals": {"aws:SourceIp": "203.0.113.7"}},
            {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
            {"Odd": {"aws:SourceIp": "x"}},
            {"StringEquals": {"aws:ResourceAccount": OWNER}},
        ]
    ),
)
REQUESTS = st.builds(
    lambda principal, action, resource, context: {
        "principal": principal,
        "action": action,
        "resource": resource,
        "context": context,
    },
    st.sampled_from(CALLERS),
    st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:ListBucket"]),
    st.sampled_from([BUCKET, f"{BUCKET}/k"]),
    st.sampled_from([{}, {"aws:SourceIp": "203.0.113.7"}, {"aws:SourceIp": "198.51.100.1"}]),
)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def judged(policies: Sequence[Json], gates: Sequence[Json], request: Json, owner: str = OWNER) -> iam.Answer:
    grants = [File(file=f"p{at}", text=json.dumps(each)) for at, each in enumerate(policies)]
    cuts = [File(file=f"g{at}", text=json.dumps(each)) for at, each in enumerate(gates)]
    found = judge(grants, cuts, File(file="r", text=json.dumps(request)), Question(owner=owner), NOW).request
    assert found is not None
    return found.answer


@given(st.lists(STATEMENTS, max_size=5), REQUESTS, st.sampled_from(["2012-10-17", "2008-10-17", "1999"]))
def test_of_one_policy_the_answer_is_that_of_the_engine(statements: list[Json], request: Json, version: str) -> None:
    document = policy(*statements, version=version)
    alone = iam.allows(document, iam.make_request(**request), owner=OWNER).answer
    assert judged([document], [], request) == alone


@given(st.lists(STATEMENTS, max_size=6), st.integers(0, 6), REQUESTS)
def test_of_a_policy_in_two_files_the_answer_is_that_of_the_whole(
    statements: list[Json], cut: int, request: Json
) -> None:
    apart = judged([policy(*statements[:cut]), policy(*statements[cut:])], [], request)
    assert apart == judged([policy(*statements)], [], request)


@given(st.lists(STATEMENTS, max_size=4), st.lists(STATEMENTS, max_size=3), REQUESTS)
def test_a_gate_never_lets_anybody_in(grants: list[Json], gate: list[Json], request: Json) -> None:
    before, after = judged([policy(*grants)], [], request), judged([policy(*grants)], [policy(*gate)], request)
    assert after == before or after is not iam.Answer.ALLOWED


def test_a_change_that_widens(desk: Desk) -> None:
    old, new = policy(allow({"AWS": FRIEND})), policy(allow({"AWS": FRIEND}), allow({"AWS": OWNER}, "s3:PutObject"))
    files = desk.file("old.json", old), desk.file("new.json", new)
    run = desk("--compare", *files, "--format", "json")
    assert run.code == 1
    proof = read(run)["comparison"]["witness"]
    assert desk.asked(proof, new)["answer"] == "allowed"
    assert desk.asked(proof, old)["answer"] == "denied"
    text = desk("--compare", *files)
    assert text.out.startswith("wider  new.json allows a request that old.json does not")
    assert f"proof s3:PutObject on {BUCKET}/" in text.out


def test_a_change_that_does_not_widen(desk: Desk) -> None:
    old, new = desk.file("old.json", policy(allow())), desk.file("new.json", policy(allow({"AWS": FRIEND})))
    run = desk("--compare", old, new)
    assert run.code == 0
    assert run.out.startswith("not wider  old.json allows every request that new.json allows")
    assert desk("--compare", old, old).code == 0


def test_a_change_that_cannot_be_decided(desk: Desk) -> None:
    run = desk("--compare", desk.file("old.json", policy()), desk.file("new.json", policy(allow(**ODD))))
    assert run.code == 3
    assert run.out.startswith("undetermined  whether new.json allows more than old.json")
    assert "`StringResembles` is no condition operator" in run.out


NESTED = '{"Version": "2012-10-17", "Statement": ' + "[" * 4000 + "]" * 4000 + "}"
REFUSED = {
    "empty": (b"", "the file is empty"),
    "no JSON": (b'{"Statement":\n}', ":2: this is not JSON: expecting value"),
    "a list": (b"[]", "the policy is not a JSON object"),
    "a text": (b'"x"', "the policy is not a JSON object"),
    "no statement": (b"{}", "there is no `Statement` in it"),
    "an answer of the AWS CLI": (b'{"Policy": "{}"}', "there is no `Statement` in it"),
    "a statement that is none": (b'{"Statement": [5]}', "a statement is missing or is not an object"),
    "UTF-16": ('{"Statement": []}'.encode("utf-16"), ":1: the file is not UTF-8 text"),
    "deep": (NESTED.encode(), "this is nested too deeply"),
    "deep in a condition": (
        b'{"Statement": {"Condition": ' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}}",
        "this is nested too deeply",
    ),
    "a key twice": (b'{"Statement": {"Effect": "Allow", "Effect": "Deny"}}', "the key `Effect` is there twice"),
    "a long number": (b'{"Statement": ' + b"9" * 5000 + b"}", "there is a number of thousands of digits in it"),
    "no number": (b'{"Statement": NaN}', "`NaN` is no JSON value"),
    "a megabyte": (
        json.dumps(policy(allow({"AWS": ["1" * 12] * 70_000}))).encode(),
        "the file is larger than 131,072 bytes",
    ),
}


@pytest.mark.parametrize("how", ["--policy", "--gate", "--compare"])
@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_policy_is_refused(desk: Desk, content: bytes, message: str, how: str) -> None:
    good, bad = desk.file("good.json", policy(allow())), desk.file("bad.json", content)
    arguments = {
        "--policy": ("--policy", bad, "--account", OWNER),
        "--gate": ("--policy", good, "--gate", bad, "--account", OWNER),
        "--compare": ("--compare", good, bad),
    }
    run = desk(*arguments[how])
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(f"posture: bad.json{message}" if message[0] == ":" else f"posture: bad.json: {message}")


def test_the_help_knows_the_answers_of_the_aws_cli(desk: Desk) -> None:
    run = desk.listing({"Policy": "{}"})
    assert "--query Policy --output text" in run.err


REQUEST_REFUSED = {
    "no object": ([], "request.json: a request is one JSON object"),
    "an unknown key": ({**ask(), "principle": "x"}, "request.json: `principle` is no key of a request"),
    "nothing asked": ({"principal": "*", "resource": BUCKET}, "request.json: `action` is missing"),
    "a pattern": (ask("s3:Get*"), "request.json: $.action: `s3:Get*` is no action"),
    "no text": ({**ask(), "resource": 5}, "request.json: $.resource: text is expected"),
    "nobody": (ask(principal="somebody"), "request.json: $.principal: `somebody` names no caller"),
    "a group": (ask(principal=f"arn:aws:iam::{FRIEND}:group/g"), "request.json: $.principal:"),
    "a context that is none": ({**ask(), "context": ["x"]}, "request.json: $.context: an object of condition keys"),
    "a deep value": (
        ask(context={"aws:SourceIp": {"a": 1}}),
        "request.json: $.context['aws:SourceIp']: text or a list",
    ),
    "no value": (ask(context={"aws:SourceIp": []}), "request.json: $.context['aws:SourceIp']: text or a list"),
    "one key in two spellings": (
        ask(context={"aws:SourceIp": "1.1.1.1", "aws:sourceip": "2.2.2.2"}),
        "request.json: $.context: `aws:sourceip` is there twice",
    ),
    "one key twice": (
        '{"action": "s3:GetObject", "action": "s3:PutObject"}',
        "request.json: the key `action` is there twice",
    ),
}


@pytest.mark.parametrize(("content", "message"), REQUEST_REFUSED.values(), ids=REQUEST_REFUSED)
def test_what_is_no_request_is_refused(desk: Desk, content: Json, message: str) -> None:
    run = desk.listing(policy(allow()), options=["--request", desk.file("request.json", content)])
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(f"posture: {message}")
    assert "  help: " in run.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "what is asked about must be one thing"),
        (("s3://acme", "--policy", "p.json"), "what is asked about must be one thing"),
        (("--policy", "p.json", "--compare", "p.json", "p.json"), "what is asked about must be one thing"),
        (("--policy", "p.json"), "`--account` is missing"),
        (("--policy", "p.json", "--account", "1234"), "`1234` is not an AWS account"),
        (("--policy", "p.json", "--account", WIDE_DIGITS), f"`{WIDE_DIGITS}` is not an AWS account"),
        (("--policy", "p.json", "--account", OWNER, "--organisation", "us"), "`us` is not an AWS organisation"),
        (("--policy", "p.json", "--account", OWNER, "--resource", "acme"), "`acme` is not an ARN"),
        (("--policy", "p.json", "--account", OWNER, "--resource", f"{BUCKET}-*"), f"`{BUCKET}-*` names more than one"),
        (("--policy", "absent.json", "--account", OWNER), "absent.json: cannot be read: no such file or directory"),
        (("--policy", ".", "--account", OWNER), ".: cannot be read: is a directory"),
        (("--compare", "p.json", "p.json", "--request", "p.json"), "`--request` cannot be used here"),
        (("--compare", "p.json", "p.json", "--resource", f"{BUCKET}/logs"), "`--compare` asks about a whole bucket"),
        (("s3://acme", "--account", OWNER), "`--account` cannot be used here"),
        (("ftp://acme",), "`ftp://acme` does not name a store"),
        (("--snapshot", "p.json"), "p.json: schema `None` is not"),
    ],
)
def test_what_cannot_be_asked_is_refused(desk: Desk, arguments: Sequence[str], message: str) -> None:
    desk.file("p.json", policy(allow()))
    run = desk(*arguments)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(f"posture: {message}")


HOSTILE = "\x1b[31m[bold red]x[/]##[error]\u202e\n::error::y\ud800"
HOSTILE_POLICY = policy(
    allow({"AWS": [FRIEND, f"arn:aws:iam::{FRIEND}:role/{HOSTILE}"]}, ["s3:GetObject", f"s3:{HOSTILE}"], Sid=HOSTILE),
    allow(
        {"AWS": FRIEND},
        "s3:PutObject",
        f"{BUCKET}/{HOSTILE}*",
        **when("StringEquals", f"aws:PrincipalTag/{HOSTILE}", HOSTILE),
    ),
    deny({"AWS": FRIEND}, "s3:PutObject", **when(HOSTILE, "aws:UserAgent", "x")),
)
HOSTILE_STATEMENT = policy(allow(), {HOSTILE: HOSTILE, "Effect": HOSTILE})


@pytest.mark.parametrize("options", [(), ("--format", "json")])
@pytest.mark.parametrize(("document", "code"), [(HOSTILE_POLICY, 0), (HOSTILE_STATEMENT, 3)])
def test_hostile_text_is_inert(desk: Desk, document: Json, code: int, options: Sequence[str]) -> None:
    run = desk.listing(document, options=options)
    assert run.code == code
    assert all(letter.isprintable() or letter == "\n" for letter in run.out)
    assert "##[error]" not in run.out
    assert not [line for line in run.out.splitlines() if line.lstrip().startswith("::")]
    compared = desk("--compare", desk.file("old.json", policy()), "p0.json", *options)
    asked = desk.listing(document, options=["--request", desk.file("r.json", ask(action=f"s3:{HOSTILE}")), *options])
    for other in (compared, asked):
        assert other.code in {0, 1, 3}
        assert all(letter.isprintable() or letter == "\n" for letter in other.out)


def test_hostile_text_in_a_refusal_is_inert(desk: Desk) -> None:
    for run in (
        desk.listing({HOSTILE: 1}),
        desk.listing('{"a\\u001b[2J": 1, "a\\u001b[2J": 2}'),
        desk("--policy", "x", "--account", "\x1b[2J"),
    ):
        assert run.code == 2
        assert "\x1b" not in run.err


LARGE = {
    "accounts": allow({"AWS": [f"{number:012d}" for number in range(100_000_000_000, 100_000_007_500)]}),
    "condition values": allow(
        **when("StringEquals", "aws:SourceVpce", [f"vpce-{number:08x}" for number in range(6_000)])
    ),
    "a long resource": allow(resource=f"{BUCKET}/{'a' * 120_000}"),
    "a pattern of stars": allow(resource=f"{BUCKET}/{'*?' * 2_000}"),
}


@pytest.mark.parametrize("statement", LARGE.values(), ids=LARGE)
def test_the_largest_policies_get_an_answer(desk: Desk, statement: Json) -> None:
    run = desk.listing(policy(statement))
    assert run.code in {0, 3}
    assert len(run.out) < 400_000


def test_files_are_judged_without_any_sdk(desk: Desk) -> None:
    name = desk.file("p.json", DELIVERED)
    code = (
        "import sys\nfrom posture.cli import main\n"
        f"assert main(['access', '--policy', {name!r}, '--account', '{OWNER}']) == 0\n"
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", code],
        cwd=desk.folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(ran.stderr.split())
    assert "rich" in loaded
    assert not loaded & {"boto3", "botocore", "azure", "google", "databricks", "jsonschema"}


# --- stores ----------------------------------------------------------------------------------------------------------


def saved(desk: Desk) -> str:
    ref = StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name="acme-audit-logs", prefix="databricks")
    request = Request(
        settings=Settings(stores=(NamedStore(ref=ref, found="--store"),)), policies=(), as_of="2026-06-01T00:00:00Z"
    )
    return desk.file("snapshot.json", dump(Snapshot(request=request, kept=(), version="0.1.0")))


def test_a_store_that_nobody_read_is_undetermined(desk: Desk) -> None:
    run = desk("s3://acme-audit-logs/databricks", "--snapshot", saved(desk))
    assert run.code == 3
    assert run.out.startswith("s3://acme-audit-logs/databricks\n")
    assert "Who can reach it is undetermined:" in run.out
    assert "obody" not in run.out
    record = read(desk("--snapshot", "snapshot.json", "--format", "json"))
    assert record["stores"][0]["gaps"]
    assert record["as_of"] == "2026-06-01T00:00:00Z"


def test_a_store_that_is_not_in_the_snapshot_is_refused(desk: Desk) -> None:
    run = desk("s3://acme-audit-logs", "--snapshot", saved(desk))
    assert (run.code, run.out) == (2, "")
    assert "did you mean `s3://acme-audit-logs/databricks`?" in run.err


def known(value: Any) -> Known[Any]:  # noqa: ANN401 - the value of any fact
    return Known(value=value, sources=())


def granted(**facts: Any) -> Grant:  # noqa: ANN401 - as above
    return Grant(**{field.name: facts.get(field.name, known("")) for field in fields(Grant)})


DENIED = Unknown(reason=Reason.DENIED, detail="AccessDenied", needs="s3:GetBucketPublicAccessBlock")


def store(*grants: Grant, gaps: Sequence[Gap] = ()) -> LogStore:
    empty = unread(
        LogStore,
        DENIED,
        provider=Provider.AWS,
        kind=Kind.S3_BUCKET,
        uri="s3://logs",
        role=Role.DELIVERY,
        mode=Mode.LIVE,
    )
    return replace(empty, account=known(OWNER), grants=Listing(items=tuple(grants), gaps=tuple(gaps)))


def page(*stores: LogStore) -> tuple[int, str]:
    access = store_access(stores, "2026-06-01T00:00:00Z")
    return access.exit_code, render_access(access, Options())


PUT = granted(
    principal=known(READER), account=known(FRIEND), action=known(Granted.WRITE), scope=known(Scope.VENDOR),
    bound=known(Bound.ANYWHERE), via=known("bucket policy Statement[0]"), witness=known(f"{READER}: s3:PutObject on x"),
)  # fmt: skip


def test_the_grants_of_a_store() -> None:
    bounded = replace(
        PUT, principal=known("*"), account=known(""), scope=known(Scope.PUBLIC), bound=known(Bound.NAMED_NETWORK)
    )
    code, text = page(store(PUT, bounded))
    assert code == 0
    table, _, below = text.partition("WRITE\n")
    assert [line.split() for line in table.splitlines() if line.startswith(("anyone", " " * 20))] == [
        ["·", "·", "yes", "·", "·"],
        ["anyone", "(public)", "·", "·", "if", "·", "·"],
    ]
    assert f"  {READER} (vendor)\n    by    bucket policy Statement[0]\n" in below
    assert "    where named network\n" in below
    assert "  nobody else\n\nLIST, READ, DELETE, ADMINISTER\n  nobody\n" in below


def test_a_grant_that_a_filter_may_remove_is_no_proof() -> None:
    code, text = page(store(replace(PUT, bound=DENIED)))
    assert code == 0
    assert "open  bound: denied, AccessDenied; needs s3:GetBucketPublicAccessBlock" in " ".join(
        text.split("\n")
    ).replace("          ", " ")
    assert "?: undetermined" in text


def test_a_gap_stands_where_it_can_matter() -> None:
    _, text = page(store(PUT, gaps=[Gap(unknown=DENIED, limits=(("action", ("read",)),))]))
    assert "READ\n  undetermined: 1 gap, see below\n" in text
    assert "LIST, DELETE, ADMINISTER\n  nobody\n" in text
    assert "There may be more:\n  denied, AccessDenied; needs s3:GetBucketPublicAccessBlock\n" in text


def test_a_gap_alone_is_no_answer_and_nothing_at_all_is_one() -> None:
    assert page(store(gaps=[Gap(unknown=DENIED)]))[0] == 3
    assert page(store(PUT, gaps=[Gap(unknown=DENIED)]))[0] == 0
    code, text = page(store())
    assert code == 0
    assert "Nobody is let in." in text


@pytest.mark.peers
def test_a_store_is_read_live(aws: Moto, accounts: Accounts, desk: Desk) -> None:
    client = accounts.client("s3", account=peers.HOME)
    client.create_bucket(Bucket="acme-audit-logs")
    environment = {**peers.environment(aws.url), "COLUMNS": "80"}
    run = posture(
        "access", "s3://acme-audit-logs/databricks", "--format", "json", environment=environment, folder=desk.folder
    )
    record = read(run)
    (found,) = record["stores"]
    assert found["uri"] == "s3://acme-audit-logs/databricks"
    assert found["account"] == peers.HOME
