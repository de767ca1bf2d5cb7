"""How the program ends: with its exit code, and with all that it printed, whoever reads it or not."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest

from posture.cli import Exit, main
from tests.terraform.plans import change, document

FULL = Path("/dev/full")
COMMAND = (sys.executable, "-m", "posture")


@pytest.fixture
def plan(tmp_path: Path) -> str:
    file = tmp_path / "plan.json"
    file.write_text(
        json.dumps(document([change("aws_s3_bucket.logs", {"bucket": "acme-logs"}, ["arn", "id"])])), "utf-8"
    )
    return str(file)


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [("--version",), ("policy", "list"), ("plan", "--all-buckets", "PLAN")])
def test_a_full_disk_is_nobodys_bug(plan: str, words: tuple[str, ...]) -> None:
    argv = [*COMMAND, *(plan if word == "PLAN" else word for word in words)]
    with FULL.open("wb") as full:
        ran = subprocess.run(argv, stdout=full, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603 - ours
    assert (ran.returncode, ran.stderr) == (2, "posture: the result cannot be written: no space left on device\n")


def test_closed_output_changes_no_exit_code(plan: str) -> None:
    line = f'"{sys.executable}" -m posture plan --all-buckets "{plan}"'
    ran = [
        subprocess.run(["/bin/sh", "-c", f"{line} {where}"], check=False)  # noqa: S603 - our own program
        for where in (">/dev/null", ">&-", ">/dev/null 2>&-")
    ]
    assert [each.returncode for each in ran] == [1, 1, 1]


def test_all_is_printed_before_the_process_ends(plan: str) -> None:
    argv = [*COMMAND, "plan", "--all-buckets", "--format", "json", plan]
    ran = subprocess.run(argv, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert (ran.returncode, ran.stdout[-2:], ran.stderr) == (1, "}\n", "")


def test_only_who_ends_soon_leaves_garbage(plan: str) -> None:
    kept: list[object] = []
    assert gc.isenabled()
    assert main(["plan", "--all-buckets", plan]) == Exit.FAILED
    assert gc.isenabled()
    try:
        assert main(["plan", "--all-buckets", plan], kept) == Exit.FAILED
        assert not gc.isenabled()
    finally:
        gc.enable()
    assert len(kept) == 2


def test_no_refusal_drives_a_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nor does it look like a second message: whoever made a file chose its name and what is in it."""
    file = tmp_path / "a\x1b[2Jb.json"
    file.write_text('{"schema": "\\u001b[31m\\nposture: all is well"}', "utf-8")
    assert main(["assess", str(file)]) == Exit.REFUSED
    told = capfd.readouterr().err
    assert "a\\x1b[2Jb.json: schema `\\x1b[31m\\x0aposture: all is well` is not" in told
    assert "\x1b" not in told
    assert len(told.splitlines()) == 2
