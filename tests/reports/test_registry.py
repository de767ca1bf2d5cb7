"""The registry: every format once, and asking for one loads no other."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

from posture import reports
from posture.errors import UsageError
from posture.reports.options import Options
from posture.reports.registry import FORMATS, render
from tests.reports.assessments import mixed

SUPPORT = {  # modules that formats share
    "causes", "ending", "frameworks", "glance", "lines", "options", "packed", "picture", "places", "plain", "record",
    "registry", "selection", "shape", "tally", "terminal", "view",
}  # fmt: skip


def test_every_module_is_a_format_or_shared() -> None:
    modules = {module.name for module in pkgutil.iter_modules(reports.__path__)}
    assert modules == {known.module.rpartition(".")[2] for known in FORMATS.values()} | SUPPORT


def test_extensions_and_descriptions_are_told_apart() -> None:
    assert len({known.extension for known in FORMATS.values()}) == len(FORMATS)
    assert len({known.description for known in FORMATS.values()}) == len(FORMATS)


def test_a_format_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(UsageError) as refusal:
        render("pdf", mixed(), Options())
    assert "`pdf`" in refusal.value.message
    assert all(name in refusal.value.help for name in FORMATS)


@pytest.mark.parametrize(
    ("ask", "foreign"),
    [
        ("", ("rich", "jinja2", "jsonschema", "csv", "xml.etree")),
        ("FORMATS['text'].load()", ("jinja2", "jsonschema", "csv", "xml.etree")),
        ("FORMATS['json'].load()", ("jinja2", "rich", "jsonschema")),
        ("FORMATS['sarif'].load()", ("jinja2", "rich", "jsonschema")),
        ("FORMATS['html'].load()", ("rich", "jsonschema")),
    ],
)
def test_a_format_loads_what_it_needs_and_no_more(ask: str, foreign: tuple[str, ...]) -> None:
    code = f"import sys; from posture.reports.registry import FORMATS; {ask}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert not set(foreign) & set(done.stdout.split())


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_ends_with_one_line_break(name: str) -> None:
    text = render(name, mixed(), Options())
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
