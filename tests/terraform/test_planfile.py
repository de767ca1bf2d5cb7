import contextlib
import io
import json
import stat
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from posture.errors import PlanError
from posture.terraform.planfile import open_plan_file, show
from posture.terraform.read import read_plan
from posture.terraform.sources import MOST_BYTES, Line
from tests.terraform.plans import STORE, Free, document, module, one, refs, rule, store, written

MADE = "2026-01-02T03:04:05Z"
MODULES = [
    {"Key": "", "Dir": "."},
    {"Key": "m", "Dir": "modules/m"},
    {"Key": "m.far", "Dir": ".terraform/modules/m.far"},
]
FILES = {
    "tfplan": f"\x08\x03 {MADE} 1.11.4",
    "tfstate": '{"secret": "hunter2"}',
    "tfstate-prev": '{"secret": "hunter2"}',
    "tfconfig/modules.json": json.dumps(MODULES),
    "tfconfig/m-/main.tf": 'locals {\n  bkt = x_store.a.id\n}\n\nmodule "m" {\n  source = "./modules/m"\n}\n',
    "tfconfig/m-m/rules.tf": '\nresource "x_rule" "r" {\n  store = var.store\n}\nmodule "far" {\n  source = "far"\n}\n',
    "tfconfig/m-m.far/far.tf": 'resource "x_rule" "f" {}\n',
    ".terraform.lock.hcl": 'provider "registry.example/acme/x" {}\n',
}
INNER = module(
    written("x_rule.r", store=refs("var.store")), far={"module": module(written("x_rule.f", store=refs("var.store")))}
)
ROOT = module(
    written("x_store.a"),
    m={"module": INNER, "source": "./modules/m", "expressions": {"store": refs("local.bkt")}},
)
PLAN = document([store(), rule("module.m.x_rule.r"), rule("module.m.module.far.x_rule.f")], ROOT, timestamp=MADE)


def packed(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def saved(folder: Path, files: Mapping[str, str] = FILES, beside: object = PLAN) -> str:
    path = folder / "plan.bin"
    path.write_bytes(packed(files))
    if beside is not None:
        (folder / "plan.bin.json").write_text(json.dumps(beside))
    return str(path)


def program(folder: Path, body: str, name: str = "terraform") -> Path:
    """A stand-in for the program on PATH."""
    (folder / "bin").mkdir(exist_ok=True)
    path = folder / "bin" / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path.parent


@pytest.fixture(autouse=True)
def _no_terraform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def test_the_json_beside_a_saved_plan_is_read_with_the_files_inside(tmp_path: Path) -> None:
    plan = read_plan(saved(tmp_path))
    rules = plan.attached(one(plan, "x_store.a"), "x_rule", "store", identity=STORE)
    assert [item.address.text for item in rules.items] == ["module.m.x_rule.r"]
    assert len(rules.gaps) == 1, "the call of `far` says nothing of its store"


def lay(folder: Path) -> None:
    """The files of the plan, as a checkout has them."""
    for name in ("main.tf", "modules/m/rules.tf"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("# as it is now\n", encoding="utf-8")


def test_files_that_lie_nowhere_are_not_named_as_the_users_own(tmp_path: Path) -> None:
    plan = read_plan(saved(tmp_path))
    assert {line.local for line in plan.lines(one(plan, "module.m.module.far.x_rule.f"))} == {False}


def test_files_are_found_where_the_plan_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "infra"
    inner.mkdir()
    lay(inner)
    file = Path(saved(tmp_path)).rename(inner / "plan.bin")
    (tmp_path / "plan.bin.json").rename(inner / "plan.bin.json")
    monkeypatch.chdir(tmp_path)
    own = [line.file for line in _lines(str(file.relative_to(tmp_path))) if line.local]
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(inner)
    assert own == ["infra/modules/m/rules.tf", "infra/main.tf"]
    assert [line.file for line in _lines("plan.bin") if line.local] == own, "from the top of the repository"


def _lines(name: str) -> tuple[Line, ...]:
    plan = read_plan(name)
    return plan.lines(one(plan, "module.m.module.far.x_rule.f"))


def test_lines_name_the_files_as_the_user_knows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path)
    monkeypatch.chdir(tmp_path)
    plan = read_plan(saved(tmp_path))
    lines = plan.lines(one(plan, "module.m.module.far.x_rule.f"))
    assert [(line.file, line.line, line.block, line.local) for line in lines] == [
        (".terraform/modules/m.far/far.tf", 1, 'resource "x_rule" "f"', False),
        ("modules/m/rules.tf", 5, 'module "far"', True),
        ("main.tf", 5, 'module "m"', True),
    ]


def test_the_states_inside_are_not_opened(tmp_path: Path) -> None:
    data = packed(FILES)
    assert "hunter2" not in repr(open_plan_file(data, "plan.bin"))
    at = data.index(b"tfstate") + len("tfstate")
    assert read_plan(saved(tmp_path)).resources
    broken = data[:at] + b"\0\0\0\0" + data[at + 4 :]
    (tmp_path / "plan.bin").write_bytes(broken)
    assert read_plan(str(tmp_path / "plan.bin")).resources


def test_the_program_on_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shown.json").write_text(json.dumps(document([store("x_store.shown")])))
    folder = program(tmp_path, f'[ "$1 $2 $3" = "show -json -no-color" ] && /bin/cat {tmp_path}/shown.json')
    monkeypatch.setenv("PATH", str(folder))
    assert [each.address.text for each in read_plan(saved(tmp_path)).resources] == ["x_store.shown"]


def test_opentofu_shows_its_own_plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("terraform", "tofu"):
        (tmp_path / f"{name}.json").write_text(json.dumps(document([store(f"x_store.{name}")])))
        monkeypatch.setenv("PATH", str(program(tmp_path, f"/bin/cat {tmp_path}/{name}.json", name)))
    tofu = {**FILES, ".terraform.lock.hcl": 'provider "registry.opentofu.org/hashicorp/aws" {}'}
    assert [each.address.text for each in read_plan(saved(tmp_path, tofu)).resources] == ["x_store.tofu"]
    assert [each.address.text for each in read_plan(saved(tmp_path)).resources] == ["x_store.terraform"]


def test_a_program_that_fails_gives_way_to_the_json_beside_or_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "Some problems\\n│ Warning: no file\\n\\n│ Error: no plugin for dapi0123456789abcdef0123456789abcdef\\n"
    folder = program(tmp_path, f"printf '{said}' >&2; exit 1")
    monkeypatch.setenv("PATH", str(folder))
    assert read_plan(saved(tmp_path)).resources
    (tmp_path / "plan.bin.json").unlink()
    with pytest.raises(PlanError, match=r"`terraform show` failed: no plugin for \[redacted\]"):
        read_plan(saved(tmp_path, beside=None))


def test_a_program_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program(tmp_path, "exec /bin/sleep 60")))
    file = open_plan_file(packed(FILES), str(tmp_path / "plan.bin"))
    with pytest.raises(PlanError, match="`terraform show` failed"):
        show(file, within=0.2)


def test_a_program_that_cannot_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = program(tmp_path, "")
    (folder / "terraform").write_bytes(b"\x7fELF no")
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(PlanError, match="`terraform show` failed: Exec format error"):
        read_plan(saved(tmp_path, beside=None))


def test_without_a_program_and_without_json_it_says_what_helps(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="neither terraform nor tofu is on PATH") as caught:
        read_plan(saved(tmp_path, beside=None))
    assert "terraform show -json" in caught.value.help


def test_the_json_of_another_plan_is_not_taken_for_this_one(tmp_path: Path) -> None:
    others: list[Free] = [{**PLAN, "timestamp": "2026-01-01T00:00:00Z"}, {"terraform_version": "1.4.0"}, [], "x"]
    for other in others:
        with pytest.raises(PlanError, match="is of another plan"):
            read_plan(saved(tmp_path, beside=other))
    old = {key: value for key, value in PLAN.items() if key != "timestamp"}
    assert read_plan(saved(tmp_path, beside=old)).resources


def test_a_saved_plan_on_standard_input_is_refused() -> None:
    with pytest.raises(PlanError, match="standard input: a saved plan cannot be shown from here"):
        read_plan("-", stdin=io.BytesIO(packed(FILES)))


def test_json_on_standard_input() -> None:
    assert len(read_plan("-", stdin=io.BytesIO(json.dumps(PLAN).encode())).resources) == 3


@pytest.mark.parametrize(
    "name", ["tfconfig/m-/../../../etc/x.tf", "tfconfig/m-../x.tf/../y.tf", "tfconfig/m-\\..\\x.tf"]
)
def test_a_name_that_leads_out_is_refused(name: str) -> None:
    with pytest.raises(PlanError, match="names a file outside of itself"):
        open_plan_file(packed({**FILES, name: "x"}), "plan.bin")


def test_what_unpacks_to_very_much_is_refused_before_it_is_unpacked() -> None:
    bomb = packed({**FILES, "tfconfig/m-/bomb.tf": " " * (MOST_BYTES + 1)})
    assert len(bomb) < 100_000
    with pytest.raises(PlanError, match="its configuration is larger than 16 MB"):
        open_plan_file(bomb, "plan.bin")
    with pytest.raises(PlanError, match="its plan is larger than 64 MB"):
        open_plan_file(packed({**FILES, "tfplan": " " * (65 * 1024 * 1024)}), "plan.bin")


def test_a_size_that_is_a_lie_is_refused() -> None:
    data = bytearray(packed({**FILES, "tfconfig/m-/bomb.tf": " " * 100_000}))
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"tfconfig/m-/bomb.tf"))
    data[entry + 24 : entry + 28] = struct.pack("<I", 10)
    with pytest.raises(PlanError, match="damaged"):
        open_plan_file(bytes(data), "plan.bin")


def test_a_huge_index_is_refused_before_it_is_read() -> None:
    data = bytearray(packed(FILES))
    data[-10:-6] = struct.pack("<I", 1 << 30)
    with pytest.raises(PlanError, match="too many files"):
        open_plan_file(bytes(data), "plan.bin")


def test_what_is_not_a_saved_plan_is_refused() -> None:
    data = packed(FILES)
    with pytest.raises(PlanError, match="a ZIP file, but not a Terraform plan"):
        open_plan_file(packed({"a.txt": "x"}), "plan.bin")
    for end in (5, 30, len(data) // 2, len(data) - 1):
        with pytest.raises(PlanError, match="damaged"):
            open_plan_file(data[:end], "plan.bin")


def test_any_changed_byte_is_read_or_refused() -> None:
    data = packed(FILES)
    for at in range(0, len(data), 7):
        changed = bytearray(data)
        changed[at] ^= 0xFF
        with contextlib.suppress(PlanError):
            open_plan_file(bytes(changed), "plan.bin").sources().line((), "module", "m")
