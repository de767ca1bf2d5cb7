"""When two records are the same to a control, so that it judges one of them and says the same of the other.

A judgement depends on the facts that its assertion reads, and copies their sources without looking into them. So what
is compared is those facts, with sources as the calls of the subject are numbered. What names an item, and why items may
be lacking, can only be quoted as evidence: it is compared where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeAlias

from posture.model.facts import Fact, Listing, Unknown
from posture.model.sayings import Sayings, Seat
from posture.model.subjects import About
from posture.policy.assertions import DOUBTS
from posture.policy.vocabulary import ListField, Record, Value, vocabulary

_Look: TypeAlias = "Callable[[Sight, object], int]"


class Likeness:
    """Numbers whatever was seen in a run; equal numbers are equal sights."""

    def __init__(self, sayings: Sayings) -> None:
        self.sayings = sayings
        self._numbers: dict[Hashable, int] = {}
        self._looks: dict[tuple[About, str], _Look] = {}

    def number(self, seen: Hashable) -> int:
        """The number of something that was seen."""
        return self._numbers.setdefault(seen, len(self._numbers))

    def look(self, about: About, word: str) -> _Look:
        """What finds the number of that which a word means, as `words_used` and `words_quoted` spell it."""
        look = self._looks.get((about, word))
        if look is None:
            look = self._looks[about, word] = _look(vocabulary(about), word)
        return look


class Sight(dict[str, int]):
    """One record by the words of its kind, each looked up when it is first asked for."""

    def __init__(self, likeness: Likeness, seat: Seat, record: object) -> None:
        super().__init__()
        self.likeness = likeness
        self.seat = seat
        self.record = record

    def __missing__(self, word: str) -> int:
        number = self[word] = self.likeness.look(self.seat.subject.about, word)(self, self.record)
        return number

    def of(self, words: Iterable[str]) -> tuple[int, ...]:
        """What these words mean in this record."""
        return tuple(map(self.__getitem__, words))

    def fact(self, fact: Fact[Value]) -> int:
        """The number of a fact."""
        places = id(self.likeness.sayings.places(self.seat, fact.sources))  # one object for all that are alike
        if isinstance(fact, Unknown):
            return self.likeness.number((fact.reason, fact.detail, fact.needs, places))
        return self.likeness.number((type(fact.value), fact.value, places))

    def outline(self, listing: Listing[object]) -> int:
        """The number of what is said of a list beside its items."""
        places = id(self.likeness.sayings.places(self.seat, listing.sources))
        return self.likeness.number((len(listing.items), len(listing.gaps), places))

    def doubts(self, listing: Listing[object]) -> int:
        """The number of why items may be lacking."""
        return self.likeness.number(tuple([self.fact(gap.unknown) for gap in listing.gaps]))


def _look(record: Record, word: str) -> _Look:
    if word in record.fields:
        read_fact = record.fields[word].read
        return lambda sight, subject: sight.fact(read_fact(subject))
    name, inside, rest = word.partition("[].")
    if inside:
        return _column(record.lists[name], rest)
    read = record.lists[name.removesuffix(DOUBTS)].read
    if name.endswith(DOUBTS):
        return lambda sight, subject: sight.doubts(read(subject))
    return lambda sight, subject: sight.outline(read(subject))


def _column(listed: ListField, word: str) -> _Look:
    """What a word means in each item, and what is known of it in lacking ones."""
    inner = _look(listed.record, word)

    def look(sight: Sight, subject: object) -> int:
        listing = listed.read(subject)
        items = tuple([inner(sight, item) for item in listing.items])
        limits = tuple(
            [
                (gap, *limit)
                for gap, each in enumerate(listing.gaps)
                for limit in enumerate(each.limits)
                if limit[1][0] == word
            ]
        )
        return sight.likeness.number((items, limits))

    return look
