"""What is kept under `generated/` is what Terraform makes today."""

from pathlib import Path

import pytest

from posture.errors import PlanError
from posture.model.facts import Known
from posture.terraform.read import read_plan
from posture.terraform.resources import Action
from tests.terraform.plans import one
from tests.terraform.recipes import GENERATED, RECIPES, make, path_of
from tests.testbeds.terraform import real_aws
from tests.testbeds.terraform.workspace import Terraform


@pytest.mark.terraform
@pytest.mark.parametrize("name", RECIPES)
def test_terraform_makes_the_same_plan_again(name: str, terraform_command: Terraform, tmp_path: Path) -> None:
    recipe = RECIPES[name]
    if recipe.real_provider and not real_aws.available():
        pytest.skip("the real provider exists for Linux on x86-64 only")
    kept = path_of(name).read_text(encoding="utf-8")
    assert make(recipe, terraform_command, tmp_path) == kept, "run `python -m tests.terraform.recipes`"


def test_nothing_else_is_kept() -> None:
    assert {path.stem for path in GENERATED.glob("*.json")} == set(RECIPES)


@pytest.mark.parametrize("name", sorted(RECIPES.keys() - {"errored"}))
def test_every_line_of_a_generated_plan_is_found(name: str) -> None:
    plan = read_plan(str(path_of(name)), source=RECIPES[name].source)
    for resource in plan.resources:
        lines = plan.lines(resource)
        assert len(lines) == 1 + len(resource.address.modules)
        for line in lines:
            assert Path(line.file).read_text(encoding="utf-8").splitlines()[line.line - 1].startswith(line.block)


def test_a_plan_that_ended_in_an_error_is_refused() -> None:
    with pytest.raises(PlanError, match="ended in an error"):
        read_plan(str(path_of("errored")))


def test_a_targeted_plan_is_incomplete() -> None:
    assert read_plan(str(path_of("targeted"))).incomplete
    assert not read_plan(str(path_of("reference-create"))).incomplete


def test_every_kind_of_change_is_there() -> None:
    plan = read_plan(str(path_of("changes")))
    actions = {resource.address.text: resource.action for resource in plan.resources}
    assert actions["aws_s3_bucket.logs"] is Action.UPDATE
    assert actions["aws_s3_bucket.named_badly"] is Action.REPLACE
    assert actions["databricks_mws_log_delivery.audit"] is Action.REPLACE
    assert actions["aws_s3_bucket.access"] is Action.NO_OP
    assert one(plan, "aws_s3_bucket.called_otherwise").previous_address == "aws_s3_bucket.renamed"
    assert {departure.address.text: departure.action for departure in plan.departures} == {
        "aws_kms_key.logs": Action.DELETE,
        "aws_s3_bucket.left": Action.FORGET,
        "aws_s3_bucket_logging.logs": Action.DELETE,
        "aws_s3_bucket_public_access_block.logs": Action.DELETE,
        "databricks_mws_log_delivery.second": Action.DELETE,
    }


def test_secrets_are_in_the_file_and_not_in_what_is_read_of_it() -> None:
    assert "hunter2" in path_of("secrets").read_text()
    plan = read_plan(str(path_of("secrets")))
    assert "hunter2" not in repr(plan)
    assert not isinstance(one(plan, "aws_s3_bucket_policy.logs").after.text("policy"), Known)
