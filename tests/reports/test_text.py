"""The terminal report: widths, wholeness, colour, and what a reader sees first."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from posture.model.assessment import Assessment, Place
from posture.model.logic import Severity
from posture.reports import markdown
from posture.reports.options import Options
from posture.reports.places import further
from posture.reports.terminal import line, painted
from posture.reports.text import render
from tests.reports.assessments import (
    BLOCKED,
    EUROPE,
    MAIN,
    REPLICA,
    all_pass,
    empty,
    failed,
    hostile,
    large,
    mixed,
    passed,
    store,
    waiver,
)


def paragraphs(text: str) -> str:
    """The report with its line breaks undone."""
    return " ".join(text.split())


@pytest.mark.parametrize("width", [40, 60, 80, 140])
@pytest.mark.parametrize("made", [mixed, hostile, empty, all_pass])
def test_no_line_is_wider_than_asked_unless_a_word_would_stand_no_further_left_below(
    width: int, made: Callable[[], Assessment]
) -> None:
    for text in render(made(), Options(width=width, verbosity=2)).splitlines():
        before, _, word = text.rpartition(" ")
        assert cell_len(text) <= width or not before.strip() or (cell_len(before) < 23 and cell_len(word) > width - 23)


def test_names_are_whole_at_any_width() -> None:
    long = store(
        "a-bucket-with-a-name-of-sixty-three-characters-which-is-the-limit/and/a/long/prefix/below/it", "1" * 12
    )
    given = replace(mixed(), findings=(failed(BLOCKED, long, "false"),))
    assert long.uri in render(given, Options(width=40))


def test_the_verdict_is_a_word_without_any_colour() -> None:
    plain = render(mixed(), Options())
    assert "\x1b" not in plain
    assert re.search(r"^FAIL +6 ", plain, re.MULTILINE)
    assert re.search(r"^UNKNOWN +4 ", plain, re.MULTILINE)


def test_colour_adds_nothing_but_colour() -> None:
    colour = render(mixed(), Options(colour=True))
    assert "\x1b[" in colour
    assert re.sub(r"\x1b\[[\d;]*m", "", colour) == render(mixed(), Options())


def test_the_environment_does_not_change_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    before = render(mixed(), Options(colour=True))
    for name, value in {"NO_COLOR": "1", "COLUMNS": "50", "TERM": "dumb", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    assert render(mixed(), Options(colour=True)) == before


def test_stores_that_fail_alike_share_one_block() -> None:
    stores = (MAIN, EUROPE, REPLICA)
    given = replace(mixed(), findings=tuple(failed(BLOCKED, item, "false") for item in stores))
    text = render(given, Options()).split("\nFAILED  ")[1]
    assert text.count(BLOCKED.id) == 1
    assert text.count("found false, expected true") == 1
    assert all(text.count(item.uri) == 1 for item in stores)


def test_the_worst_place_comes_first_in_the_overview() -> None:
    overview = render(mixed(), Options()).split("   fail unknown  pass\n")[1].split("\n\n")[0]
    rows = [tuple(int(cell) for cell in line.split()[:2]) for line in overview.splitlines()[:-1]]
    assert rows == sorted(rows, reverse=True)
    assert len(rows) > 1
    assert overview.splitlines()[-1].strip() == "and 1 place where nothing failed or is unknown"


def test_the_worst_failure_comes_first() -> None:
    text = render(mixed(), Options())
    words = re.findall(r"^(critical|high|medium|low) ", text.split("UNKNOWN  4 rows")[0], re.MULTILINE)
    assert words == sorted(words, key=lambda word: -Severity(word).rank)
    assert words[0] == "critical"


def test_a_missing_permission_is_listed_once() -> None:
    text = render(mixed(), Options())
    listed = text.split("missing permissions\n")[1].split("\n\n")[0].split("\n")
    assert [item.strip() for item in listed] == ["account admin", "s3:GetBucketLogging", "s3:GetLifecycleConfiguration"]


def test_a_lapsed_waiver_is_named_at_its_failure_and_a_changed_one_says_why() -> None:
    assert "waiver W-1 expired on 2026-09-01" in render(mixed(), Options())
    changed = replace(mixed(), findings=(failed(BLOCKED, MAIN, "false", waiver("W-7", "changed")),))
    assert "waiver W-7 was granted for other facts than these" in paragraphs(render(changed, Options()))


def test_a_waiver_on_a_row_that_passes_changes_nothing() -> None:
    given = replace(passed(BLOCKED, MAIN), waiver=waiver("W-8", "holds"))
    text = render(replace(all_pass(), findings=(given,)), Options())
    assert re.search(r"^waived +0$", text, re.MULTILINE)
    assert re.search(r"^pass +1$", text, re.MULTILINE)


def test_a_waiver_that_matches_no_row_is_reported() -> None:
    assert "matching no row: W-9" in render(mixed(), Options())


def test_what_could_not_be_looked_into_is_in_the_first_screen() -> None:
    top = "\n".join(render(mixed(), Options()).splitlines()[:14])
    assert "not looked at   1 place" in top
    assert "exit code       1" in top


def test_passes_are_counted_and_listed_on_demand() -> None:
    assert "7 pass, 1 not applicable (-v lists more)" in render(mixed(), Options())
    assert "delivery-enabled" not in render(mixed(), Options())
    assert "delivery-enabled" in render(mixed(), Options(verbosity=1))
    assert "NOT APPLICABLE" in render(mixed(), Options(verbosity=2))


@pytest.mark.parametrize("pieces", [["::error::x"], ["  ::error::x"], [":", ":error::x"], ["a " * 15, "::error::x"]])
def test_a_line_never_begins_like_a_command(pieces: list[str]) -> None:
    text = painted([line(*pieces, indent=2, hang=2)], Options(width=40))
    assert "\\::error::x" in text.replace("\n", "").replace("  ", "")


@example(["#", "#[error]"], 40)
@given(st.lists(st.text(alphabet="ab: #[]é漢\u202e\n\x1b", max_size=30), min_size=1, max_size=4), st.integers(40, 60))
def test_no_wrapping_makes_a_line_a_command(pieces: list[str], width: int) -> None:
    text = painted([line(*pieces, indent=2, hang=2)], Options(width=width))
    assert not any(part.lstrip().startswith("::") for part in text.splitlines())
    assert not re.search(r"##\w*\[", text)
    assert "\x1b" not in text


def test_an_id_that_is_a_path_goes_on_after_a_slash_and_loses_nothing() -> None:
    identity = f"/subscriptions/{'0' * 36}/resourceGroups/audit/providers/Microsoft.Storage/storageAccounts/acmelogs"
    rows = painted((line(f"at {identity}", indent=4, hang=3),), Options(width=80)).splitlines()
    assert len(rows) > 1
    assert all(len(row) <= 80 for row in rows)
    assert "".join(row.strip() for row in rows).removeprefix("at").strip() == identity
    whole = painted((line(f"at {identity}", indent=4, hang=3),), Options(width=200))
    assert identity in whole
    uri = f"https://x.example{identity}"
    assert uri in painted((line(f"at {uri}"),), Options(width=80)), "addresses stay whole: people open them"


def test_an_address_is_not_said_beside_itself() -> None:
    address = "aws_s3_bucket.logs"
    here, there = Place(address=address), Place(address=address, file="main.tf", line=3)
    assert (further(here, address), further(there, address)) == ("", "main.tf:3")
    assert (further(here, "s3://logs"), further(there, "s3://logs")) == (address, f"main.tf:3 ({address})")
    subject = replace(MAIN, uri=address, places=(here,))
    given = replace(mixed(), findings=(failed(BLOCKED, subject, "false"),))
    assert f"  {address}\n    exposure" in render(given, Options())
    assert f"- `{address}`\n" in markdown.render(given, Options())


def test_a_grant_that_fails_leads_to_the_request_that_proves_it() -> None:
    plain = failed(BLOCKED, MAIN, "false")
    given = replace(plain, evidence=tuple(replace(seen, by="bucket policy /Statement/0") for seen in plain.evidence))
    without, told = (render(replace(mixed(), findings=(row,)), Options()) for row in (plain, given))
    assert "posture access STORE" not in without
    assert "by bucket policy /Statement/0" in paragraphs(told)
    assert "`posture access STORE` prints, for each way in, a request that proves it" in paragraphs(told)


def test_the_end_of_a_long_report_counts_once_more() -> None:
    whole = large(10, 9)
    last = render(whole, Options()).rstrip().splitlines()[-1]
    assert last == "in all 30 fail (30 critical), 30 unknown"
    assert "in all" not in render(mixed(), Options())
