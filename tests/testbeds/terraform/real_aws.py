"""hashicorp/aws 3.39, the last published provider that a package brings: bucket settings stand inside the bucket."""

from __future__ import annotations

import json
from pathlib import Path

from tests.testbeds.terraform.workspace import ATTACHED, PYTHON, Terraform, environment

_PACKAGE = "lib/python3*/site-packages/cloudrail/terraform_plugins"
_ARCHIVE = "terraform-provider-aws_3.39.0_linux_amd64.zip"


def available() -> bool:
    """Whether the package is there; it exists for Linux on x86-64 only."""
    return _archive() is not None


def real_aws(stand_ins: Terraform, folder: Path) -> Terraform:
    """The same Terraform with this provider for AWS; `folder` becomes the mirror that it is installed from."""
    archive = _archive()
    assert archive is not None
    mirrored = folder / "mirror" / "registry.terraform.io" / "hashicorp" / "aws"
    mirrored.mkdir(parents=True)
    (mirrored / _ARCHIVE).symlink_to(archive)
    configuration = folder / "terraform.rc"
    configuration.write_text(f'provider_installation {{\n  filesystem_mirror {{ path = "{folder / "mirror"}" }}\n}}\n')
    attached = json.loads(stand_ins.environment[ATTACHED])
    others = {source: each for source, each in attached.items() if not source.endswith("/hashicorp/aws")}
    return Terraform(environment=environment(json.dumps(others), configuration=configuration))


def _archive() -> Path | None:
    return next(PYTHON.parents[1].glob(f"{_PACKAGE}/{_ARCHIVE}"), None)
