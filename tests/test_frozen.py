"""Frozen records are what the standard library would have made of them, but for how they were made."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import pickle
import pkgutil
from collections.abc import Iterator
from dataclasses import field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import posture
from posture.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """A record with every kind of field."""

    name: str
    size: int = 3
    tags: tuple[str, ...] = ()
    seen: list[int] = field(default_factory=list, compare=False)
    secret: str = field(default="", repr=False)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Theirs:
    """The same, made by the library."""

    name: str
    size: int = 3
    tags: tuple[str, ...] = ()
    seen: list[int] = field(default_factory=list, compare=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Pair:
    """A record whose fields may be given by their places; it has an order of its own to be shown in."""

    first: int
    second: int = 2

    def __repr__(self) -> str:
        return f"<{self.first} {self.second}>"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Thing:
    """A record that equals itself alone."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Empty:
    """A record without a field."""


MEMBERS = st.fixed_dictionaries(
    {"name": st.text(max_size=3)},
    optional={
        "size": st.integers(0, 2),
        "tags": st.lists(st.sampled_from("ab"), max_size=1).map(tuple),
        "seen": st.lists(st.integers(0, 1), max_size=1),
        "secret": st.sampled_from(["", "s"]),
    },
)


@given(MEMBERS, MEMBERS)
def test_it_behaves_as_one_of_the_library(one: dict[str, Any], other: dict[str, Any]) -> None:
    ours, theirs = (Ours(**one), Ours(**other)), (Theirs(**one), Theirs(**other))
    assert (ours[0] == ours[1]) == (theirs[0] == theirs[1])
    assert (hash(ours[0]) == hash(ours[1])) == (hash(theirs[0]) == hash(theirs[1]))
    assert [repr(each).replace("Ours", "Theirs") for each in ours] == [repr(each) for each in theirs]
    assert dataclasses.asdict(ours[0]) == dataclasses.asdict(theirs[0])
    assert dataclasses.asdict(replace(ours[0], **other)) == dataclasses.asdict(replace(theirs[0], **other))
    assert not any(one == other for one in ours for other in theirs)  # type: ignore[comparison-overlap]


@given(MEMBERS)
def test_copies_and_pickles_are_equal(members: dict[str, Any]) -> None:
    record = Ours(**members)
    for same in (copy.copy(record), copy.deepcopy(record), pickle.loads(pickle.dumps(record))):  # noqa: S301 - our own
        assert dataclasses.asdict(same) == dataclasses.asdict(record)


@pytest.mark.parametrize("wrong", [{}, {"name": "a", "size": 1, "more": 2}, {"size": 1}])
def test_what_the_library_refuses_is_refused(wrong: dict[str, Any]) -> None:
    for kind in (Ours, Theirs):
        with pytest.raises(TypeError):
            kind(**wrong)
    with pytest.raises(TypeError):
        Ours("a")  # type: ignore[call-arg] # by its place


def test_nothing_changes_it() -> None:
    record: Any = Ours(name="a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.name = "b"
    with pytest.raises(dataclasses.FrozenInstanceError):
        del record.name
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.more = 1
    assert not hasattr(record, "__dict__")
    assert (record.name, Ours(name="a").seen is record.seen) == ("a", False)


def test_places_methods_of_its_own_and_no_fields() -> None:
    assert (Pair(1), Pair(1, second=3)) == (Pair(1, 2), Pair(1, 3))
    assert str(Pair(1)) == "<1 2>"
    assert (Empty(), hash(Empty()), repr(Empty())) == (Empty(), hash(Empty()), "Empty()")
    assert Thing() != Thing()
    assert len({Thing(), Thing()}) == 2


def test_what_only_the_library_makes_is_refused() -> None:
    make: Any = dataclass
    with pytest.raises(ValueError, match="standard library"):
        make(frozen=False, slots=True)
    with pytest.raises(ValueError, match="standard library"):
        make(frozen=True, slots=True)(type("Late", (), {"__post_init__": lambda _self: None}))


def _records() -> Iterator[type]:
    for module in pkgutil.walk_packages(posture.__path__, "posture."):
        if module.name != "posture.__main__":
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, type) and value.__module__ == module.name and dataclasses.is_dataclass(value):
                    yield value


def test_every_field_of_every_record_is_stored_in_its_own_slot() -> None:
    records = [each for each in _records() if vars(each).get("__setattr__") is vars(Ours)["__setattr__"]]
    assert len(records) > 400
    for record in records:
        names = [field.name for field in dataclasses.fields(record) if field.init]
        given_values = {name: object() for name in names}
        made = record(**given_values)
        assert {name: getattr(made, name) for name in names} == given_values, record
