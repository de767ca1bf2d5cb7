"""The answer for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from posture.access import words
from posture.access.layout import BLANK, NARROWEST, WIDEST, labelled
from posture.access.policy_text import policies_page
from posture.access.record import Access, Comparison, RequestAnswer
from posture.access.store_text import store_page
from posture.iam import Answer, Change
from posture.reports.options import Options
from posture.reports.terminal import Line, line, painted


def render_access(access: Access, options: Options) -> str:
    """The answer as lines of text."""
    return painted(_page(access, min(max(options.width, NARROWEST), WIDEST)), options)


def _page(access: Access, width: int) -> Iterator[Line]:
    for number, store in enumerate(access.stores):
        if number:
            yield BLANK
        yield from store_page(store, width)
    if access.policies is not None:
        yield from policies_page(access.policies, [f"{entry.file} ({entry.part})" for entry in access.inputs], width)
    if access.request is not None:
        yield from _request(access.request)
    if access.comparison is not None:
        yield from _comparison(access.comparison, [entry.file for entry in access.inputs])


def _request(found: RequestAnswer) -> Iterator[Line]:
    styles = {Answer.ALLOWED: "bold red", Answer.DENIED: "bold green", Answer.UNDETERMINED: "bold yellow"}
    yield line((found.answer.value, styles[found.answer]), f"  {words.request(found.request)}", hang=2)
    if found.statement is not None:
        verb = "open" if found.answer is Answer.UNDETERMINED else "by"
        effect = "the Deny of " if found.explicit else ""
        yield labelled(verb, f"{effect}{words.statement(found.statement)}", indent=2)
    yield from (labelled("why", reason, indent=2) for reason in found.reasons)


def _comparison(found: Comparison, files: Sequence[str]) -> Iterator[Line]:
    old, new = files
    match found.change:
        case Change.WIDENS:
            yield line(("wider", "bold red"), f"  {new} allows a request that {old} does not", hang=2)
        case Change.NEVER:
            yield line(("not wider", "bold green"), f"  {old} allows every request that {new} allows", hang=2)
        case Change.UNDETERMINED:
            yield line(("undetermined", "bold yellow"), f"  whether {new} allows more than {old}", hang=2)
    if found.witness is not None:
        yield labelled("proof", words.request(found.witness), indent=2)
    yield from (labelled("why", reason, indent=2) for reason in found.reasons)
    yield labelled("searched", words.effort(found.effort), width=9, indent=2)
