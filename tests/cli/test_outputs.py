"""Which report goes where, and how its file is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from posture.cli.outputs import SUMMARY, Output, outputs_of, write_reports, write_text
from posture.errors import UsageError
from posture.reports.registry import FORMATS
from tests.reports.assessments import mixed


@pytest.mark.parametrize("name", FORMATS)
def test_the_ending_of_a_file_says_its_format(tmp_path: Path, name: str) -> None:
    file = str(tmp_path / f"report.{FORMATS[name].extension}")
    assert outputs_of((), (file,))[0] == Output(format=name, file=file)


def test_a_file_belongs_to_the_format_in_its_place(tmp_path: Path) -> None:
    files = tuple(str(tmp_path / name) for name in ("a.json", "b.md"))
    assert outputs_of(("gitlab", "markdown", "github"), files) == (
        Output(format="gitlab", file=files[0]),
        Output(format="markdown", file=files[1]),
        Output(format="github", file=None),
    )


def test_an_ending_that_says_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the ending does not say a format") as refusal:
        outputs_of((), (str(tmp_path / "report"),))
    assert ".github.sarif" in refusal.value.help


def test_a_job_summary_is_added_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = tmp_path / "step_summary_0f1e"  # as GitHub names it: without an ending
    summary.write_text("# what the step said before\n", encoding="utf-8")
    monkeypatch.setenv(SUMMARY, str(summary))
    outputs = outputs_of((), (str(summary),))
    assert outputs[0].format == "markdown"
    write_reports(mixed(), outputs[:1], 0)
    assert summary.read_text(encoding="utf-8").startswith("# what the step said before\n## Audit-log storage: 6 failed")


def test_the_summary_is_left_alone_unless_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = tmp_path / "summary"
    summary.write_text("", encoding="utf-8")
    monkeypatch.setenv(SUMMARY, str(summary))
    write_reports(mixed(), outputs_of((), (str(tmp_path / "report.md"),))[:1], 0)
    assert not summary.read_text(encoding="utf-8")


def test_any_other_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    for text in ("a longer text\n", "short\n"):
        write_text(str(file), text)
    assert file.read_text(encoding="utf-8") == "short\n"
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]
