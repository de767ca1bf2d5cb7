"""Which operations each row of a run rests on, from the sources of the facts that its control asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from posture.estate import Joined
from posture.model.facts import Source
from posture.policy.assertions import words_used
from posture.policy.document import Control, parse_policies
from posture.policy.vocabulary import vocabulary
from posture.scanning import Outcome, replay
from posture.snapshot import load
from tests.e2e.commands import Row, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Rests:
    """What a row rests on; `single` says that its control asks for one fact, which no other answer can decide."""

    operations: frozenset[str]
    single: bool


def rests(run: Run) -> Mapping[Row, Rests]:
    """By control and subject."""
    outcome = replay(load((run.folder / "snapshot.json").read_text(encoding="utf-8"), "snapshot.json"))
    return {
        (control.info.id, joined.info.uri): _rests(control, joined)
        for control in _controls(outcome)
        for joined in outcome.subjects
        if joined.info.about is control.info.about
    }


def _controls(outcome: Outcome) -> tuple[Control, ...]:
    policies = parse_policies((document.text, document.file) for document in outcome.snapshot.request.policies)
    return tuple(control for policy in policies for control in policy.controls)


def _rests(control: Control, joined: Joined) -> Rests:
    paths = words_used(control.require)
    operations = frozenset(source.operation for path in paths for source in _sources(path, joined))
    either = any(".effective." in path for path in paths)  # true by the account or by the bucket
    return Rests(operations=operations, single=len(paths) == 1 and not either and control.applies(joined.info))


def _sources(path: str, joined: Joined) -> Iterator[Source]:
    words, record = vocabulary(joined.info.about), joined.record
    listing, items, member = path.partition("[].")
    if items:
        listed = words.lists[listing]
        for item in listed.read(record).items:
            yield from listed.record.fields[member].read(item).sources
    elif path in words.lists:
        found = words.lists[path].read(record)
        yield from (*found.sources, *(source for gap in found.gaps for source in gap.unknown.sources))
    else:
        yield from words.fields[path].read(record).sources
