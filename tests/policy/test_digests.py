"""What decided a row has one digest, whatever order and time it came in."""

import hashlib
import json
import re
from dataclasses import replace
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.model.assessment import Evidence
from posture.model.facts import Reason, Source, Unknown
from posture.model.logic import Verdict
from posture.policy.digests import FactsDigest, facts_digest


def seen(path: str, found: str, *, read_at: str = "2026-01-01T00:00:00Z", operation: str = "s3:Get") -> Evidence:
    return Evidence(
        path=path,
        found=found,
        expected="at least 365",
        verdict=Verdict.FAIL,
        sources=(Source(operation=operation, resource="bucket", read_at=read_at),),
    )


def test_the_digest_is_of_facts_and_not_of_times_places_in_lists_or_request_ids() -> None:
    rows = (seen("grants[0].scope", "public"), seen("grants[1].scope", "outside"))
    later = (seen("grants[4].scope", "outside", read_at="2027"), seen("grants[9].scope", "public", read_at="2027"))
    assert facts_digest(rows) == facts_digest(later)
    failed = [
        replace(rows[0], unknown=Unknown(reason=Reason.FAILED, detail=f"RequestId: {number}")) for number in (1, 2)
    ]
    assert facts_digest(failed[:1]) == facts_digest(failed[1:])
    assert len(facts_digest(rows)) == 64


BASE = (seen("retention.days", "30"),)
CHANGES = [
    (seen("retention.days", "29"),),
    (seen("retention.noncurrent_days", "30"),),
    (seen("retention.days", "30", operation="s3:Other"),),
    (replace(BASE[0], expected="at least 400"),),
    (*BASE, *BASE),
    (),
]


@pytest.mark.parametrize("changed", CHANGES)
def test_other_facts_have_another_digest(changed: tuple[Evidence, ...]) -> None:
    assert facts_digest(changed) != facts_digest(BASE)


def test_facts_of_one_item_stay_together() -> None:
    one = [seen("grants[0].scope", "public"), seen("grants[0].action", "read")]
    two = [seen("grants[1].scope", "outside"), seen("grants[1].action", "write")]
    crossed = [seen("grants[0].scope", "public"), seen("grants[0].action", "write")]
    crossed += [seen("grants[1].scope", "outside"), seen("grants[1].action", "read")]
    assert facts_digest(one + two) == facts_digest(two + one)
    assert facts_digest(one + two) != facts_digest(crossed)


ROWS = st.tuples(st.integers(0, 3), st.sampled_from(["scope", "action"]), st.sampled_from("ab"))


@settings(max_examples=100)
@given(st.lists(ROWS, max_size=5).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_the_order_of_evidence_does_not_count(orders: tuple[list[tuple[int, str, str]], ...]) -> None:
    one, other = ([seen(f"grants[{index}].{name}", found) for index, name, found in rows] for rows in orders)
    assert facts_digest(one) == facts_digest(other)


WORDS = st.sampled_from(["a", "b", "\0", ',"', "é", "\ud800"])
EVIDENCE = st.builds(
    Evidence,
    path=st.sampled_from(["retention.days", "grants[0].scope", "grants[1].scope", "grants"]),
    item=WORDS,
    found=WORDS,
    expected=WORDS,
    verdict=st.just(Verdict.FAIL),
    sources=st.lists(st.builds(Source, operation=WORDS), max_size=3).map(tuple),
)


def by_the_book(evidence: list[Evidence]) -> str:
    """As the digests that waivers and baselines hold were made."""
    rows = sorted(
        (
            seen.path[: seen.path.rfind("]") + 1],
            [
                *(re.sub(r"\[[0-9]+\]", "[]", seen.path), seen.item, seen.found, seen.expected),
                *sorted({source.operation for source in seen.sources}),
            ],
        )
        for seen in evidence
    )
    groups = sorted([row for _, row in group] for _, group in groupby(rows, key=lambda row: row[0]))
    text = json.dumps(groups, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@given(st.lists(EVIDENCE, max_size=4), st.lists(EVIDENCE, max_size=4))
def test_operations_can_be_said_later(evidence: list[Evidence], others: list[Evidence]) -> None:
    later = [replace(seen, sources=other.sources) for seen, other in zip(evidence, others, strict=False)]
    given_later = [[source.operation for source in seen.sources] for seen in later]
    assert facts_digest(evidence) == by_the_book(evidence)
    assert FactsDigest(evidence[: len(later)]).of(given_later) == by_the_book(later)
