"""What was read of a subject as lines: every fact with the calls that it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from posture.estate import Joined
from posture.model.facts import Fact, Listing, Source, Unknown
from posture.model.subjects.access import NOT_TOLD
from posture.policy.vocabulary import Field, ListField, Value, vocabulary
from posture.reports.view import calls

_MOST_CALLS = 4  # of one fact; the JSON report and the snapshot have them all


def facts(joined: Joined) -> Iterator[str]:
    """A line for each fact, and for each fact of the items of a list."""
    words, untold, before = vocabulary(joined.info.about), list[str](), tuple[Source, ...]()
    for path, word in words.fields.items():
        fact = word.read(joined.record)
        if _is_untold(fact):
            untold.append(path)
            continue
        asked = "  [as above]" if fact.sources and fact.sources == before else sources(fact.sources)
        yield f"{path}: {_value(fact, word)}{asked}"
        before = fact.sources
    for path, listed in words.lists.items():
        listing: Listing[object] = listed.read(joined.record)
        if not listing.items and listing.gaps and all(_is_untold(gap.unknown) for gap in listing.gaps):
            untold.append(path)
        else:
            yield from _listing(path, listed, listing)
    if untold:
        yield f"not read of this provider: {', '.join(untold)}"


def sources(asked: Sequence[Source]) -> str:
    """The calls in brackets, with the places in their answers."""
    told = [" ".join(filter(None, parts)) for *parts, _ in calls(asked)]
    more = f"; and {len(told) - _MOST_CALLS} more" if len(told) > _MOST_CALLS else ""
    return f"  [{'; '.join(told[:_MOST_CALLS])}{more}]" if told else ""


def _listing(path: str, listed: ListField, listing: Listing[object]) -> Iterator[str]:
    more = " known, and there may be more" if listing.gaps else ""
    yield f"{path}: {len(listing.items) or 'none'}{more}{sources(listing.sources)}"
    for index, item in enumerate(listing.items):
        read = {inner: word.read(item) for inner, word in listed.record.fields.items()}
        common = next((fact.sources for fact in read.values() if fact.sources), ())
        name = listed.record.name_of(item)
        yield f"  {path}[{index}]{f' ({name})' if name else ''}{sources(common)}"
        for inner, fact in read.items():
            if not _is_untold(fact):
                apart = "" if fact.sources == common else sources(fact.sources)
                yield f"    {path}[{index}].{inner}: {_value(fact, listed.record.fields[inner])}{apart}"
    yield from (f"  there may be more: {_why(gap.unknown)}{sources(gap.unknown.sources)}" for gap in listing.gaps)


def _is_untold(fact: Fact[Value]) -> bool:
    return isinstance(fact, Unknown) and fact == NOT_TOLD


def _value(fact: Fact[Value], word: Field) -> str:
    return _why(fact) if isinstance(fact, Unknown) else word.words(fact.value) or "(none)"


def _why(unknown: Unknown) -> str:
    detail, needs = unknown.detail, unknown.needs
    words = "".join((f", {detail}" if detail else "", f", needs {needs}" if needs else ""))
    return f"unknown: {unknown.reason.value.replace('_', ' ')}{words}"
