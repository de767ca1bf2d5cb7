from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from posture.errors import WaiverError
from posture.model.assessment import Finding, SubjectInfo
from posture.model.logic import Outcome
from posture.model.subjects import About, Mode
from posture.policy.document import parse_policy
from posture.policy.waivers import Waiver, WaiverStatus, load_waivers, match, parse_waivers
from posture.reports.view import lapse
from tests.policy.samples import POLICY, WAIVERS, refusals

CONTROLS = {"kept-a-year", "customer-key"}
INFO = parse_policy(POLICY, "p.yaml").controls[1].info
GRANTED = "0" * 61 + "abc"


def read(text: str) -> tuple[Waiver, ...]:
    return parse_waivers(text, "w.yaml", controls=CONTROLS)


def finding(uri: str, *, outcome: Outcome = Outcome.FAIL, digest: str = GRANTED) -> Finding:
    return Finding(
        control=INFO,
        subject=SubjectInfo(about=About.STORE, uri=uri, mode=Mode.LIVE),
        outcome=outcome,
        evidence=(),
        facts_digest=digest,
    )


def test_a_waiver_as_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "w.yaml"
    file.write_text(WAIVERS)
    assert load_waivers(str(file), controls=CONTROLS) == read(WAIVERS)
    assert read(WAIVERS)[0] == Waiver(
        id="legacy-retention",
        control="kept-a-year",
        subject="s3://legacy-logs/*",
        status=WaiverStatus.ACCEPTED_RISK,
        reason="The bucket is emptied in spring.",
        owner="Ada",
        approver="Grace",
        ticket="SEC-1",
        created=date(2026, 1, 1),
        expires=date(2026, 6, 30),
        facts=GRANTED,
        evidence="https://example.com/SEC-1",
    )
    assert read(WAIVERS)[1].evidence == ""


REFUSED = refusals("refused_waivers.txt")


@pytest.mark.parametrize("case", REFUSED, ids=[case["+"].strip()[:40] for case in REFUSED])
def test_waivers_that_are_refused(case: dict[str, str]) -> None:
    assert case["-"] in WAIVERS
    with pytest.raises(WaiverError) as caught:
        read(WAIVERS.replace(case["-"], case["+"], 1))
    found = {str(each): each.help for each in (caught.value, *caught.value.others)}
    assert found.get(f"w.yaml:{case['=']}") == case["?"], found


def test_the_list_of_refused_waivers_is_read() -> None:
    assert len(REFUSED) == 15


def test_the_day_it_expires_it_still_holds() -> None:
    (waiver, _) = read(WAIVERS)
    row = finding("s3://legacy-logs/audit")
    states = {day: match([waiver], row, day) for day in (waiver.expires, waiver.expires + timedelta(days=1))}
    assert [note and note.state for note in states.values()] == ["holds", "expired"]
    assert [note is not None and note.holds for note in states.values()] == [True, False]


def test_it_holds_only_for_the_facts_it_was_granted_for() -> None:
    (waiver, _) = read(WAIVERS)
    note = match([waiver], finding("s3://legacy-logs/audit", digest="1" * 64), date(2026, 2, 1))
    assert note is not None
    assert (note.state, note.holds) == ("changed", False)
    assert (note.id, note.owner, note.approver, note.ticket) == ("legacy-retention", "Ada", "Grace", "SEC-1")


def test_only_a_failure_or_an_unknown_can_be_waived() -> None:
    waived = {
        outcome: match(read(WAIVERS), finding("s3://legacy-logs/a", outcome=outcome), date(2026, 2, 1)) is not None
        for outcome in Outcome
    }
    assert waived == {
        Outcome.FAIL: True,
        Outcome.UNKNOWN: True,
        Outcome.PASS: False,
        Outcome.NOT_APPLICABLE: False,
    }


@pytest.mark.parametrize(
    ("subject", "uri", "named"),
    [
        ("s3://legacy-logs/*", "s3://legacy-logs/a", True),
        ("s3://legacy-logs/*", "s3://legacy-logs", False),
        ("s3://legacy-*", "s3://legacy-logs", True),
        ("s3://other", "s3://other", True),
        ("s3://other", "s3://other/a", False),
        ("s3://other", "s3://othe", False),
        ("s3://o[a-z]her", "s3://other", False),
    ],
)
def test_a_subject_is_named_whole_or_by_its_beginning(subject: str, uri: str, named: bool) -> None:  # noqa: FBT001 - a column of the table
    assert replace(read(WAIVERS)[0], subject=subject).names(finding(uri)) is named


def test_a_waiver_of_another_control_says_nothing() -> None:
    (waiver, _) = read(WAIVERS)
    assert match([replace(waiver, control="customer-key")], finding("s3://legacy-logs/a"), date(2026, 2, 1)) is None


def test_a_waiver_of_tomorrow_does_not_hold_yet_and_is_shown() -> None:
    (waiver, _) = read(WAIVERS)
    note = match([waiver], finding("s3://legacy-logs/a"), date(2025, 12, 31))
    assert note is not None
    assert (note.state, note.holds, lapse(note)) == ("early", False, f"begins on {waiver.created}")


def test_one_that_holds_is_shown_before_one_that_does_not() -> None:
    (waiver, _) = read(WAIVERS)
    others = [
        replace(waiver, id="later-but-changed", facts="1" * 64, expires=date(2026, 12, 31)),
        replace(waiver, id="expired", expires=date(2026, 1, 15)),
    ]
    for waivers in ([waiver, *others], [*others, waiver]):
        note = match(waivers, finding("s3://legacy-logs/a"), date(2026, 2, 1))
        assert note is not None
        assert note.id == "legacy-retention"
    note = match(others, finding("s3://legacy-logs/a"), date(2026, 2, 1))
    assert note is not None
    assert note.state == "changed"


def test_an_expired_waiver_is_expired_whatever_the_facts_are() -> None:
    note = match(read(WAIVERS), finding("s3://legacy-logs/a", digest="1" * 64), date(2026, 7, 1))
    assert note is not None
    assert note.state == "expired"
