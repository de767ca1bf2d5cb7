"""`posture explain`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import click

from posture.cli.facts import facts, sources
from posture.cli.inputs import Given, of_targets, policies_of, request_of, rule_options, target_options
from posture.cli.progress import progress
from posture.cli.saved import judged_again
from posture.errors import UsageError
from posture.model.assessment import Evidence, Finding
from posture.policy.catalogue import meanings, rule
from posture.policy.controls import control_named
from posture.policy.document import Control, parse_policies
from posture.policy.wording import did_you_mean
from posture.reports.options import Options
from posture.reports.plain import printable
from posture.reports.terminal import line, painted
from posture.reports.view import Standing, by_standing, standing
from posture.scanning import Outcome, scan

_STORES = ("s3://", "gs://", "https://")
_MOST_EVIDENCE = 4  # of a row that passes; the JSON report has it all


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
    outcome = None if snapshot is None else _saved(snapshot, options)
    if "://" in what or what == "estate":
        lines = _subject(what.rstrip("/"), outcome or _read(what, options))
    else:
        documents = outcome.request.policies if outcome else policies_of(options)
        policies = parse_policies((document.text, document.file) for document in documents)
        lines = _control(control_named(policies, what), outcome)
    for each in lines:
        click.echo(_folded(printable(each)))


def _folded(text: str) -> str:
    """The line, folded at the terminal's width and indented one step more; ARNs stay whole."""
    width = max(40, shutil.get_terminal_size((100, 24)).columns)
    indent = len(text) - len(text.lstrip())
    return painted((line(text.strip(), indent=indent, hang=4),), Options(width=width)).rstrip("\n")


def _saved(file: str, options: Given) -> Outcome:
    if named := of_targets(options):
        raise UsageError(f"{named} says what to read, and --snapshot reads nothing", help="leave one out")
    return judged_again(file, options)


def _read(what: str, options: Given) -> Outcome:
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
    yield from _decided([row for row in outcome.assessment.findings if row.subject == info], _control_of)
    yield ""
    yield "What was read"
    yield from (f"  {each}" for each in facts(joined))


def _control(control: Control, outcome: Outcome | None) -> Iterator[str]:
    info = control.info
    yield f"{info.id} ({info.severity.value}, about each {info.about.value})"
    yield f"  {info.title}"
    yield f"  why: {info.why}"
    yield from (f"  fix ({provider}): {text}" for provider, text in info.fix)
    yield ""
    yield "What must hold"
    yield from (f"  {each}" for each in rule(control))
    yield ""
    yield "What these facts are"
    yield from (f"  {path}: {meaning}" for path, meaning in meanings(control).items())
    if outcome is None:
        yield ""
        yield "With --snapshot FILE, posture says what decided for each subject of a saved run."
        return
    yield from _decided([row for row in outcome.assessment.findings if row.control.id == info.id], _subject_of)


def _decided(findings: Sequence[Finding], name: Callable[[Finding], str]) -> Iterator[str]:
    """The rows, what is open first; those that do not apply are only named."""
    rows = by_standing(findings, *Standing)
    yield ""
    yield f"What decided: {', '.join(f'{len(some)} {kind.words}' for kind, some in rows.items() if some) or 'nothing'}"
    idle = rows[Standing.NOT_APPLICABLE]
    for row in (row for kind, some in rows.items() if kind is not Standing.NOT_APPLICABLE for row in some):
        apart = " (waived)" if row.waived else " (known before)" if row.known else ""
        yield f"  {row.outcome.value.upper():<8}  {name(row)}{apart}"
        told = row.evidence[:_MOST_EVIDENCE] if standing(row) is Standing.PASS else row.evidence
        yield from (f"    {_evidence(seen)}" for seen in told)
        if more := len(row.evidence) - len(told):
            yield f"    and {more} more"
    if idle:
        yield f"  NOT APPLICABLE  {', '.join(map(name, idle))}"


def _control_of(row: Finding) -> str:
    return row.control.id


def _subject_of(row: Finding) -> str:
    return row.subject.uri


def _evidence(seen: Evidence) -> str:
    detail = f" ({seen.unknown.detail})" if seen.unknown and seen.unknown.detail else ""
    needs = f"; needs {seen.unknown.needs}" if seen.unknown and seen.unknown.needs else ""
    return f"{seen.place}: found {seen.found}{detail}, expected {seen.expected}{needs}{sources(seen.sources)}"
