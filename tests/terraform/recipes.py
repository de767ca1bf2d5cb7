"""Plans that Terraform makes of `configurations/`, kept under `generated/` so that tests can read them without it.

`python -m tests.terraform.recipes` makes them again.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.testbeds.terraform.real_aws import real_aws
from tests.testbeds.terraform.workspace import Terraform, Workspace, terraform

HERE: Final = Path(__file__).parent
CONFIGURATIONS: Final = HERE / "configurations"
GENERATED: Final = HERE / "generated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Configurations that follow each other in one directory. All but the last are applied; the last is planned."""

    stages: tuple[str, ...]
    words: tuple[str, ...] = ()  # of the last plan
    fails: bool = False
    real_provider: bool = False

    @property
    def source(self) -> Path:
        """Where the planned configuration is written."""
        return CONFIGURATIONS / self.stages[-1]


RECIPES: Final[Mapping[str, Recipe]] = {
    "behind-local": Recipe(stages=("behind_local",)),
    "changes": Recipe(stages=("changes/before", "changes/after")),
    "changes-create": Recipe(stages=("changes/before",)),
    "clouds": Recipe(stages=("clouds",)),
    "clouds-no-op": Recipe(stages=("clouds", "clouds")),
    "google": Recipe(stages=("google",)),
    "google-no-op": Recipe(stages=("google", "google")),
    "google-organization": Recipe(stages=("google_organization",)),
    "errored": Recipe(stages=("errored",), fails=True),
    "inline": Recipe(stages=("inline",), real_provider=True),
    "reference-create": Recipe(stages=("reference",)),
    "reference-destroy": Recipe(stages=("reference", "reference"), words=("-destroy",)),
    "reference-no-op": Recipe(stages=("reference", "reference")),
    "repeated": Recipe(stages=("repeated",)),
    "secrets": Recipe(stages=("secrets",)),
    "targeted": Recipe(stages=("reference",), words=("-target=module.audit_log_delivery.aws_s3_bucket.logs",)),
}


def path_of(name: str) -> Path:
    """Where a plan is kept."""
    return GENERATED / f"{name}.json"


def make(recipe: Recipe, stand_ins: Terraform, folder: Path) -> str:
    """The plan as it is kept: the same every time, and a line for each value."""
    command = real_aws(stand_ins, folder / "provider") if recipe.real_provider else stand_ins
    workspace = Workspace(terraform=command, folder=folder / "module")
    *applied, last = recipe.stages
    for number, stage in enumerate(applied):
        _write(stage, workspace, first=number == 0)
        workspace.plan()
        workspace.apply()
    _write(last, workspace, first=not applied)
    plan: dict[str, Any] = json.loads(workspace.plan(*recipe.words, fails=recipe.fails).read_text(encoding="utf-8"))
    plan["timestamp"] = "2026-01-01T00:00:00Z"
    plan.get("relevant_attributes", []).sort(key=json.dumps)  # Terraform gives them in any order
    return json.dumps(plan, indent=1) + "\n"


def _write(stage: str, workspace: Workspace, *, first: bool) -> None:
    shutil.copytree(CONFIGURATIONS / stage, workspace.folder, dirs_exist_ok=True)
    if first:
        workspace.init()


def main() -> None:
    """Make all of them."""
    GENERATED.mkdir(exist_ok=True)
    with terraform() as stand_ins:
        for name, recipe in RECIPES.items():
            with tempfile.TemporaryDirectory() as folder:
                path_of(name).write_text(make(recipe, stand_ins, Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
