"""Whatever a file holds, it is read or refused: no other exception, and no refusal without a place."""

import json
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.configuration import parse_configuration
from posture.errors import ConfigurationError, InputError, PolicyError, WaiverError
from posture.policy.document import parse_policy, run_examples
from posture.policy.waivers import parse_waivers
from tests.policy.samples import CONFIGURATION, POLICY, WAIVERS

WORDS = sorted(
    {part.strip("{}[],:'\"-") for text in (POLICY, WAIVERS, CONFIGURATION) for part in text.split()}
    | {"for_each", "where", "require", "all_of", "any_of", "parameter", "unknown", "forever", "equals", "at_least"}
)
SCALARS = st.one_of(st.sampled_from(WORDS), st.booleans(), st.integers(-2, 10**19), st.text(max_size=6))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """A good file of which one to three places say something else."""
    data = yaml.safe_load(text)
    for _ in range(draw(st.integers(1, 3))):
        _mutate(draw, data)
    return json.dumps(data, ensure_ascii=False)


def _mutate(draw: st.DrawFn, data: Any) -> None:  # noqa: ANN401 - any YAML
    here = data
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not keys:
            return
        key = draw(st.sampled_from(keys))
        inside = here[key]
        if isinstance(inside, dict | list) and inside and draw(st.integers(0, 4)):
            here = inside
            continue
        match draw(st.sampled_from(["replace", "remove", "rename", "repeat"])):
            case "replace":
                here[key] = draw(VALUES)
            case "remove":
                del here[key]
            case "rename" if isinstance(here, dict):
                here[draw(st.sampled_from(WORDS))] = here.pop(key)
            case _:
                here.append(inside) if isinstance(here, list) else here.update({f"{key}-again": inside})
        return


SCRAPS = ["", " ", "\n", "\n  ", ": ", "- ", "{", "}", "[", "]", "'", '"', "#", "&a ", "*a", "!!x ", "|"]


@st.composite
def cut(draw: st.DrawFn, text: str) -> str:
    """A good file of which up to forty characters are replaced by a scrap."""
    start = draw(st.integers(0, len(text)))
    return text[:start] + draw(st.sampled_from(SCRAPS)) + text[start + draw(st.integers(0, 40)) :]


def placed(error: InputError) -> None:
    for each in (error, *error.others):
        assert each.file == "f.yaml"
        assert str(each).startswith("f.yaml")
        assert "\n" not in str(each)
        assert str(each).isprintable()


def read_policy(text: str) -> None:
    try:
        policy = parse_policy(text, "f.yaml")
    except PolicyError as error:
        placed(error)
    else:
        for control in policy.controls + policy.retired:
            assert all(run.evidence for run in run_examples(control))


def read_waivers(text: str) -> None:
    try:
        parse_waivers(text, "f.yaml", controls={"kept-a-year"})
    except WaiverError as error:
        placed(error)


def read_configuration(text: str) -> None:
    try:
        parse_configuration(text, "f.yaml")
    except ConfigurationError as error:
        placed(error)


@settings(max_examples=200)
@given(mutated(POLICY))
def test_policies_that_say_something_else(text: str) -> None:
    read_policy(text)


@settings(max_examples=150)
@given(cut(POLICY))
def test_policies_that_are_cut_and_spliced(text: str) -> None:
    read_policy(text)


@settings(max_examples=200)
@given(mutated(WAIVERS) | cut(WAIVERS))
def test_waivers(text: str) -> None:
    read_waivers(text)


@settings(max_examples=200)
@given(mutated(CONFIGURATION) | cut(CONFIGURATION))
def test_configurations(text: str) -> None:
    read_configuration(text)


@settings(max_examples=200)
@given(st.text(max_size=80) | VALUES.map(json.dumps))
def test_arbitrary_text(text: str) -> None:
    read_policy(text)
    read_waivers(text)
    read_configuration(text)


def test_the_deepest_rule_that_yaml_allows_is_read_or_refused() -> None:
    for levels in range(1, 40):
        require = "{all_of: [" * levels + "{encryption.at_rest: {equals: true}}" + "]}" * levels
        read_policy(POLICY.replace("require: {delivery.enabled: {equals: true}}", f"require: {require}"))
