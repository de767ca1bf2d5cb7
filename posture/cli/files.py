"""The files that a run leaves: looked at before it, written whole after it, and none lost because another cannot be."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from posture.errors import OutputError, UsageError

SUMMARY = "GITHUB_STEP_SUMMARY"  # names the file that GitHub Actions shows on the page of a run

_ODD = "backslashreplace"  # of names of files that are not UTF-8: what JSON reads back as they were


def check_files(files: Iterable[str | None], reads: Iterable[str] = ()) -> None:
    """Refuse a file that could not be written after the run, that another result goes to, or that the run reads."""
    inputs = {_place(file) for file in reads}
    first: dict[str, str] = {}
    for file in files:
        if file is None:
            continue
        _check_writable(file)
        place = _place(file)
        if place in first and _replaced(file):
            raise UsageError(f"two results go to one file, `{first[place]}` and `{file}`", help="name another for one")
        if place in inputs and _replaced(file):
            raise UsageError(f"`{file}` is read by this run, and a result would take its place", help="name another")
        first[place] = file


def write_text(file: str, text: Iterable[str]) -> None:
    """Write a whole file, from its pieces; a half-written one never stands under its name. Raises OutputError."""
    try:
        _write(file, text)
    except BrokenPipeError:  # its reader has left, and says so by that
        raise
    except OSError as error:
        raise OutputError(f"the result cannot be written to `{file}`: {_reason(error)}") from error


def take_all(steps: Iterable[Callable[[], None]]) -> None:
    """Take every step: one that fails takes none of the others away. What it raised is raised when all is done."""
    refused: list[OutputError] = []
    failed: list[Exception] = []
    for step in steps:
        try:
            step()
        except OutputError as error:
            refused.append(error)
        except Exception as error:  # noqa: BLE001 - a bug in one report, raised below
            failed.append(error)
    if failed:
        raise failed[0]
    if refused:
        first, *others = refused
        first.others = tuple(others)
        raise first


def _place(file: str) -> str:
    """Where a file lies, whatever it is called; a name that cannot be is refused by who opens it."""
    return file if "\0" in file else os.path.realpath(file)


def _check_writable(file: str) -> None:
    if file == "-":
        raise UsageError("`-` is no file", help="without --output a report is printed; /dev/stdout is a file too")
    path = Path(file)
    try:
        place = path if path.exists() else path.parent
        folder, known = path.is_dir(), place.exists()
    except OSError as error:  # a name that is too long, a loop
        raise UsageError(f"`{file}` cannot be written: {_reason(error)}", help="name another file") from error
    if folder:
        raise UsageError(f"`{file}` is a folder", help="name a file in it")
    if not known:
        raise UsageError(f"`{file}`: there is no folder `{path.parent}`", help="make it first")
    if not os.access(place, os.W_OK):
        raise UsageError(f"`{file}` cannot be written", help=f"check the permissions of `{place}`")


def _replaced(file: str) -> bool:
    """Whether writing takes the place of what stands there: no pipe, no device, no summary that is added to."""
    path = Path(file)
    return file != os.environ.get(SUMMARY) and (path.is_file() or not path.exists())


def _write(file: str, text: Iterable[str]) -> None:
    path = Path(file)
    if not _replaced(file):
        with path.open("a" if file == os.environ.get(SUMMARY) else "w", encoding="utf-8", errors=_ODD) as stream:
            stream.writelines(text)
        return
    path = Path(os.path.realpath(file))  # behind a link
    beside = path.with_name(f".posture.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", errors=_ODD) as stream:
            if path.exists():  # who may read what was there may read what comes
                beside.chmod(path.stat().st_mode)
            stream.writelines(text)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
