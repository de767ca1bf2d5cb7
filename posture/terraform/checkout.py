"""The written configuration of a plan, from the directory it was made in. Nothing outside of the checkout is read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from posture.errors import PlanError
from posture.terraform.configuration import Module
from posture.terraform.sources import MOST_BYTES, SUFFIXES, Folder, Names, Sources

_MANIFEST = Path(".terraform", "modules", "modules.json")


def sources_of(directory: Path, configuration: Module) -> Sources:
    """The files of the root module in this directory, and of the modules that it calls."""
    if not directory.is_dir():
        raise PlanError(
            "there is no such directory", file=str(directory), help="give the one that holds the root module"
        )
    return Sources(_Checkout(directory, configuration).folder)


def located(folder: Folder, bases: Iterable[Path]) -> Folder:
    """Files that came with a plan, named where they lie below one of these directories; else they are not local."""
    if not folder.local:
        return folder
    for base in bases:
        border, path = _border(base.resolve()), base / folder.path
        try:
            inside = path.resolve().is_relative_to(border)
            there = inside and all((path / name).is_file() for name, _ in folder.files)
        except (OSError, ValueError):
            continue  # a name that no file system has
        if there:
            return replace(folder, path=_shown(path, border))
    return replace(folder, local=False)


class _Checkout:
    """Module paths to directories, as the plan and the manifest of `terraform init` say."""

    def __init__(self, directory: Path, configuration: Module) -> None:
        self._root = directory
        self._configuration = configuration
        self._border = _border(directory.resolve())
        self._downloaded = _manifest(directory / _MANIFEST)
        self._read = 0

    def folder(self, names: Names) -> Folder | None:
        """The files of a module; None where it cannot be told, or lies outside of the checkout."""
        found = self._directory(names)
        if found is None:
            return None
        path, local = found
        try:
            if not path.is_dir() or not path.resolve().is_relative_to(self._border):
                return None
            files = [self._file(file) for file in sorted(path.iterdir()) if file.name.endswith(SUFFIXES)]
        except OSError:
            return None  # no permission, or a name that no file system has
        shown = _shown(path, self._border)
        return Folder(path=shown, local=local, files=tuple(file for file in files if file is not None))

    def _directory(self, names: Names) -> tuple[Path, bool] | None:
        path, local, module = self._root, True, self._configuration
        for depth, name in enumerate(names, start=1):
            call = module.calls.get(name)
            if call is None:
                return None
            downloaded = self._downloaded.get(".".join(names[:depth]))
            if call.source.startswith(("./", "../")):
                path = Path(os.path.normpath(path / call.source))
            elif downloaded is not None:
                path, local = self._root / downloaded, False
            else:
                return None
            module = call.module
        return path, local

    def _file(self, path: Path) -> tuple[str, str] | None:
        if not path.is_file() or not path.resolve().is_relative_to(self._border):
            return None
        self._read += path.stat().st_size
        if self._read > MOST_BYTES:
            raise PlanError(f"the files are larger than {MOST_BYTES // 1024 // 1024} MB", file=str(self._root))
        return path.name, path.read_text(encoding="utf-8", errors="replace")


def _shown(path: Path, border: Path) -> str:
    """As code reviews name it: from the top of the repository, or as the user does where there is none."""
    if not (border / ".git").exists():
        return path.as_posix()
    return path.resolve().relative_to(border).as_posix()


def _border(directory: Path) -> Path:
    """The checkout that a directory belongs to: modules beside the root module may lie anywhere in it."""
    return next((path for path in (directory, *directory.parents) if (path / ".git").exists()), directory)


def _manifest(path: Path) -> Mapping[str, str]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    modules = document.get("Modules") if isinstance(document, dict) else None
    return {
        module["Key"]: module["Dir"]
        for module in (modules if isinstance(modules, list) else ())
        if isinstance(module, dict) and isinstance(module.get("Key"), str) and isinstance(module.get("Dir"), str)
    }
