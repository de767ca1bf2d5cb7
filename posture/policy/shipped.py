"""Where the shipped policies lie: inside an installed wheel, or beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path


def shipped_policies() -> tuple[Path, ...]:
    """The files of the default policies, in a stable order."""
    package = Path(__file__).parent.parent
    installed = package / "_policies"
    folder = installed if installed.is_dir() else package.parent / "policies"
    return tuple(sorted(folder.glob("*.yaml")))
