"""A run of some controls only, or by other parameters: no summary lets it pass for what the policies say."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from posture.model.assessment import Assessment, Selection
from posture.model.logic import Outcome
from posture.reports.options import Options
from posture.reports.registry import render
from tests.reports.assessments import all_pass, mixed

SAID = "only 2 of 48 controls, selected by --control: versioning-enabled, no-public-access"
SELECTION = Selection(controls=("versioning-enabled", "no-public-access"), of=48)


def selected(whole: Assessment) -> Assessment:
    return replace(whole, run=replace(whole.run, selection=SELECTION))


@pytest.mark.parametrize("name", ["text", "html", "markdown", "sarif", "code-scanning", "junit", "github"])
@pytest.mark.parametrize("whole", [mixed(), all_pass()])
def test_every_summary_says_so_and_none_does_of_a_whole_run(name: str, whole: Assessment) -> None:
    assert SAID in _words(render(name, selected(whole), Options()))
    assert "selected" not in _words(render(name, whole, Options()))


@pytest.mark.parametrize("name", ["text", "html", "markdown", "sarif", "code-scanning", "junit", "github"])
def test_every_summary_says_which_parameters_were_set_beside_their_defaults(name: str) -> None:
    words = _words(render(name, mixed(), Options()))
    assert "accepted_hours_without_delivery" in words
    if name == "html":  # a table with every parameter
        return
    assert "accepted_hours_without_delivery 48 (default 24)" in words
    assert "minimum_retention_days 365" not in words


def test_json_has_the_controls_and_how_many_there_are() -> None:
    assert json.loads(render("json", mixed(), Options()))["run"]["selection"] is None
    told = json.loads(render("json", selected(mixed()), Options()))["run"]["selection"]
    assert told == {"controls": list(SELECTION.controls), "of": 48}


def test_sarif_has_them_in_the_properties_of_the_run() -> None:
    (run,) = json.loads(render("sarif", selected(mixed()), Options()))["runs"]
    assert run["properties"]["selection"] == {"controls": list(SELECTION.controls), "of": 48}


def test_sarif_has_a_category_for_them_so_that_alerts_of_the_others_stay_open() -> None:
    def category(whole: Assessment) -> str:
        (run,) = json.loads(render("sarif", whole, Options()))["runs"]
        return str(run["automationDetails"]["id"].rpartition("/")[0])

    one = selected(mixed())
    turned = Selection(controls=SELECTION.controls[::-1], of=48)
    other = Selection(controls=SELECTION.controls[:1], of=48)
    assert category(one).startswith(f"{category(mixed())}/selected-")
    assert category(replace(one, run=replace(one.run, selection=turned))) == category(one)
    assert category(replace(one, run=replace(one.run, selection=other))) != category(one)


def test_junit_has_them_as_a_property() -> None:
    root = ET.fromstring(render("junit", selected(mixed()), Options()))  # noqa: S314 - our own text
    told = {each.get("name"): each.get("value") for each in root.iter("property")}
    assert told == {"judged": SAID, "parameters": "accepted_hours_without_delivery 48 (default 24)"}


def test_a_clean_end_is_one_of_the_selected_controls() -> None:
    clean = all_pass()
    assert {row.outcome for row in clean.findings} == {Outcome.PASS}
    assert json.loads(render("json", selected(clean), Options()))["result"]["because"] == (
        "every selected control that applies passed"
    )


def _words(text: str) -> str:
    """Without line breaks, escapes of Markdown and entities."""
    return " ".join(html.unescape(text).replace("\\", "").split())
