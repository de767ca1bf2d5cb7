"""What HTML, Markdown, JUnit and CSV promise beyond their rows."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree as ET

import pytest

from posture.model.assessment import Unlooked
from posture.model.facts import Reason, Unknown
from posture.model.logic import Severity
from posture.model.subjects import Provider
from posture.reports.frameworks import MEANING, framework_name
from posture.reports.html import CUT, MOST_FOUND, entries, frameworks
from posture.reports.markdown import LARGEST
from posture.reports.options import Options
from posture.reports.picture import SLIVER, WIDTH, bars
from posture.reports.registry import FORMATS, render
from posture.reports.tally import tallied
from posture.reports.view import Standing, having
from tests.reports.assessments import (
    BLOCKED,
    ESTATE,
    EUROPE,
    HOSTILE,
    MAIN,
    RETAINED,
    all_pass,
    denied,
    empty,
    failed,
    large,
    mixed,
    passed,
    store,
    unknown,
    waiver,
)


def html() -> str:
    return render("html", mixed(), Options())


@pytest.mark.parametrize(
    "told",
    [
        "arn:aws:sts::222222222222:assumed-role/posture/ci",
        "6f1ed002ab5595859014ebf0951522d9a1bd0d1a2b1f3d1c9d5bb0a9d2f3c4e5",
        "<td>48</td><td>24</td><td>overridden</td>",
        "platform-security",
        "2027-02-01",
        "account admin",
        "What this report does not show",
        "read <time>2026-11-05T09:14:07Z</time>",
        "below the threshold (medium)",
    ],
)
def test_the_page_holds_what_an_auditor_asks_for(told: str) -> None:
    assert told in html()


@pytest.mark.parametrize("name", FORMATS)
def test_no_report_says_that_a_criterion_is_met(name: str) -> None:
    text = unescape(render(name, mixed(), Options(verbosity=2))).replace(MEANING, "")
    assert not re.search(r"\b(compliant|is met|satisfied|certified)\b", text, re.IGNORECASE)


def test_a_framework_has_its_name_and_ones_own_its_id() -> None:
    assert [framework.name for framework in frameworks(tallied(mixed().findings))] == [
        "CIS AWS Foundations",
        "HIPAA Security Rule",
        "ISO/IEC 27001:2022, Annex A",
        "NIST SP 800-53 rev. 5",
        "our_standard",
        "PCI DSS 4.0.1",
        "SOC 2 (TSC 2017)",
    ]
    assert framework_name("soc2") == "SOC 2 (TSC 2017)"


def test_a_subject_without_rows_is_on_the_page() -> None:
    assert ESTATE in [entry.subject for entry in entries(mixed(), tallied(mixed().findings)) if not list(entry.rows())]


def test_a_row_whose_subject_nobody_listed_is_on_the_page() -> None:
    given = replace(mixed(), subjects=())
    made = entries(given, tallied(given.findings))
    assert {entry.subject.uri for entry in made} == {row.subject.uri for row in given.findings}


def test_a_page_that_would_be_too_long_counts_the_rows_that_are_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = html()
    monkeypatch.setattr("posture.reports.html.MOST_ROWS", len(mixed().findings) - 1)
    cut = html()
    assert CUT in cut
    assert CUT not in whole
    left_out = set(re.findall(r'<tr data-control.*class="chip (\w+)"', whole)) - set(
        re.findall(r'<tr data-control.*class="chip (\w+)"', cut)
    )
    assert left_out == {"pass"}
    assert cut.count("not applicable</span>") == whole.count("not applicable</span>") - 1


def test_much_evidence_of_a_row_is_counted_by_subject() -> None:
    row = failed(BLOCKED, MAIN, "false")
    many = replace(row, evidence=tuple(row.evidence) * (MOST_FOUND + 2))
    text = render("html", replace(mixed(), findings=(many,)), Options())
    assert "and 2 more" in text.partition('id="subjects"')[2]


def test_a_page_without_trouble_says_so_section_by_section() -> None:
    text = render("html", all_pass(), Options())
    assert "Nothing failed." in text
    assert "Everything that was asked could be decided." in text
    assert "No waiver is in force." in text
    assert "every place that discovery came to was read to its end" in text


def test_a_page_about_nothing_does_not_read_like_a_clean_one() -> None:
    text = render("html", empty(), Options())
    assert "Nothing was checked: this is not a good result." in text
    assert text.count("<p>Nothing was checked.</p>") == 2
    assert "Nothing failed." not in text
    assert "could be decided" not in text


def test_one_failure_among_thousands_is_drawn() -> None:
    rows = tuple(passed(BLOCKED, store(f"b{number}", "")) for number in range(5_000))
    (bar,) = bars(tallied((failed(BLOCKED, MAIN, "false"), *rows)))
    assert bar.severity is Severity.CRITICAL
    assert bar.parts[0].kind is Standing.FAIL
    assert bar.parts[0].width >= SLIVER
    assert bar.parts[-1].left + bar.parts[-1].width <= WIDTH


def test_a_pull_request_comment_stays_below_its_limit_and_says_what_went() -> None:
    text = render("markdown", large(200, 60), Options())
    assert len(text.encode()) < LARGEST
    assert re.search(r"cut to the size of a comment\*\*: without \d+ controls? of “Failed”", text)
    assert "Cut: 25 of " in text
    assert {row.control.id for row in having(large(200, 60).findings, Standing.FAIL)} <= set(
        re.findall("[a-z-]+", text)
    )


def test_what_is_short_is_whole_in_a_comment_that_was_cut() -> None:
    text = render("markdown", replace(large(200, 60), unlooked=mixed().unlooked, unmatched_waivers=("W-9",)), Options())
    assert "### Not looked into: there may be more stores\n\n- `workspaces of databricks" in text
    assert "- `W-9`" in text


def test_a_comment_that_just_fits_is_whole() -> None:
    text = render("markdown", large(10, 20), Options())
    assert "cut" not in text.lower()


def test_a_long_text_in_a_comment_is_cut_and_says_so() -> None:
    given = replace(mixed(), findings=(failed(BLOCKED, MAIN, "x" * 5_000),))
    assert "x… (cut)`" in render("markdown", given, Options())


def test_a_large_comment_of_hostile_texts_stays_below_its_limit() -> None:
    rows = tuple(
        unknown(RETAINED, replace(store(f"b{number}", ""), uri=HOSTILE * 3 + str(number)), denied(EUROPE, HOSTILE))
        for number in range(300)
    )
    given = replace(mixed(), findings=rows, unmatched_waivers=tuple(HOSTILE + str(number) for number in range(300)))
    assert len(render("markdown", given, Options()).encode()) < LARGEST


def test_junit_counts_are_those_of_its_cases() -> None:
    root = ET.fromstring(render("junit", mixed(), Options()))  # noqa: S314 - our own document
    for suite in (root, *root):
        assert int(suite.get("tests", "")) == len(list(suite.iter("testcase")))
        assert int(suite.get("failures", "")) == len(list(suite.iter("failure")))
        assert int(suite.get("errors", "")) == len(list(suite.iter("error")))
        assert int(suite.get("skipped", "")) == len(list(suite.iter("skipped")))
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(names)) == len(names)


def test_csv_has_a_line_for_each_reference() -> None:
    lines = list(csv.DictReader(io.StringIO(render("csv", mixed(), Options()), newline="")))
    of_row = [line for line in lines if (line["control"], line["subject"]) == (BLOCKED.id, MAIN.uri)]
    assert [(line["framework"], line["requirement"]) for line in of_row] == [
        ("SOC 2 (TSC 2017)", "CC6.1"),
        ("SOC 2 (TSC 2017)", "CC6.6"),
        ("NIST SP 800-53 rev. 5", "AC-3"),
        ("NIST SP 800-53 rev. 5", "AU-9"),
        ("CIS AWS Foundations", "3.1.4"),
    ]
    assert len({tuple(line.values()) for line in lines}) == len(lines)


def test_csv_keeps_a_row_whose_control_refers_to_nothing() -> None:
    given = replace(mixed(), findings=(failed(replace(BLOCKED, references=()), MAIN, "false"),), unlooked=())
    (line,) = csv.DictReader(io.StringIO(render("csv", given, Options()), newline=""))
    assert (line["control"], line["framework"]) == (BLOCKED.id, "")


@pytest.mark.parametrize(
    ("fix", "shown"),
    [
        ("Name it under `trust` in `posture.yaml`.", "Name it under <code>trust</code> in <code>posture.yaml</code>."),
        ("Run `<b>` & see.", "Run <code>&lt;b&gt;</code> &amp; see."),
        ("One ` is <i>none</i>.", "One ` is &lt;i&gt;none&lt;/i&gt;."),
    ],
)
def test_names_between_backticks_are_set_as_code(fix: str, shown: str) -> None:
    row = failed(replace(BLOCKED, fix=(("aws", fix),)), MAIN, "false")
    assert f"<b>Fix.</b> {shown}</p>" in render("html", replace(mixed(), findings=(row,)), Options())


def test_each_provider_has_its_own_fix() -> None:
    control = replace(BLOCKED, fix=(("aws", "Do it there."), ("gcp", "Do it here.")))
    elsewhere = replace(MAIN, uri="gs://logs", provider=Provider.GCP)
    rows = (failed(control, MAIN, "false"), failed(control, elsewhere, "false", waiver("W-7", "changed")))
    given = replace(mixed(), findings=rows)
    for name in FORMATS:
        text = render(name, given, Options())
        assert "Do it there." in text
        assert "Do it here." in text
    assert "granted for other facts than these" in render("markdown", given, Options())


def test_a_comment_names_so_many_subjects_and_counts_the_others() -> None:
    why = denied(EUROPE, "s3:GetBucketPolicy")
    alike = tuple(unknown(BLOCKED, store(f"alike-{number}", ""), why) for number in range(30))
    mine = replace(RETAINED, id="mine")
    apart = tuple(
        unknown(replace(mine, id=f"mine-{'x' * number}"), store(f"apart-{number}", ""), why) for number in range(30)
    )
    assert "and 5 more (cut)" in render("markdown", replace(mixed(), findings=alike), Options())
    assert "and 5 more groups of subjects (cut)" in render("markdown", replace(mixed(), findings=apart), Options())


def test_an_unknown_that_nothing_is_known_of_reads_well_in_every_format() -> None:
    bare = Unknown(reason=Reason.NOT_COLLECTED)
    place = Unlooked(what="somewhere", unknown=bare)
    given = replace(mixed(), findings=(unknown(BLOCKED, MAIN, bare),), unlooked=(place,), exit_code=3)
    for name in FORMATS:
        text = render(name, given, Options(verbosity=1))
        assert "somewhere" in text
        assert "not collected" in text or "not_collected" in text
        assert "needs ;" not in text
        assert "()" not in text
        assert "[]" not in text or name == "json"
        assert "needs \n" not in text
