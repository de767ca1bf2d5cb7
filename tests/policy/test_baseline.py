"""A baseline: what it holds for, what it never covers, and what is refused."""

import json
from dataclasses import replace
from datetime import date
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.assess import CLEAN, FAILED, UNDETERMINED, exit_code
from posture.errors import BaselineError
from posture.estate import Joined
from posture.model.assessment import (
    BaselineNote,
    BaselineUse,
    Evidence,
    Finding,
    Selection,
    SubjectInfo,
    Unlooked,
    WaiverNote,
)
from posture.model.facts import Reason, Source, Unknown
from posture.model.logic import Outcome, Severity, Verdict
from posture.model.subjects import About, LogStore, Mode
from posture.policy.baseline import Baseline, baseline_text, facts_of, parse_baseline
from posture.policy.document import parse_policy
from tests.policy.samples import POLICY

INFO = parse_policy(POLICY, "p.yaml").controls[1].info
TODAY = date(2026, 11, 27)
LATER = date(2026, 12, 24)


def fact(path: str, found: str, *, verdict: Verdict = Verdict.FAIL, item: str = "", expected: str = "365") -> Evidence:
    source = Source(operation="s3:GetBucketPolicy", resource="logs")
    return Evidence(path=path, found=found, expected=expected, verdict=verdict, sources=(source,), item=item)


def row(*evidence: Evidence, outcome: Outcome = Outcome.FAIL, name: str = "a") -> Finding:
    return Finding(
        control=INFO,
        subject=SubjectInfo(about=About.STORE, uri=f"s3://{name}", mode=Mode.LIVE),
        outcome=outcome,
        evidence=evidence,
        facts_digest="",
    )


def baseline(*rows: Finding, day: date = TODAY, earlier: Baseline | None = None) -> Baseline:
    return parse_baseline(baseline_text(rows, day, earlier), "b.json")


def covered(known: Finding, now: Finding) -> bool:
    """Whether a baseline of the one row holds for the other."""
    note = baseline(known).note(now)
    return note is not None and note.holds


GRANTS = (fact("grants[0].scope", "outside", item="111, read"), fact("grants[3].scope", "outside", item="222, read"))


def test_a_row_as_it_was_is_known_since_then() -> None:
    given_row = row(fact("retention.days", "30"))
    assert baseline(given_row).note(given_row) == BaselineNote(first_seen=TODAY, state="holds")
    assert baseline(given_row).note(row(fact("retention.days", "30"), name="b")) is None


def test_another_value_is_no_longer_the_known_row() -> None:
    note = baseline(row(fact("retention.days", "30"))).note(row(fact("retention.days", "7")))
    assert note == BaselineNote(first_seen=TODAY, state="changed")


def test_a_part_that_is_mended_leaves_the_rest_known() -> None:
    assert covered(row(*GRANTS), row(GRANTS[1]))


def test_a_further_grant_is_new_wherever_it_stands_in_the_list() -> None:
    assert not covered(row(GRANTS[0]), row(*GRANTS))
    assert not covered(row(GRANTS[0]), row(GRANTS[0], replace(GRANTS[0], path="grants[1].scope")))
    assert covered(row(*GRANTS), row(*(replace(grant, path=f"grants[{n}].scope") for n, grant in enumerate(GRANTS))))


def test_another_requirement_does_not_make_a_known_fact_new() -> None:
    assert covered(row(fact("retention.days", "30")), row(fact("retention.days", "30", expected="400")))


def test_what_did_not_decide_does_not_count() -> None:
    beside = fact("integrity.versioning", "enabled", verdict=Verdict.PASS)
    assert covered(row(GRANTS[0], beside), row(GRANTS[0], replace(beside, found="suspended")))


def test_a_failure_is_not_covered_by_what_was_unknown_and_the_reverse() -> None:
    failed, open_one = row(GRANTS[0]), row(GRANTS[0], outcome=Outcome.UNKNOWN)
    assert not covered(open_one, failed)
    assert not covered(failed, open_one)
    assert covered(open_one, open_one)


def test_a_row_that_passes_has_no_note() -> None:
    assert baseline(row(GRANTS[0])).note(row(outcome=Outcome.PASS)) is None


def waived(given_row: Finding, state: str) -> Finding:
    note = WaiverNote(
        id="W", owner="o", approver="a", reason="r", ticket="t", created=TODAY, expires=TODAY, state=state
    )
    return replace(given_row, waiver=note)


@pytest.mark.parametrize("state", ["expired", "changed"])
def test_a_baseline_never_replaces_a_waiver_that_ended(state: str) -> None:
    assert not covered(row(GRANTS[0]), waived(row(GRANTS[0]), state))
    assert not baseline(waived(row(GRANTS[0]), state)).entries


def test_what_is_waived_stays_out() -> None:
    assert not baseline(waived(row(GRANTS[0]), "holds")).entries


def test_the_first_day_stays_when_a_baseline_is_written_anew() -> None:
    first = baseline(row(GRANTS[0]))
    again = baseline(row(*GRANTS), row(name="b"), day=LATER, earlier=first)
    assert {entry.subject: entry.first_seen for entry in again.entries.values()} == {"s3://a": TODAY, "s3://b": LATER}
    noted = replace(row(*GRANTS), baseline=first.note(row(*GRANTS)))
    assert [entry.first_seen for entry in baseline(noted, day=LATER).entries.values()] == [TODAY]


def test_the_record_counts_the_rows_that_are_gone() -> None:
    made = baseline(row(GRANTS[0]), row(name="b"), row(name="c"))
    use = made.use([row(GRANTS[1]), row(outcome=Outcome.PASS, name="b")])
    assert use == BaselineUse(file="b.json", sha256=made.sha256, rows=3, gone=2)


def test_what_a_selection_left_out_is_not_gone_and_stays_in_a_baseline_that_is_written_anew() -> None:
    other = replace(row(GRANTS[0]), control=replace(INFO, id="another-control"))
    whole = baseline(row(GRANTS[0]), row(name="b"), other)
    selection = Selection(controls=(INFO.id,), of=2)
    assert whole.use([row(GRANTS[0])], selection).gone == 1
    written = parse_baseline(baseline_text([row(GRANTS[0])], LATER, whole, selection), "b.json")
    kept = {name: entry for name, entry in whole.entries.items() if entry.subject == "s3://a"}
    assert (written.entries, len(kept)) == (kept, 2)


SUBJECT = Joined(info=row().subject, record=cast("LogStore", None))


def code(*rows: Finding, unlooked: tuple[Unlooked, ...] = ()) -> int:
    """The exit code over these rows; of the subject it only matters that there is one."""
    return exit_code(rows, [SUBJECT], unlooked, Severity.LOW, allow_unknown=False)


def test_only_what_is_new_sets_the_exit_code() -> None:
    known = replace(row(GRANTS[0]), baseline=BaselineNote(first_seen=TODAY, state="holds"))
    worse = replace(row(GRANTS[0]), baseline=BaselineNote(first_seen=TODAY, state="changed"))
    open_one = row(GRANTS[0], outcome=Outcome.UNKNOWN)
    assert code(known) == CLEAN
    assert code(known, worse) == FAILED
    assert code(known, row(GRANTS[0], name="b")) == FAILED
    assert code(known, open_one) == UNDETERMINED
    assert code(replace(open_one, introduced=False)) == CLEAN
    assert code(replace(row(GRANTS[0]), introduced=True)) == FAILED
    place = Unlooked(what="somewhere", unknown=Unknown(reason=Reason.DENIED))
    assert code(known, unlooked=(place,)) == UNDETERMINED


names = st.text(min_size=1, max_size=12)


@given(st.lists(st.tuples(names, names, names), max_size=6, unique_by=lambda entry: entry[0]))
def test_what_is_written_is_read_back_and_holds(entries: list[tuple[str, str, str]]) -> None:
    rows = [row(fact(path, found), name=name) for name, path, found in entries]
    text = baseline_text(rows, TODAY)
    assert text == baseline_text(rows[::-1], TODAY)
    assert len(text.splitlines()) == (len(rows) + 5 if rows else 1)
    made = parse_baseline(text, "b.json")
    for given_row in rows:
        note = made.note(given_row)
        assert note is not None
        assert note.holds
    assert json.loads(text)["schema"] == "audit-log-posture/baseline/1"


@given(st.permutations((*GRANTS, fact("retention.days", "30"))))
def test_the_order_of_evidence_does_not_matter(evidence: list[Evidence]) -> None:
    assert facts_of(row(*evidence)) == facts_of(row(*GRANTS, fact("retention.days", "30")))


GOOD = baseline_text([row(GRANTS[0]), row(name="b")], TODAY)


@pytest.mark.parametrize(
    ("taken", "put", "said"),
    [
        ('"first_seen"', '"first_sean"', "b.json:4: $.rows[0]: unknown key `first_sean`"),
        ("2026-11-27", "2026-02-30", "b.json:4: $.rows[0].first_seen: `2026-02-30` is not a day of the calendar"),
        ('"fail"', '"fial"', "b.json:4: $.rows[0].outcome: unknown value `fial`"),
        ("baseline/1", "baseline/9", "b.json:2: $.schema: unknown value `audit-log-posture/baseline/9`"),
        (f'"{row(name="b").fingerprint}"', f'"{row().fingerprint}"', "this row stands here twice, first in line 4"),
        ("]", "", "this is not YAML"),
        (GOOD, "", "the file is empty"),
    ],
)
def test_what_is_refused_is_told_with_its_line(taken: str, put: str, said: str) -> None:
    assert taken in GOOD
    with pytest.raises(BaselineError) as caught:
        parse_baseline(GOOD.replace(taken, put, 1), "b.json")
    assert any(said in str(each) for each in (caught.value, *caught.value.others)), caught.value


@given(st.integers(0, len(GOOD)), st.integers(0, 30), st.sampled_from(["", "{", "]", '"', ",", "\\", "\x00", "é"]))
def test_a_damaged_baseline_is_refused_or_still_a_baseline(start: int, length: int, scrap: str) -> None:
    damaged = GOOD[:start] + scrap + GOOD[start + length :]
    refusal: BaselineError | None = None
    try:
        made = parse_baseline(damaged, "b.json")
    except BaselineError as error:
        refusal = error
    else:
        assert len(made.entries) <= 2
    assert refusal is None or str(refusal).startswith("b.json")
