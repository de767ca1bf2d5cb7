"""Whole reports, compared with files that were looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from posture.model.assessment import Assessment
from posture.reports.options import Options
from posture.reports.registry import FORMATS, render
from tests.reports.assessments import all_pass, as_rows, empty, hostile, large, mixed
from tests.reports.planned import planned

MADE = {"mixed": mixed, "planned": planned, "empty": empty, "all-pass": all_pass, "hostile": hostile}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("which", ["mixed", "planned", "empty"])
def test_the_report_is_the_golden_file(name: str, which: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{which}.{FORMATS[name].extension}", render(name, MADE[which](), Options()))


@pytest.mark.parametrize(
    ("file", "which", "options"),
    [
        ("mixed-wide.txt", "mixed", Options(width=140)),
        ("mixed-verbose.txt", "mixed", Options(verbosity=2)),
        ("mixed-colour.txt", "mixed", Options(colour=True)),
        ("all-pass.txt", "all-pass", Options()),
        ("hostile.txt", "hostile", Options()),
    ],
)
def test_the_terminal_report_in_its_variants(
    file: str, which: str, options: Options, golden: Callable[[str, str], None]
) -> None:
    golden(file, render("text", MADE[which](), options))


@pytest.mark.parametrize("name", FORMATS)
def test_the_order_in_which_rows_arrive_does_not_matter(name: str) -> None:
    given = mixed()
    turned = replace(given, findings=given.findings[::-1], subjects=given.subjects[::-1])
    assert render(name, turned, Options()) == render(name, given, Options())


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("made", [mixed, planned, hostile, lambda: large(4, 5)])
def test_rows_in_little_memory_make_the_same_report(name: str, made: Callable[[], Assessment]) -> None:
    given = made()
    rows = as_rows(given)
    assert set(rows.findings) == set(given.findings)
    for verbosity in (0, 2):
        options = Options(verbosity=verbosity)
        assert render(name, rows, options) == render(name, given, options)


@pytest.mark.parametrize("name", FORMATS)
def test_only_the_declared_times_follow_the_clock(name: str) -> None:
    given = mixed()
    later = replace(given, run=replace(given.run, started="2031-01-01T00:00:00Z", finished="2031-01-01T00:00:09Z"))
    there = render(name, later, Options())
    back = there.replace("2031-01-01T00:00:00", "2026-11-05T09:14:05").replace(
        "2031-01-01T00:00:09", "2026-11-05T09:14:11"
    )
    assert back == render(name, given, Options())
