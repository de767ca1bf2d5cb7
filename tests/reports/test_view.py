"""How rows count and group, and why the process ends as it does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from posture.model.assessment import Assessment, Finding, Place
from posture.model.facts import Reason, Source, Unknown
from posture.model.logic import Outcome, Severity
from posture.model.subjects import Mode, Provider
from posture.reports.causes import causes
from posture.reports.ending import code_without_leave, ending
from posture.reports.options import Options
from posture.reports.registry import render
from posture.reports.tally import tallied
from posture.reports.view import Standing, by_control, granted, having, standing
from tests.reports.assessments import (
    BLOCKED,
    EUROPE,
    LOGGED,
    MAIN,
    REPLICA,
    UNLOOKED,
    all_pass,
    denied,
    empty,
    failed,
    mixed,
    passed,
    row,
    store,
    unknown,
    waiver,
)


def ended(*findings: Finding, code: int, fail_on: Severity = Severity.LOW, allow_unknown: bool = False) -> Assessment:
    return replace(all_pass(), findings=findings, exit_code=code, fail_on=fail_on, allow_unknown=allow_unknown)


DENIED = unknown(LOGGED, MAIN, denied(MAIN, "s3:GetBucketLogging"))


@pytest.mark.parametrize(
    ("assessment", "sentence"),
    [
        (mixed(), "5 rows failed at or above medium"),
        (empty(), "nothing was checked: no store and no source of audit logs was found"),
        (all_pass(), "every control that applies passed"),
        (ended(row(BLOCKED, MAIN, Outcome.NOT_APPLICABLE), code=0), "no control applied"),
        (ended(failed(LOGGED, MAIN, "false"), code=0, fail_on=Severity.HIGH), "1 row failed, all below high"),
        (
            ended(failed(BLOCKED, MAIN, "false", waiver("W", "holds")), code=0),
            "everything else passed; 1 row waived",
        ),
        (
            ended(DENIED, code=0, allow_unknown=True),
            "1 row unknown, which was allowed; the code would have been 3",
        ),
        (ended(DENIED, code=3), "nothing failed, but 1 row unknown"),
        (
            ended(DENIED, failed(LOGGED, EUROPE, "false"), code=3, fail_on=Severity.HIGH),
            "nothing failed at or above high, but 1 row unknown",
        ),
        (
            replace(ended(DENIED, code=3), unlooked=UNLOOKED),
            "nothing failed, but 1 row unknown and 1 place could not be looked into",
        ),
        (
            replace(ended(passed(BLOCKED, MAIN), code=3), unlooked=UNLOOKED),
            "nothing failed, but 1 place could not be looked into",
        ),
        (ended(code=3), "nothing failed"),
        (ended(code=70), "the run did not end well (code 70)"),
    ],
)
def test_the_ending_says_why(assessment: Assessment, sentence: str) -> None:
    assert ending(assessment, tallied(assessment.findings)) == sentence


def test_the_code_that_was_spared_is_kept() -> None:
    allowed = ended(DENIED, code=0, allow_unknown=True)
    spared = [code_without_leave(given, tallied(given.findings)) for given in (allowed, all_pass(), mixed())]
    assert spared == [3, 0, 1]


def test_failures_below_the_threshold_are_counted() -> None:
    tally = tallied(mixed().findings)
    below = [tally.below(threshold) for threshold in (Severity.LOW, mixed().fail_on, Severity.CRITICAL)]
    assert below == [0, 1, 5]


@pytest.mark.parametrize(
    ("finding", "counted"),
    [
        (failed(BLOCKED, MAIN, "false"), Standing.FAIL),
        (failed(BLOCKED, MAIN, "false", waiver("W", "holds")), Standing.WAIVED),
        (failed(BLOCKED, MAIN, "false", waiver("W", "expired")), Standing.FAIL),
        (failed(BLOCKED, MAIN, "false", waiver("W", "changed")), Standing.FAIL),
        (replace(DENIED, waiver=waiver("W", "holds")), Standing.WAIVED),
        (replace(DENIED, waiver=waiver("W", "expired")), Standing.UNKNOWN),
        (replace(passed(BLOCKED, MAIN), waiver=waiver("W", "holds")), Standing.PASS),
        (row(BLOCKED, MAIN, Outcome.NOT_APPLICABLE), Standing.NOT_APPLICABLE),
    ],
)
def test_a_row_counts_once(finding: Finding, counted: Standing) -> None:
    assert standing(finding) is counted
    assert sum(tallied([finding]).counts.values()) == 1


def test_a_row_with_two_causes_waits_for_both() -> None:
    first, second = denied(MAIN, "s3:GetBucketLogging"), denied(MAIN, "s3:GetBucketPolicy")
    items = (*unknown(LOGGED, MAIN, first).evidence, *unknown(LOGGED, MAIN, second).evidence)
    finding = row(LOGGED, MAIN, Outcome.UNKNOWN, items)
    assert [cause.needs for cause in causes([finding])] == ["s3:GetBucketLogging", "s3:GetBucketPolicy"]
    assert all((cause.rows, cause.blocked[0].subjects) == (1, (MAIN,)) for cause in causes([finding]))


def test_an_unknown_row_without_a_reason_is_still_listed() -> None:
    (cause,) = causes([row(LOGGED, MAIN, Outcome.UNKNOWN)])
    assert (cause.reason, cause.details) == (Reason.UNDETERMINED, ("no reason was recorded",))


def test_subjects_that_wait_for_one_cause_with_the_same_controls_stand_together() -> None:
    why = Unknown(reason=Reason.TIMEOUT)
    rows = [unknown(control, subject, why) for control in (LOGGED, BLOCKED) for subject in (MAIN, EUROPE)]
    rows.append(unknown(LOGGED, REPLICA, why))
    (cause,) = causes(having(rows))
    assert [(len(blocked.subjects), blocked.controls) for blocked in cause.blocked] == [
        (2, (BLOCKED.id, LOGGED.id)),
        (1, (LOGGED.id,)),
    ]


def test_rows_of_one_control_that_differ_are_shown_apart_the_common_case_first() -> None:
    rows = (failed(BLOCKED, EUROPE, "odd"), failed(BLOCKED, MAIN, "false"), failed(BLOCKED, REPLICA, "false"))
    (group,) = by_control(rows)
    assert [len(alike.findings) for alike in group.alike] == [2, 1]


@pytest.mark.parametrize("name", ["text", "markdown", "html"])
def test_a_fix_is_said_once_for_all_rows_that_it_mends(name: str) -> None:
    """Rows that differ in their evidence, and rows of another provider between them."""
    control = replace(BLOCKED, fix=(("aws", "Do it there."), ("gcp", "Do it here.")))
    found = [failed(control, MAIN, "false"), failed(control, EUROPE, "odd"), failed(control, REPLICA, "suspended")]
    google = replace(store("elsewhere", ""), provider=Provider.GCP)
    found.insert(1, failed(control, google, "false"))
    told = render(name, replace(mixed(), findings=tuple(found)), Options())
    assert (told.count("Do it there."), told.count("Do it here.")) == (1, 1)


def test_a_failure_shows_what_failed_and_not_what_passed_beside_it() -> None:
    bad, good = failed(BLOCKED, MAIN, "false"), passed(BLOCKED, MAIN)
    both = replace(bad, evidence=(*good.evidence, *bad.evidence))
    assert both.deciding == bad.evidence


def test_no_row_is_lost_between_the_standings() -> None:
    findings = mixed().findings
    assert sum(len(having(findings, kind)) for kind in Standing) == len(findings)


def test_a_waiver_says_who_until_when_and_why() -> None:
    told = granted(failed(BLOCKED, MAIN, "false", replace(waiver("W-2", "holds"), ticket="")))
    assert told.startswith("W-2 until 2027-02-01, owner platform-security, approved by ciso: The replica")
    assert not granted(failed(BLOCKED, MAIN, "false"))


def test_the_same_fault_of_two_planned_buckets_is_told_once() -> None:
    def row_of(name: str) -> Finding:
        address = f"aws_s3_bucket.{name}"
        subject = replace(store(name, ""), mode=Mode.PLANNED, places=(Place(address=address),))
        seen = failed(BLOCKED, subject, "false")
        sources = (Source(operation=address), Source(operation="s3:GetPublicAccessBlock"))
        return replace(seen, evidence=tuple(replace(item, sources=sources) for item in seen.evidence))

    ((alike,),) = (group.alike for group in by_control((row_of("a"), row_of("b"))))
    ((_, sources),) = alike.evidence
    assert [finding.subject.uri for finding in alike.findings] == ["s3://a", "s3://b"]
    assert alike.calls(sources) == ("s3:GetPublicAccessBlock",)
    assert {source.operation for source in sources} == {"aws_s3_bucket.a", "aws_s3_bucket.b", "s3:GetPublicAccessBlock"}
