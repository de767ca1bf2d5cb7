"""A directory that Terraform works in, with the stand-in providers or with a real one."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from typing import Any

from tests.testbeds.process import base_environment, running

REPOSITORY = Path(__file__).parents[3]
PYTHON = REPOSITORY / ".venv-terraform" / "bin" / "python"
"""An environment of its own, which `make test` makes: the packages of the `terraform` dependency group."""

ATTACHED = "TF_REATTACH_PROVIDERS"
"""The variable that says which providers run already, and where."""

SECONDS = 600.0
_PROGRAM = "tests.testbeds.terraform.program"
_SERVER = "tests.testbeds.terraform.serve"


class TerraformFailedError(RuntimeError):
    """Terraform ended with an error; the message is what it printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terraform:
    """Terraform, and the environment in which it finds its providers."""

    environment: Mapping[str, str] = field(repr=False)

    def run(self, folder: Path, *words: str) -> str:
        """What a command prints."""
        command = [str(PYTHON), "-m", _PROGRAM, *words]
        ran = subprocess.run(  # noqa: S603 - our own command, on files of the tests
            command,
            cwd=folder,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        if ran.returncode:
            raise TerraformFailedError(f"terraform {' '.join(words)}: {ran.stdout}{ran.stderr}")
        return ran.stdout

    def install(self, folder: Path) -> Path:
        """A `terraform` for the PATH, which needs nothing of the environment that it is started in."""
        assignments = (f"{name}={quote(value)}" for name, value in self.environment.items())
        command = (*assignments, quote(str(PYTHON)), "-m", _PROGRAM)
        program = folder / "terraform"
        program.write_text(f'#!/bin/sh\nexec env {" ".join(command)} "$@"\n', encoding="utf-8")
        program.chmod(stat.S_IRWXU)
        return program


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A root module in a directory of its own."""

    terraform: Terraform
    folder: Path

    def init(self) -> Workspace:
        """Once, before anything else."""
        self.terraform.run(self.folder, "init", "-input=false", "-no-color")
        return self

    def plan(self, *words: str, name: str = "plan", fails: bool = False) -> Path:
        """Plan; the saved plan is `NAME.bin`, what it says is `NAME.json`, which is returned. One that fails too."""
        try:
            self.terraform.run(self.folder, "plan", "-input=false", "-no-color", f"-out={name}.bin", *words)
        except TerraformFailedError:
            if not fails:
                raise
        shown = self.folder / f"{name}.json"
        shown.write_text(self.terraform.run(self.folder, "show", "-json", f"{name}.bin"), encoding="utf-8")
        return shown

    def apply(self, name: str = "plan") -> None:
        """Make what was planned."""
        self.terraform.run(self.folder, "apply", "-input=false", "-no-color", f"{name}.bin")

    def state(self) -> Mapping[str, Any]:
        """What is there now, as `terraform show -json` says it."""
        state: Mapping[str, Any] = json.loads(self.terraform.run(self.folder, "show", "-json"))
        return state


def installed() -> bool:
    """Whether Terraform is there."""
    return (PYTHON.parents[1] / ".ready").exists()


def environment(attached: str, *, configuration: Path | None = None) -> dict[str, str]:
    """A whole environment for Terraform, which asks no update server and reads nothing of the user's."""
    return {
        **base_environment(),
        "PYTHONPATH": str(REPOSITORY),
        ATTACHED: attached,
        "TF_CLI_CONFIG_FILE": str(configuration or os.devnull),
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
    }


@contextmanager
def terraform() -> Iterator[Terraform]:
    """Terraform with every provider of `tables/`, which are served until the block ends."""
    command = [str(PYTHON), "-m", _SERVER]
    surroundings = {**base_environment(), "PYTHONPATH": str(REPOSITORY)}
    with running(command, ready=r"providers: (\{.*\})\n", environment=surroundings) as served:
        match: re.Match[str] = served.ready
        yield Terraform(environment=environment(match[1]))
