"""A rewriting reaches every value of its kind, and leaves what has none as it is."""

from dataclasses import dataclass, field
from enum import StrEnum

from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown
from posture.model.rewriting import Rewriting


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    name: str = "a"
    colour: Colour = Colour.RED
    number: int = 1
    facts: tuple[Fact[str], ...] = ()
    listed: Listing[str] = field(default_factory=lambda: Listing(items=()))


LOUD = Rewriting(str, str.upper)
SOURCE = Source(operation="op")


def test_texts_change_wherever_they_stand_but_for_sources_and_names_of_enums() -> None:
    gap = Gap(unknown=Unknown(reason=Reason.DENIED, detail="why", sources=(SOURCE,)))
    record = Record(
        facts=(Known(value="b", sources=(SOURCE,)),), listed=Listing(items=("c",), gaps=(gap,), sources=(SOURCE,))
    )
    changed = LOUD.of(record)
    assert (changed.name, changed.colour, changed.number) == ("A", Colour.RED, 1)
    assert type(changed.colour) is Colour
    assert changed.facts == (Known(value="B", sources=(SOURCE,)),)
    assert changed.listed.items == ("C",)
    assert changed.listed.gaps[0].unknown == Unknown(reason=Reason.DENIED, detail="WHY", sources=(SOURCE,))


def test_a_record_without_such_values_is_the_same_object() -> None:
    record = Record(facts=(Known(value="b", sources=()),))
    assert Rewriting(Unknown, lambda unknown: Unknown(reason=unknown.reason)).of(record) is record
    assert Rewriting(str, lambda text: text).of(record) is record


def test_a_value_of_the_kind_is_not_gone_into() -> None:
    unknown = Unknown(reason=Reason.DENIED, detail="why")
    found = Rewriting(Unknown, lambda each: Unknown(reason=each.reason, needs="more")).of(Record(facts=(unknown,)))
    assert found.facts == (Unknown(reason=Reason.DENIED, needs="more"),)
