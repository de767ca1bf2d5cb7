"""`make generate`: everything that is made from code. `--check` changes nothing and says what is stale."""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from posture.access.record import schema_files as access_schemas
from posture.cli import Exit
from posture.configuration import schema_files as input_schemas
from posture.policy.catalogue import catalogue
from posture.policy.document import load_policies, validated_digests
from posture.policy.shipped import shipped_policies
from posture.reports.json import schema_files as report_schemas

ROOT = Path(__file__).parent.parent
SCHEMAS = ROOT / "posture" / "schemas"
BLOCK = re.compile(r"(<!-- generated: (?P<name>[\w -]+) -->\n).*?(<!-- end of generated -->)", re.DOTALL)


def main(arguments: list[str]) -> int:
    """Write what is stale, or with `--check` only name it."""
    stale = [(path, text) for path, text in wanted() if not path.is_file() or path.read_text("utf-8") != text]
    for path, text in stale:
        name = path.relative_to(ROOT)
        if "--check" in arguments:
            old = path.read_text("utf-8").splitlines() if path.is_file() else []
            print(f"{name} is stale; run `make generate`")  # noqa: T201 - a command's output
            print("\n".join(list(difflib.unified_diff(old, text.splitlines(), lineterm="", n=1))[:20]))  # noqa: T201
        else:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {name}")  # noqa: T201 - a command's output
    return int(bool(stale) and "--check" in arguments)


def wanted() -> Iterator[tuple[Path, str]]:
    """Every generated file with the text it should have."""
    files = [str(path) for path in shipped_policies()]
    for name, text in {**input_schemas(), **report_schemas(), **access_schemas()}.items():
        yield SCHEMAS / name, text
    yield SCHEMAS / "validated.json", validated_digests(files)
    yield ROOT / "policies" / "README.md", catalogue(load_policies(files))
    readme = ROOT / "README.md"
    yield readme, BLOCK.sub(_block, readme.read_text("utf-8"))


def _block(found: re.Match[str]) -> str:
    name = found["name"]
    text = _exit_codes() if name == "exit codes" else f"```text\n{_printed(name)}```\n"
    return f"{found[1]}{text}{found[3]}"


def _exit_codes() -> str:
    rows = "".join(f"| {code.value} | {code.meaning} |\n" for code in Exit)
    return f"\n| Code | Meaning, in order of precedence |\n|---|---|\n{rows}\n"


def _printed(command: str) -> str:
    """What a `posture …` line prints at 80 columns."""
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", *command.split()], env=environment, capture_output=True, text=True, check=True, cwd=ROOT
    )
    return ran.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
