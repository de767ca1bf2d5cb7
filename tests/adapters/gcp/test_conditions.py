"""Conditions against a second, naive evaluator that looks at every resource of a small world."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from posture.adapters.gcp.access.conditions import Question, UndecidedError, holds

NOW = datetime(2026, 11, 27, tzinfo=UTC)
BASE = "b/o/"
LETTERS = ("", "a", "b", "ab", "ba", "aa", "bb")
NAMES = tuple(f"{BASE}{name}" for name in LETTERS if name)  # every object of the world lies in question
KIND = "storage.googleapis.com/Object"


@dataclass(frozen=True)
class Atom:
    """One comparison."""

    what: Literal["starts", "equal", "type", "before", "after"]
    value: str

    def written(self) -> str:
        match self.what:
            case "starts":
                return f'resource.name.startsWith("{self.value}")'
            case "equal":
                return f'resource.name == "{self.value}"'
            case "type":
                return f'resource.type == "{self.value}"'
            case "before":
                return f'request.time < timestamp("{self.value}")'
            case "after":
                return f'request.time >= timestamp("{self.value}")'

    def true(self, name: str) -> bool:
        match self.what:
            case "starts":
                return name.startswith(self.value)
            case "equal":
                return name == self.value
            case "type":
                return self.value == KIND
            case "before":
                return datetime.fromisoformat(self.value) > NOW
            case "after":
                return datetime.fromisoformat(self.value) <= NOW


@dataclass(frozen=True)
class Tree:
    """An operator over others; `!` has one."""

    operator: Literal["&&", "||", "!"]
    parts: tuple[Expression, ...]

    def written(self) -> str:
        if self.operator == "!":
            return f"!({self.parts[0].written()})"
        return f" {self.operator} ".join(f"({part.written()})" for part in self.parts)

    def true(self, name: str) -> bool:
        each = [part.true(name) for part in self.parts]
        return {"&&": all(each), "||": any(each), "!": not each[0]}[self.operator]


Expression: TypeAlias = Atom | Tree

TIMES = st.sampled_from(["2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z"])
ATOMS = st.one_of(
    st.builds(Atom, st.sampled_from(["starts", "equal"]), st.sampled_from(["", "b", BASE, *NAMES, "c"])),
    st.builds(Atom, st.just("type"), st.sampled_from([KIND, "storage.googleapis.com/Bucket"])),
    st.builds(Atom, st.sampled_from(["before", "after"]), TIMES),
)
TREES: st.SearchStrategy[Expression] = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(Tree, st.sampled_from(["&&", "||"]), st.tuples(inner, inner)),
        st.builds(Tree, st.just("!"), st.tuples(inner)),
    ),
    max_leaves=6,
)


@settings(max_examples=500)
@given(TREES, st.booleans())
def test_what_is_decided_agrees_with_looking_at_each(tree: Expression, whole: bool) -> None:  # noqa: FBT001 - drawn
    """The world holds an object under every prefix that is named, so that "some" and "every" mean what they say."""
    names = (f"{BASE}a",) if whole else (*NAMES, f"{BASE}c", *(f"{name}c" for name in NAMES))
    question = Question(name=f"{BASE}a" if whole else BASE, whole=whole, kind=KIND, now=NOW)
    try:
        found = holds(tree.written(), question)
    except UndecidedError:
        return
    seen = [tree.true(name) for name in names]
    assert (found.example is not None) == any(seen)
    assert found.every == all(seen)


@settings(max_examples=300)
@given(st.text(alphabet="resource.name()!&|=<>\"' tms", max_size=40) | st.text(max_size=20))
def test_any_text_is_decided_or_is_not(text: str) -> None:
    with contextlib.suppress(UndecidedError):  # and no other error
        found = holds(text, Question(name=BASE, whole=False, kind=KIND, now=NOW))
        assert found.example is not None or not found.every
