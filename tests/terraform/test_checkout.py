import json
import os
from pathlib import Path

import pytest

from posture.errors import PlanError
from posture.terraform.plan import Plan
from posture.terraform.sources import MOST_BYTES
from tests.terraform.plans import document, module, one, read, refs, rule, store, written

RULE = 'resource "x_rule" "r" {\n}\n'


def plan_with(root: Path, source: str, inner: str = "") -> Plan:
    leaf = module(written("x_rule.r", store=refs("local.x")))
    middle = module(inner={"module": leaf, "source": inner}) if inner else leaf
    call = module(written("x_store.a"), m={"module": middle, "source": source})
    address = "module.m.module.inner.x_rule.r" if inner else "module.m.x_rule.r"
    return read(document([store(), rule(address)], call), source=root)


def places(plan: Plan) -> list[tuple[str, int, bool]]:
    return [(line.file, line.line, line.local) for line in plan.lines(plan.of_kind("x_rule")[0])]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_modules_beside_and_below_the_root(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    root = tmp_path / "env" / "prod"
    write(root / "main.tf", '# calls\nmodule "m" {\n  source = "../../modules/m"\n}\n')
    write(tmp_path / "modules" / "m" / "main.tf", 'module "inner" {\n  source = "./inner"\n}\n')
    write(tmp_path / "modules" / "m" / "inner" / "rules.tofu", RULE)
    assert places(plan_with(root, "../../modules/m", "./inner")) == [
        ("modules/m/inner/rules.tofu", 1, True),
        ("modules/m/main.tf", 1, True),
        ("env/prod/main.tf", 2, True),
    ]


def test_a_file_is_named_from_the_top_of_its_repository_wherever_posture_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere\n")  # a worktree
    write(tmp_path / "env" / "prod" / "main.tf", RULE)
    write(tmp_path / "env" / "prod" / "m" / "main.tf", RULE)
    monkeypatch.chdir(tmp_path / "env" / "prod")
    assert places(plan_with(Path(), "./m")) == [("env/prod/m/main.tf", 1, True)]


def test_a_downloaded_module_is_found_and_is_not_local(tmp_path: Path) -> None:
    write(tmp_path / "main.tf", 'module "m" {\n  source = "acme/x/far"\n}\n')
    write(tmp_path / ".terraform" / "modules" / "m" / "main.tf", RULE)
    manifest = {"Modules": [{"Key": "", "Dir": "."}, {"Key": "m", "Source": "x", "Dir": ".terraform/modules/m"}]}
    write(tmp_path / ".terraform" / "modules" / "modules.json", json.dumps(manifest))
    plan = plan_with(tmp_path, "acme/x/far")
    assert places(plan) == [(f"{tmp_path}/.terraform/modules/m/main.tf", 1, False), (f"{tmp_path}/main.tf", 1, True)]


def test_nothing_outside_of_the_checkout_is_read(tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    write(root / "main.tf", "")
    (root / ".git").mkdir()
    write(tmp_path / "outside" / "main.tf", RULE)
    (root / "linked").symlink_to(tmp_path / "outside")
    write(root / "partly" / "other.tf", "")
    (root / "partly" / "main.tf").symlink_to(tmp_path / "outside" / "main.tf")
    for source in (
        "../outside",
        "./linked",
        "./partly",
        "./../checkout/../outside",
        "./\0",
        "./" + "x" * 5000,
        "/etc",
        "",
    ):
        assert places(plan_with(root, source)) == [], source


def test_without_a_checkout_the_directory_itself_is_the_border(tmp_path: Path) -> None:
    write(tmp_path / "root" / "main.tf", "")
    write(tmp_path / "beside" / "main.tf", RULE)
    write(tmp_path / "root" / "m" / "main.tf", RULE)
    assert places(plan_with(tmp_path / "root", "../beside")) == []
    assert places(plan_with(tmp_path / "root", "./m")) == [(f"{tmp_path}/root/m/main.tf", 1, True)]


@pytest.mark.parametrize(
    "manifest", ["{", "[]", '{"Modules": 3}', '{"Modules": [1, {"Key": 2}, {"Key": "m", "Dir": "../../x"}]}']
)
def test_a_manifest_that_says_nonsense_finds_nothing(tmp_path: Path, manifest: str) -> None:
    write(tmp_path / ".terraform" / "modules" / "modules.json", manifest)
    assert places(plan_with(tmp_path, "acme/x/far")) == []


def test_what_is_no_plain_file_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tf")
    (tmp_path / "folder.tf").mkdir()
    (tmp_path / "latin.tf").write_bytes(b"# \xe9\n" + b'module "m" {\n}\n')
    assert places(plan_with(tmp_path, "./none")) == [(f"{tmp_path}/latin.tf", 2, True)]


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="there is no such directory"):
        plan_with(tmp_path / "none", "./m")


def test_more_files_than_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(" " * (MOST_BYTES + 1))
    with pytest.raises(PlanError, match="larger than 16 MB"):
        places(plan_with(tmp_path, "./m"))


def test_without_a_directory_there_are_no_lines() -> None:
    plan = read(document([store()], module(written("x_store.a"))))
    assert plan.lines(one(plan, "x_store.a")) == ()
