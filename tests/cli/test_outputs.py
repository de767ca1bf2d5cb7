"""Which report goes where, and how its file is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from posture.cli import command
from posture.cli.files import SUMMARY, write_text
from posture.cli.outputs import Output, outputs_of, write_results
from posture.errors import OutputError, UsageError
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
    write_results(mixed(), outputs[:1], 0)
    assert summary.read_text(encoding="utf-8").startswith("# what the step said before\n## Audit-log storage: 6 failed")


def test_the_summary_is_left_alone_unless_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = tmp_path / "summary"
    summary.write_text("", encoding="utf-8")
    monkeypatch.setenv(SUMMARY, str(summary))
    write_results(mixed(), outputs_of((), (str(tmp_path / "report.md"),))[:1], 0)
    assert not summary.read_text(encoding="utf-8")


def test_any_other_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    for text in ("a longer text\n", "short\n"):
        write_text(str(file), text)
    assert file.read_text(encoding="utf-8") == "short\n"
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]


@pytest.mark.parametrize(
    ("name", "file"),
    [("json", "a.html"), ("text", "a.sarif"), ("gitlab", "a.csv"), ("html", "a.json"), ("csv", "a.md")],
)
def test_an_ending_that_says_another_format_is_refused(tmp_path: Path, name: str, file: str) -> None:
    with pytest.raises(UsageError, match=f"--format says {name}, the ending {file[2:]}"):
        outputs_of((name,), (str(tmp_path / file),))


@pytest.mark.parametrize(
    ("name", "file"),
    [("sarif", "a.json"), ("code-scanning", "a.sarif"), ("json", "a.txt"), ("csv", "a.log"), ("junit", "a")],
)
def test_an_ending_that_may_mean_the_format_is_taken(tmp_path: Path, name: str, file: str) -> None:
    assert outputs_of((name,), (str(tmp_path / file),))[0].format == name


def test_two_results_do_not_go_to_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.json").symlink_to("a.json")
    for files, others in (
        (("a.json", "a.json"), ()),
        (("a.json", "./a.json"), ()),
        (("a.json", "link.json"), ()),
        (("a.json",), (None, "a.json")),
        ((), ("a.json", str(tmp_path / "a.json"))),
    ):
        with pytest.raises(UsageError, match="two results go to one file"):
            outputs_of((), files, *others)
    assert len(outputs_of(("json", "csv"), ("/dev/null", "/dev/null"))) == 2


def test_no_result_takes_the_place_of_what_the_run_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "snapshot.json").write_text("{}", encoding="utf-8")
    for argv in (
        ("assess", "snapshot.json", "--output", "./snapshot.json"),
        ("plan", "snapshot.json", "--output", "snapshot.json"),
        ("plan", "other.json", "--context", "snapshot.json", "--output", "snapshot.json"),
        ("scan", "--config", "snapshot.json", "--save", "snapshot.json"),
        ("scan", "--store", "s3://one", "--save", "posture.yaml"),
        ("scan", "--store", "s3://one", "--waivers", "snapshot.json", "--format", "json", "--output", "snapshot.json"),
    ):
        with pytest.raises(UsageError, match="is read by this run"):
            command.main(list(argv), standalone_mode=False)
    assert (tmp_path / "snapshot.json").read_text(encoding="utf-8") == "{}"


@pytest.mark.parametrize("file", ["-", "no/a.json", "a" * 300 + ".json", "."])
def test_a_file_that_cannot_be_is_refused_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for files, others in (((file,), ()), ((), (file,))):
        with pytest.raises(UsageError):
            outputs_of(("json",), files, *others)


def test_a_link_stays_one_and_a_file_stays_as_private_as_it_was(tmp_path: Path) -> None:
    file, link = tmp_path / "kept.json", tmp_path / "latest.json"
    file.touch(mode=0o600)
    link.symlink_to("kept.json")
    write_text(str(link), ["{}"])
    assert (link.is_symlink(), file.read_text(encoding="utf-8"), file.stat().st_mode & 0o777) == (True, "{}", 0o600)
    ahead = tmp_path / "ahead.json"
    ahead.symlink_to("new.json")
    write_text(str(ahead), ["{}"])
    assert (tmp_path / "new.json").read_text(encoding="utf-8") == "{}"


def test_a_long_name_is_no_hindrance(tmp_path: Path) -> None:
    file = tmp_path / ("a" * 250 + ".json")
    write_text(str(file), "{}")
    assert file.read_text(encoding="utf-8") == "{}"


def test_what_cannot_be_written_takes_nothing_else_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = [str(tmp_path / "gone" / name) for name in ("a.json", "snapshot.json")]
    kept = tmp_path / "b.csv"
    outputs = (
        Output(format="text", file=None),
        Output(format="json", file=gone[0]),
        Output(format="csv", file=str(kept)),
    )
    with pytest.raises(OutputError, match=r"snapshot\.json`: no such file or directory") as refusal:
        write_results(mixed(), outputs, 0, lambda: write_text(gone[1], ["{}"]))
    assert [gone[0] in other.message for other in refusal.value.others] == [True]
    assert kept.read_text(encoding="utf-8").count("\n") > 6
    assert "exit code" in capsys.readouterr().out


def test_a_name_that_is_no_text_is_written_as_json_reads_it_back(tmp_path: Path) -> None:
    name = b"p\xff.yaml".decode(errors="surrogateescape")  # as Python takes it from a command line
    write_text(str(tmp_path / "a.json"), [json.dumps({"file": name}, ensure_ascii=False)])
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"file": name}
