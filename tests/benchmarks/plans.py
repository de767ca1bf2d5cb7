"""Plans of many buckets with all their satellites, made by Terraform from `configuration/`, and kept."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measuring import BrokenRunError
from tests.testbeds.terraform.workspace import Workspace, installed, terraform

CONFIGURATION = Path(__file__).with_name("configuration")
RESOURCES_PER_BUCKET = 10


def plan_of(buckets: int, folder: Path) -> Path:
    """The plan of so many new buckets; Terraform takes seconds to minutes over it, once."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(CONFIGURATION.rglob("*.tf")))).hexdigest()
    kept = folder / "plans" / f"{buckets}-buckets-{digest[:8]}.json"
    if not kept.exists():
        if not installed():
            raise BrokenRunError("Terraform is not here: `make bench` gets it")
        kept.parent.mkdir(exist_ok=True)
        with TemporaryDirectory() as scratch, terraform() as command:
            module = Path(scratch) / "module"
            shutil.copytree(CONFIGURATION, module)
            workspace = Workspace(terraform=command, folder=module).init()
            shutil.copyfile(workspace.plan(f"-var=buckets={buckets}"), kept)
    return kept
