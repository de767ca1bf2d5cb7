"""A saved plan, `terraform plan -out=FILE`: a ZIP of which only the configuration and the lock file are read.

The plan inside is in a format of Terraform's own, so it is read through `terraform show -json`, or from the JSON beside
it. The states inside hold secrets and are never opened. Nothing is written to disk.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Final

from posture.errors import PlanError
from posture.frozen import dataclass
from posture.redaction import redact
from posture.terraform.checkout import located
from posture.terraform.document import MOST_BYTES, decode, read_file
from posture.terraform.sources import MOST_BYTES as MOST_SOURCE
from posture.terraform.sources import SUFFIXES, Folder, Names, Sources

SECONDS: Final = 300.0  # Terraform starts every provider to show a plan

_PLAN, _LOCK, _MANIFEST, _FILES = "tfplan", ".terraform.lock.hcl", "tfconfig/modules.json", "tfconfig/m-"
_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_ERROR: Final = "Error:"
_MOST_INDEX: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile:
    """What is read of a saved plan: the HCL of each module under its path, and what is needed to show the plan."""

    name: str
    folders: Mapping[str, Folder]
    lock: str
    plan: bytes = field(repr=False)  # holds values in clear

    def sources(self) -> Sources:
        """The files that the plan was made from, remote modules too; Terraform ran here, or where the plan lies."""
        bases = (Path(), Path(self.name).parent)

        def find(names: Names) -> Folder | None:
            folder = self.folders.get(_module_key(names))
            return None if folder is None else located(folder, bases)

        return Sources(find)


def open_plan_file(data: bytes, name: str) -> PlanFile:
    """Refuses what Terraform would not have written, before anything in it is unpacked."""
    if len(data) > MOST_BYTES:
        raise PlanError(f"this is larger than {MOST_BYTES // 1024 // 1024} MB", file=name)
    _check_index(data, name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _opened(archive, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise _broken(name) from error


def show(file: PlanFile, *, within: float = SECONDS) -> bytes:
    """The plan as JSON: by the program that is on PATH, else from the file beside it."""
    program = _program(file)
    failed = ""
    if program:
        output, failed = _run(program, Path(file.name), within)
        if output is not None:
            return output
    beside = [path for path in _beside(Path(file.name)) if path.is_file()]
    for path in beside:
        data = read_file(str(path))
        if _belongs(data, file, str(path)):
            return data
    stale = f"; `{beside[0]}` is of another plan" if beside else ""
    raise PlanError(
        (f"`terraform show` failed: {failed}" if failed else "neither terraform nor tofu is on PATH") + stale,
        file=file.name,
        help=f"write the JSON beside it: `terraform show -json {file.name} > {file.name}.json`",
    )


def _opened(archive: zipfile.ZipFile, name: str) -> PlanFile:
    wanted = [entry for entry in archive.infolist() if _wanted(entry.filename)]
    if not any(entry.filename == _PLAN for entry in wanted):
        raise PlanError("this is a ZIP file, but not a Terraform plan", file=name)
    for entry in wanted:
        if ".." in entry.filename.split("/") or "\\" in entry.filename or entry.flag_bits & 1:
            raise PlanError("this names a file outside of itself", file=name, help="make the plan again")
    if sum(entry.file_size for entry in wanted if entry.filename != _PLAN) > MOST_SOURCE:
        raise PlanError(f"its configuration is larger than {MOST_SOURCE // 1024 // 1024} MB", file=name)
    if sum(entry.file_size for entry in wanted) > MOST_BYTES:
        raise PlanError(f"its plan is larger than {MOST_BYTES // 1024 // 1024} MB", file=name)
    contents = {entry.filename: archive.read(entry) for entry in wanted}
    lock = contents.get(_LOCK, b"").decode("utf-8", "replace")
    return PlanFile(name=name, folders=_folders(contents, name), lock=lock, plan=contents[_PLAN])


def _wanted(name: str) -> bool:
    source = name.startswith(_FILES) and name.endswith(SUFFIXES)
    return name in {_PLAN, _LOCK, _MANIFEST} or source


def _folders(contents: Mapping[str, bytes], name: str) -> dict[str, Folder]:
    files: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(contents):
        if path.startswith(_FILES):
            key, _, file = path.removeprefix(_FILES).rpartition("/")
            files.setdefault(key, []).append((file, contents[path].decode("utf-8", "replace")))
    manifest = decode(contents.get(_MANIFEST, b"[]"), f"{name}: {_MANIFEST}")
    return {
        (key := record.member("Key").text()): Folder(
            path=(path := record.member("Dir").text() or "."),
            local=".terraform" not in path.split("/") and not path.startswith("/"),
            files=tuple(files.get(key, ())),
        )
        for record in manifest.items()
    }


def _check_index(data: bytes, name: str) -> None:
    """The index lies at the end, is small, and is not spread over files: so Go writes it, and so it stays cheap."""
    end = data[-_END_BYTES:]
    far = data[-_END_BYTES - 20 : -_END_BYTES].startswith(b"PK\x06\x07")
    if not end.startswith(_END) or len(end) != _END_BYTES or far:
        raise _broken(name)
    if int.from_bytes(end[12:16], "little") > _MOST_INDEX:
        raise PlanError("this holds too many files", file=name)


def _broken(name: str) -> PlanError:
    return PlanError("this plan file is damaged", file=name, help="make it again with `terraform plan -out=FILE`")


def _module_key(names: Names) -> str:
    return ".".join(names)


def _program(file: PlanFile) -> str | None:
    order = ("tofu", "terraform") if "registry.opentofu.org" in file.lock else ("terraform", "tofu")
    return next((path for path in map(shutil.which, order) if path), None)


def _run(program: str, plan: Path, within: float) -> tuple[bytes | None, str]:
    """What the program prints, bounded in size and time; or what it complains of."""
    here = Path.cwd() if Path(".terraform").is_dir() else plan.resolve().parent
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_CLI_ARGS": ""}
    command = [program, "show", "-json", "-no-color", str(plan.resolve())]
    with tempfile.TemporaryFile() as complaints:
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own Terraform, on the user's own plan
                command, cwd=here, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints
            )
        except OSError as error:
            return None, error.strerror or "it does not start"
        output, code = _output(process, within)
        if code == 0:
            return output, ""
        complaints.seek(0)
        return None, _complaint(complaints.read(4096).decode("utf-8", "replace"))


def _output(process: subprocess.Popen[bytes], within: float) -> tuple[bytes, int]:
    timer = threading.Timer(within, process.kill)
    timer.start()
    try:
        with process:
            output = process.stdout.read(MOST_BYTES + 1) if process.stdout is not None else b""
            if process.stdout is not None:
                process.stdout.close()  # a program that has more to say ends by that
    finally:
        timer.cancel()
    return output, process.returncode


def _complaint(text: str) -> str:
    """Its error with what follows in the same words; warnings may stand before it."""
    lines = [line for line in (line.strip(" \t╷│╵") for line in text.splitlines()) if line]
    errors = [place for place, line in enumerate(lines) if line.startswith(_ERROR)]
    if errors:
        lines = [lines[errors[0]].removeprefix(_ERROR).strip(), *lines[errors[0] + 1 :]]
    return redact(": ".join(lines[:2] if errors else lines[:1]) or "it printed nothing")[:200]


def _beside(plan: Path) -> tuple[Path, ...]:
    return plan.with_name(plan.name + ".json"), plan.with_suffix(".json")


def _belongs(data: bytes, file: PlanFile, name: str) -> bool:
    """Whether the JSON was made from this plan: both hold when it was made, before 1.5 only by which version."""
    if len(data) > MOST_BYTES:
        raise PlanError(f"this is larger than {MOST_BYTES // 1024 // 1024} MB", file=name)
    try:
        document = json.loads(data.decode(json.detect_encoding(data)))
    except (ValueError, RecursionError):
        return False
    if not isinstance(document, dict):
        return False
    mark = document.get("timestamp", document.get("terraform_version"))
    return isinstance(mark, str) and bool(mark) and mark.encode(errors="replace") in file.plan
