"""Rows in little memory say what rows would say that keep everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from posture.model.assessment import Evidence, Finding, Place, SubjectInfo
from posture.model.facts import Reason, Source, Unknown
from posture.model.logic import Outcome, Verdict
from posture.model.rows import Column, Rows
from posture.model.sayings import Digest, Sayings, Seat
from posture.model.subjects import About, Mode
from tests.reports.assessments import CONTROLS

WORDS = st.sampled_from(["", "a", "b"])
OPERATIONS = st.sampled_from(["", "a", "b.x", "b.y", 'module.m["x.y]"].b.x', "b.x[0]", "b.x[1]", "data.b.x[1]"])
SOURCES = st.lists(st.builds(Source, operation=OPERATIONS, resource=WORDS, pointer=WORDS, read_at=WORDS), max_size=3)
UNKNOWNS = st.none() | st.builds(
    Unknown, reason=st.sampled_from(Reason), detail=WORDS, needs=WORDS, sources=SOURCES.map(tuple)
)
EVIDENCE = st.builds(
    Evidence,
    path=WORDS,
    found=WORDS,
    expected=WORDS,
    item=WORDS,
    verdict=st.sampled_from(Verdict),
    sources=SOURCES.map(tuple),
    unknown=UNKNOWNS,
)
JUDGED = st.tuples(st.sampled_from(Outcome), st.lists(EVIDENCE, max_size=2))
TABLES = st.integers(0, 4).flatmap(
    lambda subjects: st.lists(st.lists(JUDGED, min_size=subjects, max_size=subjects), max_size=3)
)


def subject(number: int, mode: Mode = Mode.LIVE) -> SubjectInfo:
    return SubjectInfo(about=About.STORE, uri=f"s3://{number}", mode=mode)


def digested(outcome: Outcome, evidence: Sequence[Evidence]) -> str:
    return digester(outcome, evidence)([[source.operation for source in seen.sources] for seen in evidence])


def digester(outcome: Outcome, evidence: Sequence[Evidence]) -> Digest:
    found = [seen.found for seen in evidence]
    return lambda operations: repr((outcome, found, [list(of) for of in operations]))


@given(TABLES, st.sampled_from(Mode))
def test_a_row_comes_back_as_it_was_added(table: list[list[tuple[Outcome, list[Evidence]]]], mode: Mode) -> None:
    sayings = Sayings(digester)
    seats = [Seat(subject=subject(number, mode)) for number in range(max(map(len, table), default=0))]
    columns = [Column(control, sayings) for control, _ in zip(CONTROLS, table, strict=False)]
    expected = []
    for column, judged in zip(columns, table, strict=True):
        for seat, (outcome, evidence) in zip(seats, judged, strict=True):
            column.add(seat, outcome, evidence)
            expected.append(
                Finding(
                    control=column.control,
                    subject=seat.subject,
                    outcome=outcome,
                    evidence=tuple(evidence),
                    facts_digest=digested(outcome, evidence),
                )
            )
    rows = Rows(columns)
    assert len(rows) == len(expected)
    assert list(rows) == expected
    assert [rows[place] for place in range(len(rows))] == expected
    assert [rows[place - len(rows)] for place in range(len(rows))] == expected
    assert list(rows[::-1]) == expected[::-1]
    assert [row for seat in seats for row in rows.of(seat.subject)] == sorted(expected, key=lambda row: row.subject.uri)
    assert [list(row.evidence) for row in rows] == [list(row.evidence) for row in expected]


def test_alike_rows_are_kept_once_whomever_the_calls_asked() -> None:
    made = []

    def counted(outcome: Outcome, evidence: Sequence[Evidence]) -> Digest:
        made.append(evidence)
        return digester(outcome, evidence)

    source = Source(operation="s3:GetBucketAcl", resource="one", pointer="/Grants", read_at="2026-11-05T09:14:05Z")
    seen = Evidence(path="acl", found="x", expected="y", verdict=Verdict.FAIL, sources=(source,))
    column = Column(CONTROLS[0], Sayings(counted))
    for number in range(100):
        here = replace(seen, sources=(replace(source, resource=f"bucket-{number}"),))
        column.add(Seat(subject=subject(number)), Outcome.FAIL, (here,))
    assert len(made) == 1
    assert {row.evidence[0].sources[0].resource for row in Rows([column])} == {f"bucket-{n}" for n in range(100)}


def test_rows_of_a_plan_are_alike_whatever_their_resources_are_called() -> None:
    column = Column(CONTROLS[0], Sayings(digester))
    told = [
        column.add(
            Seat(subject=subject(number, Mode.PLANNED)),
            Outcome.FAIL,
            (
                Evidence(
                    path="acl",
                    found="x",
                    expected="y",
                    verdict=Verdict.FAIL,
                    sources=(Source(operation=f'module.logs["a.{number}"].aws_s3_bucket_acl.this[0]'),),
                ),
            ),
        )
        for number in range(3)
    ]
    assert told[0] is told[1] is told[2]
    assert len({row.facts_digest for row in column}) == 3


def test_where_a_row_was_decided_is_asked_by_what_carries_it() -> None:
    column = Column(CONTROLS[0], Sayings(digester))
    seat = Seat(subject=subject(0, Mode.PLANNED))
    seen = [
        Evidence(path="acl", found="x", expected="y", verdict=verdict, sources=(Source(operation=f"a.{verdict}"),))
        for verdict in (Verdict.PASS, Verdict.FAIL)
    ]
    for outcome in (Outcome.PASS, Outcome.FAIL, Outcome.FAIL):
        column.add(seat, outcome, seen)
    column.amend(replace(column[2], introduced=True), 2)
    column.decide({Outcome.FAIL}, lambda _, operations: tuple(Place(address=each) for each in operations))
    assert [[place.address for place in row.decided_at] for row in column] == [[], ["a.0"], ["a.0"]]
    assert [row.introduced for row in column] == [None, None, True]
