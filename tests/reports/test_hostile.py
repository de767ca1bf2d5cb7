"""What others wrote does nothing: one test for each format over the same hostile assessment."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from typing_extensions import override

from posture.reports.csv import COLUMNS, cell
from posture.reports.markdown import code, prose
from posture.reports.options import Options
from posture.reports.plain import printable
from posture.reports.registry import FORMATS, render
from tests.reports.assessments import HOSTILE, hostile, mixed

COMMAND = re.compile(r"::(error|warning) (file=[^:,\n]+,line=\d+,)?title=[^:,\n]+::[^\n]+")  # of GitHub, as we write it
SILENT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class Page(HTMLParser):
    """The elements, attributes and texts that a browser would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []  # the innermost element, and its text

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in {"meta", "br", "hr", "rect"}:
            self.open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    @override
    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))


def page(text: str) -> Page:
    parsed = Page()
    parsed.feed(text)
    return parsed


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_drives_a_terminal_or_a_log(name: str) -> None:
    text = render(name, hostile(), Options(verbosity=2))
    text.encode("utf-8")
    assert not SILENT.search(text.replace("\r\n", "\n") if name == "csv" else text)
    assert not re.search(r"##\w*\[", text)
    commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert all(COMMAND.fullmatch(line) for line in commands) if name == "github" else not commands


def test_text_is_not_taken_for_markup() -> None:
    text = " ".join(render("text", hostile(), Options(width=4_000, verbosity=2)).split())
    assert "[bold]x[/etc] :warning:" in text
    assert "\\x1b[31m=cmd" in text
    assert "\\u202egnp.exe\\u2066" in text


def test_json_gives_back_what_came_in() -> None:
    report = json.loads(render("json", hostile(), Options()))
    assert report["unlooked"][0]["what"] == HOSTILE
    assert len(report["findings"]) == len(mixed().findings)


def test_sarif_messages_hold_no_links() -> None:
    run = json.loads(render("sarif", hostile(), Options()))["runs"][0]
    for result in run["results"]:
        assert "](" not in "".join(place["message"]["text"] for place in (result, *result["relatedLocations"]))
        assert not SILENT.search(result["message"]["text"].replace("\n", ""))


def test_junit_stays_one_document() -> None:
    text = render("junit", hostile(), Options())
    root = ET.fromstring(text)  # noqa: S314 - our own document
    assert {element.tag for element in root.iter()} == {
        "testsuites", "testsuite", "properties", "property", "testcase", "failure", "error", "skipped", "system-out",
    }  # fmt: skip
    assert len(list(root.iter("testcase"))) == len(mixed().findings) + 1
    assert "]]>" not in text


def test_csv_has_no_formula_and_no_broken_line() -> None:
    lines = list(csv.reader(io.StringIO(render("csv", hostile(), Options()), newline="")))
    assert all(len(line) == len(COLUMNS) for line in lines)
    for value in (value for line in lines for value in line):
        assert not value.lstrip().startswith(("=", "+", "-", "@"))
        assert not set(value) & set("\r\n\t")


def test_markdown_has_only_our_own_elements() -> None:
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(render("markdown", hostile(), Options()))
    seen = page(rendered)
    assert seen.tags <= {
        "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "strong", "b", "code", "ul", "li", "details",
        "summary",
    }  # fmt: skip
    assert {name for name, _ in seen.attributes} <= {"style"}  # the alignment of a table's column
    for element, text in seen.texts:
        if element != "code":
            assert "@octocat" not in text
            assert "https://evil" not in text
            assert "www.evil" not in text
            assert "#1" not in text


def test_html_has_only_our_own_elements_and_fetches_nothing() -> None:
    seen, plain = page(render("html", hostile(), Options())), page(render("html", mixed(), Options()))
    assert seen.tags == plain.tags
    assert not seen.tags & {"script", "img", "iframe", "link", "object", "form"}
    assert {name for name, _ in seen.attributes} == {name for name, _ in plain.attributes}
    assert all(value.startswith("#") for name, value in seen.attributes if name in {"href", "src"})
    assert any("<script>alert(1)</script>" in text for _, text in seen.texts)


@given(st.text())
def test_a_printable_text_prints_and_two_names_stay_two(text: str) -> None:
    assert printable(text).isprintable()
    assert printable(text + "\u200b") != printable(text)


@given(st.text(alphabet="=+-@ \t\r\n'\"\uff1d\uff0b\uff0d\uff20a1", max_size=8))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert not cell(text).strip().startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"))


@given(st.text(alphabet="`a |*<>[]()!\\&#@_~\n"), st.text(alphabet="`a |*<>[]()!\\&#@_~$\n"))
def test_a_code_span_shows_its_text_and_prose_its_own(first: str, second: str) -> None:
    reader = MarkdownIt("commonmark", {"html": True})
    seen: Any = page(reader.render(f"- {code(first)} fix: {prose(second)}"))
    assert seen.tags <= {"ul", "li", "code"}
    shown = "".join(text for element, text in seen.texts if element == "code")
    assert shown.strip() == printable(first).strip()
    told = "".join(text for element, text in seen.texts if element == "li").replace("\u2060", "")
    assert " ".join(told.split()) == " ".join(f"fix: {printable(second)}".split())
