import itertools

import pytest

from posture.model.logic import Outcome, Severity, Verdict, every, implies, negation, some

F, U, P = Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS


@pytest.mark.parametrize(
    ("first", "second", "both", "either"),
    [
        (F, F, F, F),
        (F, U, F, U),
        (F, P, F, P),
        (U, U, U, U),
        (U, P, U, P),
        (P, P, P, P),
    ],
)
def test_strong_kleene_tables(first: Verdict, second: Verdict, both: Verdict, either: Verdict) -> None:
    assert every([first, second]) is every([second, first]) is both
    assert some([first, second]) is some([second, first]) is either


def test_de_morgan() -> None:
    for first, second in itertools.product(Verdict, repeat=2):
        assert negation(every([first, second])) is some([negation(first), negation(second)])


@pytest.mark.parametrize(
    ("where", "require", "expected"),
    [(F, F, P), (F, U, P), (F, P, P), (U, F, U), (U, U, U), (U, P, P), (P, F, F), (P, U, U), (P, P, P)],
)
def test_an_item_is_out_of_scope_or_must_satisfy(where: Verdict, require: Verdict, expected: Verdict) -> None:
    assert implies(where, require) is expected


def test_every_verdict_has_a_word() -> None:
    assert [Outcome.of(verdict).value for verdict in Verdict] == ["fail", "unknown", "pass"]


def test_severities_rank_from_low_to_critical() -> None:
    assert sorted(Severity, key=lambda severity: severity.rank) == [
        Severity.LOW,
        Severity.MEDIUM,
        Severity.HIGH,
        Severity.CRITICAL,
    ]
