"""Globs and the searches over them, against the plainest possible matching and against enumeration."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from posture.iam.replay_values import wildcard
from posture.iam.theories import Work, find_text
from posture.iam.wildcard import Language, after, as_arn, folded, glob, literal, matches
from tests.iam.coverage_of import naive

PATTERNS = st.text("ab*?", max_size=7)
TEXTS = st.text("ab", max_size=8)
ARN_PATTERNS = st.lists(st.text("a*?", max_size=3), min_size=6, max_size=7).map(":".join)
ARN_TEXTS = st.lists(st.text("ab", max_size=3), min_size=4, max_size=8).map(":".join)


@given(PATTERNS, TEXTS)
def test_matches_is_plain_matching(pattern: str, text: str) -> None:
    assert matches(glob(pattern), text) == naive(pattern, text) == wildcard(pattern, text)


@given(ARN_PATTERNS, ARN_TEXTS)
def test_arn_components_are_matched_one_by_one(pattern: str, text: str) -> None:
    shape = as_arn(glob(pattern))
    assert shape is not None
    parts, wanted = text.split(":", 5), pattern.split(":", 5)
    expected = len(parts) == 6 and all(map(naive, wanted, parts))
    assert matches(shape, text) == expected


@given(PATTERNS, TEXTS, TEXTS)
def test_what_follows_a_prefix(pattern: str, prefix: str, rest: str) -> None:
    follows = any(matches(item, rest) for item in after(glob(pattern), prefix))
    assert follows == naive(pattern, prefix + rest)


@given(st.text("aAbBéÉ", max_size=5), st.text("aAbBéÉ", max_size=5))
def test_case_is_ignored_when_folded(pattern: str, text: str) -> None:
    assert matches(folded(pattern), text) == (pattern.lower() == text.lower())


LANGUAGES = st.lists(PATTERNS, min_size=1, max_size=3)


@settings(max_examples=300)
@given(st.lists(LANGUAGES, max_size=2), st.lists(PATTERNS, max_size=3))
def test_a_text_is_found_exactly_when_there_is_one(required: list[list[str]], forbidden: list[str]) -> None:
    wanted = [Language.of(map(glob, group)) for group in required]
    bad = [Language.of([glob(item)]) for item in forbidden]
    found = find_text(wanted, bad, Work())

    def good(text: str) -> bool:
        inside = all(any(naive(item, text) for item in group) for group in required)
        return inside and not any(naive(item, text) for item in forbidden)

    short = next(
        (text for length in range(6) for text in map("".join, product("abc", repeat=length)) if good(text)),
        None,
    )
    if found is not None:
        assert good(found)
    if short is not None:
        assert found is not None


def test_the_search_finds_a_shortest_text() -> None:
    wanted = [Language.of([glob("*a*b*")]), Language.of([glob("*b*a*")])]
    found = find_text(wanted, [Language.of([glob("fresh")])], Work())
    assert found is not None
    assert len(found) == 3


def test_literals_are_looked_up() -> None:
    many = Language.of(literal(f"name-{number}") for number in range(5000))
    work = Work()
    assert find_text([many], [Language.of([glob("name-?*[!4]")]), Language.of([literal("name-0")])], work) == "name-1"
    assert work.states < 1000
