"""`posture explain`."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace

import click

from posture.cli import texts
from posture.cli.inputs import Given, policy_documents, request_of, rule_options, target_options
from posture.cli.progress import progress
from posture.errors import UsageError
from posture.estate import Joined
from posture.model.assessment import Evidence, Finding
from posture.model.facts import Fact, Known, Listing, Source, Unknown
from posture.policy.assertions import words_used
from posture.policy.controls import control_named
from posture.policy.document import Control, parse_policies
from posture.policy.vocabulary import Value, in_words, vocabulary
from posture.policy.wording import did_you_mean
from posture.reports.plain import printable
from posture.scanning import Outcome, replay, scan

_STORES = ("s3://", "gs://", "https://")
_MOST_SOURCES = 4  # of one fact; the JSON report and the snapshot have them all


@click.command("explain")
@click.argument("what")
@click.option("--snapshot", metavar="FILE", help="Explain a run that `posture scan --save` kept; no cloud is asked.")
@target_options
@rule_options
def command(what: str, snapshot: str | None, **given: object) -> None:
    """Say what was read of WHAT, a store, source or control, and what decided.

    A store like s3://bucket/prefix is read now, unless --snapshot names a saved run. A control is named by its id; with
    --snapshot, posture says of every subject what decided.
    """
    options = Given(**given)  # type: ignore[arg-type] # click gives the options of `Given`
    if "://" in what or what == "estate":
        lines = _subject(what.rstrip("/"), _outcome(what, snapshot, options))
    else:
        policies = parse_policies((document.text, document.file) for document in policy_documents(options.policies))
        lines = _control(control_named(policies, what), replay(texts.snapshot(snapshot)) if snapshot else None)
    for line in lines:
        click.echo(_folded(printable(line)))


def _folded(line: str) -> str:
    """The line, folded at the terminal's width and indented one step more; ids and ARNs stay whole."""
    width = max(40, shutil.get_terminal_size((100, 24)).columns)
    indent = " " * (len(line) - len(line.lstrip()))
    fold = textwrap.TextWrapper(
        width=width,
        initial_indent=indent,
        subsequent_indent=f"{indent}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return fold.fill(line.strip())


def _outcome(what: str, snapshot: str | None, options: Given) -> Outcome:
    if snapshot is not None:
        return replay(texts.snapshot(snapshot))
    stores = (*options.stores, what) if what.startswith(_STORES) else options.stores
    with progress() as watch:
        return scan(request_of(replace(options, stores=stores)), watch)


def _subject(uri: str, outcome: Outcome) -> Iterator[str]:
    subjects = {joined.info.uri: joined for joined in outcome.subjects}
    if uri not in subjects:
        raise UsageError(
            f"`{uri}` is not among what was found", help=did_you_mean(uri, subjects) or "; ".join(subjects)
        )
    joined = subjects[uri]
    info = joined.info
    yield info.uri
    place = ", ".join(part for part in (str(info.kind or ""), info.role or "", info.account, info.region) if part)
    yield f"  {place}"
    yield from (f"  found: {how}" for how in info.found)
    yield ""
    yield "What was read"
    yield from _facts(joined)
    yield ""
    yield "What decided"
    for row in outcome.assessment.findings:
        if row.subject == info:
            yield from _row(row, row.control.id)


def _control(control: Control, outcome: Outcome | None) -> Iterator[str]:
    info = control.info
    words = vocabulary(info.about)
    yield f"{info.id} ({info.severity.value}, about each {info.about.value})"
    yield f"  {info.title}"
    yield f"  why: {info.why}"
    yield from (f"  fix ({provider}): {text}" for provider, text in info.fix)
    yield ""
    yield "What it asks for"
    for path in sorted(words_used(control.require)):
        described = words.fields.get(path) or words.lists.get(path)
        yield f"  {path}: {described.description}" if described else f"  {path}"
    if outcome is None:
        yield ""
        yield "With --snapshot FILE, posture says what decided for each subject of a saved run."
        return
    yield ""
    yield "What decided"
    for row in outcome.assessment.findings:
        if row.control.id == info.id:
            yield from _row(row, row.subject.uri)


def _row(row: Finding, name: str) -> Iterator[str]:
    apart = " (waived)" if row.waived else " (known before)" if row.known else ""
    yield f"  {row.outcome.value.upper().replace('_', ' '):<8}  {name}{apart}"
    yield from (f"    {_evidence(seen)}" for seen in row.evidence)


def _evidence(seen: Evidence) -> str:
    detail = f" ({seen.unknown.detail})" if seen.unknown and seen.unknown.detail else ""
    return f"{seen.place}: found {seen.found}{detail}, expected {seen.expected}{_sources(seen.sources)}"


def _facts(joined: Joined) -> Iterator[str]:
    words = vocabulary(joined.info.about)
    for path, word in words.fields.items():
        yield f"  {path}: {_value(word.read(joined.record))}"
    for path, listed in words.lists.items():
        listing: Listing[object] = listed.read(joined.record)
        yield f"  {path}: {len(listing.items)} known{_sources(listing.sources)}"
        for index, item in enumerate(listing.items):
            for inner, word in listed.record.fields.items():
                yield f"    {path}[{index}].{inner}: {_value(word.read(item))}"
        yield from (f"    there may be more: {_value(gap.unknown)}" for gap in listing.gaps)


def _value(fact: Fact[Value]) -> str:
    match fact:
        case Known(value=value, sources=sources):
            return f"{in_words(value) or '(none)'}{_sources(sources)}"
        case Unknown(reason=reason, detail=detail, needs=needs, sources=sources):
            words = "".join((f", {detail}" if detail else "", f", needs {needs}" if needs else ""))
            return f"unknown: {reason.value}{words}{_sources(sources)}"


def _sources(sources: Sequence[Source]) -> str:
    told = list(dict.fromkeys(f"{source.operation} {source.resource}{source.pointer}".rstrip() for source in sources))
    more = f"; and {len(told) - _MOST_SOURCES} more" if len(told) > _MOST_SOURCES else ""
    return f"  [{'; '.join(told[:_MOST_SOURCES])}{more}]" if told else ""
