import json
import tracemalloc
from pathlib import Path

import pytest

from posture.errors import InputError, PlanError
from posture.terraform.document import MOST_BYTES, MOST_VALUES, Kind
from posture.terraform.read import parse_plan, read_plan
from tests.terraform.plans import document, one, planned, read, store

TINY = json.dumps(document([store(name="logs")]))


def refusal(data: bytes) -> PlanError:
    with pytest.raises(PlanError) as caught:
        parse_plan(data, "plan.json")
    return caught.value


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "plan.json: this is empty"),
        (b" \n", "plan.json: this is empty"),
        (TINY.encode()[:-5], "plan.json:1: this JSON ends too early"),
        (b'{"format_version": "1.', "plan.json:1: this JSON ends too early"),
        (b'{"a": 1} x', "plan.json:1: this is not JSON: extra data"),
        (b"Terraform used the selected providers", "plan.json:1: this is not JSON: expecting value"),
        (b'{"@level":"info","@message":"Terraform 1.11.4"}\n{"@level":"info"}', "plan.json: this is the log of"),
        (b"\xff\xfe\x00", "plan.json: this is not UTF-8 text"),
        (b'{"a": "\x80"}', "plan.json: this is not UTF-8 text"),
        (b'{"format_version": NaN}', "plan.json: this holds a number that no plan has"),
        (b'{"format_version": ' + b"9" * 5000 + b"}", "plan.json: this holds a number that no plan has"),
        (b"[" * 100_000 + b"]" * 100_000, "plan.json: this is nested too deeply"),
        (
            b'{"format_version": "1.0", "resource_changes": ' + b"[" * 300 + b"]" * 300 + b"}",
            "this is nested too deeply",
        ),
        (b'{"format_version": "1.0", "resource_changes": [], "x": "\\ud800"}', "holds a text that is not Unicode"),
        (b"[]", "plan.json: this is not a Terraform plan"),
        (b"null", "plan.json: this is not a Terraform plan"),
        (b'{"steps": [], "changeSummary": {}}', "plan.json: this is not a Terraform plan"),
        (b'{"format_version": "1.0"}', "plan.json: this is not a Terraform plan"),
        (b'{"version": 4, "serial": 3, "lineage": "x", "resources": []}', "this is a raw state file, not a plan"),
        (b'{"format_version": "1.0", "values": {}}', "plan.json: this is a state, not a plan"),
        (b'{"format_version": "2.0", "planned_values": {}}', "format version `2.0` is not supported"),
        (b'{"format_version": "10.1", "planned_values": {}}', "format version `10.1` is not supported"),
        (b'{"format_version": 1, "planned_values": {}}', "plan.json: format_version: expected a text"),
        (b'{"format_version": "1.2", "planned_values": {}, "errored": true}', "this plan ended in an error"),
        (b'{"format_version": "1.2", "planned_values": {}, "errored": "no"}', "errored: expected true or false"),
        (b'{"format_version": "1.2", "resource_changes": {}}', "resource_changes: expected an array"),
        (b'{"format_version": "1.2", "resource_changes": [3]}', "resource_changes[0]: expected an object"),
        (b'{"format_version": "1.2", "resource_changes": [{}]}', "resource_changes[0].address: expected the address"),
        (b'{"format_version": "1.2", "planned_values": [1]}', "planned_values: expected an object"),
    ],
)
def test_what_is_not_a_plan_is_refused_in_one_line(data: bytes, message: str) -> None:
    error = refusal(data)
    assert isinstance(error, InputError)
    assert message in error.message
    assert "\n" not in error.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_encoding_that_a_shell_writes(encoding: str) -> None:
    data = json.dumps(document([store("x_store.b", name="bücket")]), ensure_ascii=False).encode(encoding)
    plan = parse_plan(data, "plan.json")
    assert one(plan, "x_store.b").after.text("name").map(str) == one(plan, "x_store.b").after.text("name")
    assert "bücket" in repr(one(plan, "x_store.b").after.text("name"))


@pytest.mark.parametrize("version", ["0.1", "0.2", "1.0", "1.1", "1.2", "1.99"])
def test_every_minor_version_and_unknown_members_are_read(version: str) -> None:
    body = document([store(name="logs")], format_version=version, something_new={"x": [1]})
    assert len(read(body).resources) == 1


def test_no_version_of_terraform_is_refused() -> None:
    assert planned([store(name="logs")], terraform_version="99.0.0-beta1").terraform_version == "99.0.0-beta1"


def test_more_than_can_be_read_is_refused_before_it_is_parsed() -> None:
    assert "larger than 64 MB" in refusal(b" " * (MOST_BYTES + 1)).message
    assert f"more than {MOST_VALUES:,} values" in refusal(b"[" + b"[]," * MOST_VALUES).message


def test_a_file_of_100_mb_is_not_even_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(PlanError, match="larger than 64 MB"):
            read_plan(str(path))
        assert tracemalloc.get_traced_memory()[1] < 2 * MOST_BYTES + 10_000_000
    finally:
        tracemalloc.stop()


def test_files_that_cannot_be_read() -> None:
    for name, why in (
        ("/nowhere/plan.json", "no such file or directory"),
        ("/", "is a directory"),
        ("a\0b", "no file name"),
    ):
        with pytest.raises(PlanError, match=why):
            read_plan(name)


def test_a_state_is_read_when_it_is_asked_for() -> None:
    body = {
        "format_version": "1.0",
        "values": {
            "root_module": {
                "resources": [
                    {
                        "address": "x_store.a",
                        "mode": "managed",
                        "type": "x_store",
                        "name": "a",
                        "provider_name": "registry.example/acme/x",
                        "values": {"name": "logs", "secret": "hunter2"},
                        "sensitive_values": {"secret": True},
                    }
                ]
            }
        },
    }
    plan = parse_plan(json.dumps(body).encode(), "state.json", kinds=frozenset({Kind.STATE}))
    assert plan.kind is Kind.STATE
    assert "logs" in repr(one(plan, "x_store.a").after.text("name"))
    assert "hunter2" not in repr(plan.resources)
    with pytest.raises(PlanError, match="this is a plan, not a state"):
        parse_plan(TINY.encode(), "plan.json", kinds=frozenset({Kind.STATE}))
