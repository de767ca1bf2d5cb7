"""What is read of a plan agrees with what Terraform then makes of it. No provider but the one inside Terraform."""

import json
import os
from pathlib import Path

import pytest

from posture.model.facts import Known
from posture.terraform.document import Kind
from posture.terraform.inventory import Identity
from posture.terraform.plan import Plan
from posture.terraform.read import read_plan
from posture.terraform.resources import Action, Resource
from tests.testbeds.terraform.workspace import Terraform, Workspace

pytestmark = pytest.mark.terraform

THING = Identity(kinds=("terraform_data",), attributes=("id",))
MAIN = """
variable "keys" { default = ["prod.us", "a\\"b", "dev"] }
variable "secret" {
  default   = "hunter2"
  sensitive = true
}
locals {
  one   = terraform_data.one.id
  again = local.one
  ids   = { for key, thing in terraform_data.many : key => thing.id }
}
resource "terraform_data" "one" { input = "store" }
resource "terraform_data" "two" { input = var.secret }
resource "terraform_data" "many" {
  for_each = toset(var.keys)
  input    = "store ${each.key}"
}
resource "terraform_data" "counted" {
  count = 3
  input = "store"
}
module "stores" {
  source   = "./modules/store"
  for_each = toset(var.keys)
}
module "guard" {
  source   = "./modules/guard"
  for_each = module.stores
  store    = each.value.id
  again    = each.value.id
}
module "names" {
  source = "./modules/names"
  given  = terraform_data.one.id
}
resource "terraform_data" "sat_direct" { input = terraform_data.one.id }
resource "terraform_data" "sat_local" { input = local.again }
resource "terraform_data" "sat_each" {
  for_each = terraform_data.many
  input    = each.value.id
}
resource "terraform_data" "sat_key" {
  for_each = toset(var.keys)
  input    = terraform_data.many[each.key].id
}
resource "terraform_data" "sat_mapped" {
  for_each = toset(var.keys)
  input    = local.ids[each.key]
}
resource "terraform_data" "sat_count" {
  count = 3
  input = terraform_data.counted[count.index].id
}
resource "terraform_data" "sat_first" { input = terraform_data.counted[0].id }
resource "terraform_data" "sat_output" { input = module.stores["prod.us"].id }
resource "terraform_data" "sat_outputs" {
  for_each = toset(var.keys)
  input    = module.stores[each.key].other
}
resource "terraform_data" "sat_passed" { input = module.names.passed }
resource "terraform_data" "sat_tried" { input = try(terraform_data.one.id, "none") }
resource "terraform_data" "sat_chosen" { input = length(var.keys) > 9 ? terraform_data.one.id : terraform_data.two.id }
resource "terraform_data" "sat_made" { input = "${terraform_data.one.id}-copy" }
"""
STORE = """
resource "terraform_data" "this" { input = "store" }
resource "terraform_data" "that" { input = "store" }
resource "terraform_data" "sat_inside" { input = terraform_data.this.id }
output "id" { value = terraform_data.this.id }
output "other" { value = terraform_data.that.id }
"""
GUARD = """
variable "store" {}
variable "again" {}
resource "terraform_data" "sat_input" { input = var.store }
module "deep" {
  source = "./deep"
  given  = { target = var.again }
}
"""
DEEP = """
variable "given" {}
resource "terraform_data" "sat_deep" { input = var.given.target }
"""
NAMES = """
variable "given" {}
output "passed" { value = var.given }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, terraform_command: Terraform) -> Path:
    """A directory with a saved plan, and after it the state that its apply made."""
    root = tmp_path_factory.mktemp("terraform")
    for path, text in {
        "main.tf": MAIN,
        "modules/store/main.tf": STORE,
        "modules/guard/main.tf": GUARD,
        "modules/guard/deep/main.tf": DEEP,
        "modules/names/main.tf": NAMES,
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    workspace = Workspace(terraform=terraform_command, folder=root).init()
    workspace.plan()
    workspace.apply()
    (root / "state.json").write_text(json.dumps(workspace.state()))
    workspace.plan(name="again")
    return root


@pytest.fixture
def on_path(tmp_path: Path, terraform_command: Terraform, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `terraform` is on the PATH."""
    terraform_command.install(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")


def satellites(plan: Plan) -> dict[str, str | None]:
    """What each satellite names; None where that is not known."""
    found: dict[str, str | None] = {}
    for resource in plan.of_kind("terraform_data"):
        if resource.address.name.startswith("sat_"):
            fact = plan.target(resource, "input", identity=THING).fact
            known = isinstance(fact, Known) and isinstance(fact.value, Resource)
            found[resource.address.text] = fact.value.address.text if known else None  # type: ignore[union-attr] # known
    return found


@pytest.fixture(scope="module")
def truth(folder: Path) -> dict[str, str | None]:
    """What each satellite names once everything exists."""
    return satellites(read_plan(str(folder / "state.json"), kinds=frozenset({Kind.STATE})))


def test_the_state_decides_every_satellite_but_the_one_that_names_nothing(truth: dict[str, str | None]) -> None:
    assert len(truth) == 32
    assert [address for address, target in truth.items() if target is None] == ["terraform_data.sat_made"]


def test_the_plan_alone_is_never_wrong_about_what_it_says(folder: Path, truth: dict[str, str | None]) -> None:
    found = satellites(read_plan(str(folder / "plan.json")))
    said = {address: target for address, target in found.items() if target is not None}
    wrong = {address: target for address, target in said.items() if truth[address] != target}
    assert wrong == {"terraform_data.sat_made": "terraform_data.one"}, "the plan does not show that a text is made"
    unsaid = {address.partition("[")[0] for address, target in found.items() if target is None}
    assert unsaid == {
        "terraform_data.sat_local",
        "terraform_data.sat_mapped",
        "terraform_data.sat_outputs",
        "terraform_data.sat_chosen",
    }


@pytest.mark.parametrize("saved", [True, False])
def test_with_the_files_it_is_never_wrong_and_leaves_only_a_choice_open(
    folder: Path, truth: dict[str, str | None], *, saved: bool
) -> None:
    plan = read_plan(str(folder / "plan.bin")) if saved else read_plan(str(folder / "plan.json"), source=folder)
    found = satellites(plan)
    assert {address for address, target in found.items() if target is None} == {
        "terraform_data.sat_chosen",
        "terraform_data.sat_made",
    }
    assert {
        address: target for address, target in found.items() if target is not None and truth[address] != target
    } == {}


@pytest.mark.usefixtures("on_path")
def test_a_saved_plan_without_its_json_is_shown_by_terraform(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.bin").write_bytes((folder / "plan.bin").read_bytes())
    shown, beside = read_plan(str(tmp_path / "plan.bin")), read_plan(str(folder / "plan.bin"))
    assert satellites(shown) == satellites(beside)


def test_after_apply_the_plan_says_what_the_state_says(folder: Path, truth: dict[str, str | None]) -> None:
    plan = read_plan(str(folder / "again.json"))
    assert {resource.action for resource in plan.resources} == {Action.NO_OP}
    assert satellites(plan) == truth


def test_every_line_is_the_line_of_the_block(folder: Path) -> None:
    plan = read_plan(str(folder / "plan.bin"))
    for resource in plan.resources:
        lines = plan.lines(resource)
        assert len(lines) == 1 + len(resource.address.modules)
        for line in lines:
            assert (folder / line.file).read_text().splitlines()[line.line - 1].startswith(line.block), line


def test_a_secret_is_in_the_plan_but_not_in_what_is_read_of_it(folder: Path) -> None:
    assert "hunter2" in (folder / "plan.json").read_text()
    plan = read_plan(str(folder / "plan.json"))
    assert "hunter2" not in repr(plan)
    assert "hunter2" not in json.dumps([repr(resource) for resource in plan.resources])


def test_values_known_in_the_plan_are_those_of_the_state(folder: Path) -> None:
    state = read_plan(str(folder / "state.json"), kinds=frozenset({Kind.STATE}))
    made = {resource.address.text: resource for resource in state.resources}
    compared = 0
    for resource in read_plan(str(folder / "plan.json")).resources:
        for attribute in ("id", "input", "output", "triggers_replace"):
            before, after = resource.after.token(attribute), made[resource.address.text].after.value(attribute)
            if isinstance(before, Known) and isinstance(after, Known):
                compared += 1
                now = resource.after.value(attribute)
                assert not isinstance(now, Known) or now.value == after.value
    assert compared > 40
