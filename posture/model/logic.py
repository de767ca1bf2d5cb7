"""Three values (strong Kleene logic), and what a row can say."""

from collections.abc import Iterable
from enum import IntEnum, StrEnum


class Verdict(IntEnum):
    """Ordered, so that "all" is the minimum and "any" the maximum."""

    FAIL = 0
    UNKNOWN = 1
    PASS = 2


class Outcome(StrEnum):
    """A verdict as a row shows it, or NOT_APPLICABLE, which lies outside the logic and never counts as a pass."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    PASS = "pass"  # noqa: S105 - the word, not a password
    NOT_APPLICABLE = "not_applicable"

    @classmethod
    def of(cls, verdict: Verdict) -> "Outcome":
        """The row's word for a verdict."""
        return cls[verdict.name]


class Answer(StrEnum):
    """What a provider would say of one request, as far as it can be told."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNDETERMINED = "undetermined"


class Severity(StrEnum):
    """How much harm a failing control means, in the order `rank` gives."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low up to 3 for critical."""
        return list(Severity).index(self)


def every(verdicts: Iterable[Verdict]) -> Verdict:
    """All must hold; of nothing it is PASS, so callers refuse emptiness where it would be an accident."""
    return min(verdicts, default=Verdict.PASS)


def some(verdicts: Iterable[Verdict]) -> Verdict:
    """One must hold."""
    return max(verdicts, default=Verdict.FAIL)


def negation(verdict: Verdict) -> Verdict:
    """PASS and FAIL change places; UNKNOWN stays."""
    return Verdict(Verdict.PASS - verdict)


def implies(condition: Verdict, consequence: Verdict) -> Verdict:
    """What a loop asks of one item: it is out of scope, or it satisfies the requirement."""
    return max(negation(condition), consequence)
