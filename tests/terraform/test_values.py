import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.model.facts import Known, Reason, Source, Unknown
from posture.terraform.values import AFTER_APPLY, OMITTED, SENSITIVE, Concealed, Values, conceal, marked, merged
from tests.terraform.plans import Free

SALT = b"0123456789abcdef"
SOURCE = Source(operation="x_store.a")


def values(raw: Free, unknown: Free = None, secret: Free = None, *, exact: bool = True) -> Values:
    kept, hidden = conceal(raw, secret, SALT)
    return Values(raw=kept, unknown=unknown, secret=hidden, exact=exact, whole=SOURCE, salt=SALT)


def known(fact: object) -> object:
    assert isinstance(fact, Known), fact
    return fact.value


def why(fact: object) -> str:
    assert isinstance(fact, Unknown), fact
    return fact.detail


PLANNED = values(
    {
        "name": "logs",
        "null": None,
        "days": 400,
        "half": 0.5,
        "whole": 4.0,
        "on": True,
        "empty": [],
        "rules": [{"days": 1, "id": None}, {"id": "b"}],
        "names": ["a", None],
        "single": {"days": 3},
        "settings": {"audit": "true"},
    },
    {
        "id": True,
        "rules": [{}, {"days": True}],
        "names": [False, True],
        "block": True,
        "empty": [],
        "settings": {"later": True},
    },
)


def test_a_value_is_known_null_or_unknown() -> None:
    assert known(PLANNED.text("name")) == "logs"
    assert known(PLANNED.text("null")) is None
    assert why(PLANNED.text("id")) == AFTER_APPLY
    assert why(PLANNED.text("nothing")) == OMITTED


def test_a_known_value_says_where_it_stands() -> None:
    fact = PLANNED.number("rules", 0, "days")
    assert isinstance(fact, Known)
    assert fact.sources == (Source(operation="x_store.a", pointer="/rules/0/days"),)


def test_one_mark_for_a_whole_block_covers_all_in_it() -> None:
    assert why(PLANNED.value("block")) == AFTER_APPLY
    assert why(PLANNED.number("block", 0, "days")) == AFTER_APPLY
    assert why(PLANNED.each("block")) == AFTER_APPLY


def test_a_value_is_unknown_as_a_whole_when_a_part_of_it_is() -> None:
    assert why(PLANNED.value("rules")) == AFTER_APPLY
    assert known(PLANNED.value("rules", 0)) == {"days": 1, "id": None}
    assert why(PLANNED.value("rules", 1)) == AFTER_APPLY
    assert known(PLANNED.text("rules", 1, "id")) == "b"


def test_elements_are_known_or_not_one_by_one() -> None:
    elements = known(PLANNED.each("names"))
    assert isinstance(elements, tuple)
    first, second = elements
    assert known(first.text()) == "a"
    assert why(second.text()) == AFTER_APPLY


def test_a_mark_beyond_the_values_is_an_element_too() -> None:
    elements = known(values({"a": ["x"]}, {"a": [False, True]}).each("a"))
    assert isinstance(elements, tuple)
    assert [isinstance(element.text(), Known) for element in elements] == [True, False]


def test_an_empty_list_and_null_have_no_elements() -> None:
    assert known(PLANNED.each("empty")) == ()
    assert known(PLANNED.each("null")) == ()
    assert known(PLANNED.value("empty")) == []
    assert known(PLANNED.number("empty", 0, "days")) is None


def test_a_block_that_stands_alone_is_one_element() -> None:
    elements = known(PLANNED.each("single"))
    assert isinstance(elements, tuple)
    assert [known(element.number("days")) for element in elements] == [3]
    assert known(PLANNED.number("single", 0, "days")) == 3


def test_entries_of_a_map_also_those_that_are_not_known() -> None:
    entries = known(PLANNED.entries("settings"))
    assert isinstance(entries, tuple)
    assert [(key, isinstance(place.text(), Known)) for key, place in entries] == [("audit", True), ("later", False)]
    assert known(PLANNED.entries("null")) == ()


def test_what_is_not_there_is_null_only_when_asked_so_and_only_with_marks() -> None:
    assert known(PLANNED.optional("nothing").flag()) is None
    assert known(PLANNED.optional("settings", "verbose").text()) is None
    assert why(PLANNED.optional("id").text()) == AFTER_APPLY
    assert known(PLANNED.optional("name").text()) == "logs"
    assert why(values({"name": "x"}, exact=False).optional("nothing").text()) == OMITTED


@pytest.mark.parametrize(
    ("fact", "wanted"),
    [
        (PLANNED.text("on"), "a text"),
        (PLANNED.flag("name"), "true or false"),
        (PLANNED.flag("days"), "true or false"),
        (PLANNED.number("on"), "a number"),
        (PLANNED.number("half"), "a whole number"),
        (PLANNED.each("name"), "a list or a block"),
        (PLANNED.entries("rules"), "a map"),
        (PLANNED.text("name", "further"), "a list or a block around it"),
        (PLANNED.text("days", 0), "a list or a block around it"),
    ],
)
def test_another_type_is_malformed(fact: object, wanted: str) -> None:
    assert isinstance(fact, Unknown)
    assert fact.reason is Reason.MALFORMED
    assert fact.detail == f"this is not {wanted}"


def test_a_whole_number_may_be_written_as_a_fraction() -> None:
    assert known(PLANNED.number("whole")) == 4


def test_a_mask_of_another_shape_hides_what_it_may_mean() -> None:
    assert why(values({"a": "x"}, {"a": {"b": True}}).text("a")) == AFTER_APPLY
    assert why(values({"a": {"b": 1}}, {"a": [True]}).number("a", "b")) == AFTER_APPLY
    assert why(values({"a": "x"}, {"a": "yes"}).text("a")) == AFTER_APPLY
    assert why(values({"a": ["x"]}, {"a": 1}).each("a")) == AFTER_APPLY


def test_a_secret_is_not_read_but_can_be_compared() -> None:
    one = values({"key": "hunter2", "other": "x"}, secret={"key": True})
    same = values({"name": "hunter2"})
    assert why(one.text("key")) == SENSITIVE
    assert why(one.value()) == SENSITIVE
    assert known(one.text("other")) == "x"
    assert known(one.token("key")) == known(same.token("name"))
    assert known(one.token("key")) != known(one.token("other"))


def test_a_secret_of_another_run_has_another_token() -> None:
    kept, _ = conceal("hunter2", True, b"another salt")  # noqa: FBT003 - a mask
    assert isinstance(kept, Concealed)
    assert kept.token != known(values({"a": "hunter2"}, secret={"a": True}).token("a"))


def test_null_is_no_secret() -> None:
    assert known(values({"key": None}, secret={"key": True}).text("key")) is None


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text("ab", max_size=2)),
    lambda inside: st.one_of(st.lists(inside, max_size=3), st.dictionaries(st.sampled_from("abc"), inside, max_size=3)),
    max_leaves=8,
)
PATHS = st.lists(st.one_of(st.sampled_from("abc"), st.integers(0, 3)), max_size=3)
READERS = ("value", "text", "flag", "number", "each", "entries", "token")


def shown(fact: object) -> object:
    """What a fact says, without where it says it."""
    if isinstance(fact, Known):
        return [json.dumps(fact.value, default=lambda place: str(getattr(place, "source", place)))]
    return None


@given(raw=JSON, masks=st.tuples(JSON, JSON, JSON), path=PATHS, reader=st.sampled_from(READERS))
def test_learning_that_more_is_unknown_never_changes_a_known_value(
    raw: Free, masks: tuple[Free, Free, Free], path: list[str | int], reader: str
) -> None:
    unknown, more, secret = masks
    fewer = getattr(values(raw, unknown, secret), reader)(*path)
    marks = merged(unknown, more)
    greater = getattr(values(raw, marks, secret), reader)(*path)
    if isinstance(greater, Known) and reader not in {"each", "entries"}:
        assert shown(greater) == shown(fewer)


def mark_all(value: Free) -> Free:
    if isinstance(value, dict):
        return {key: mark_all(inner) for key, inner in value.items()}
    return [mark_all(inner) for inner in value] if isinstance(value, list) else True


@given(raw=JSON, mask=JSON)
def test_what_a_mask_marks_is_nowhere_in_what_is_kept(raw: Free, mask: Free) -> None:
    def with_secrets(value: Free) -> Free:
        if isinstance(value, dict):
            return {key: with_secrets(inner) for key, inner in value.items()}
        return [with_secrets(inner) for inner in value] if isinstance(value, list) else "hunter2"

    hidden = with_secrets(raw)
    everything = values({"a": hidden}, secret={"a": mark_all(hidden)})
    assert "hunter2" not in repr(everything)
    if marked(mask) and not isinstance(mask, (dict, list)):
        assert "hunter2" not in repr(values({"a": hidden}, secret={"a": mask}))


@given(one=JSON, other=JSON)
def test_merged_masks_mark_what_either_marks(one: Free, other: Free) -> None:
    assert marked(merged(one, other)) == (marked(one) or marked(other))
