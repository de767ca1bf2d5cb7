"""Whether a new PASS has a reason: two plan documents, the resources in which they differ, and what decided."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from posture.model.assessment import Finding
from posture.model.logic import Outcome
from tests.terraform.plans import Free
from tests.terraform.verdicts import Verdicts

_ENTRIES = ("resource_changes", "resource_drift", "deferred_changes", "planned_values", "prior_state", "configuration")
_IDLE = frozenset({"variables", "output_changes", "checks", "relevant_attributes", "timestamp"})  # nothing reads them
_KEY = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')


@dataclass(frozen=True, slots=True, kw_only=True)
class Unexplained:
    """How many rows pass that did not, and those of them that rest on no resource that changed."""

    passes: int
    rows: tuple[str, ...]


def unexplained(original: Free, before: Verdicts, changed: Free, after: Verdicts) -> Unexplained:
    """Compare the verdicts of two documents. Where more changed than resources, every row has a reason.

    A resource that the original destroys is no evidence there for what it was: without its entry it is not destroyed.
    """
    addresses = touched(original, changed)
    entries = original.get("resource_changes", ())
    leaving = {without_keys(entry["address"]) for entry in entries if "delete" in entry["change"]["actions"]}
    new = [
        (key, row)
        for key, row in after.rows.items()
        if row.outcome is Outcome.PASS and key in before.rows and before.rows[key].outcome is not Outcome.PASS
    ]
    if addresses is None or addresses & leaving:
        return Unexplained(passes=len(new), rows=())
    wrong = (key for key, row in new if not addresses & _rests_on(row, before.rows[key]))
    return Unexplained(passes=len(new), rows=tuple(map(str, wrong)))


def _rests_on(*rows: Finding) -> frozenset[str]:
    sources = {source.operation for row in rows for each in row.evidence for source in each.sources}
    own = {place.address for row in rows for place in row.subject.places[:1]}
    return frozenset(map(without_keys, sources | own))


def touched(before: Free, after: Free) -> frozenset[str] | None:
    """Addresses without keys; None where something differs that is of no single resource."""
    if not isinstance(after, dict) or _rest(before) != _rest(after):
        return None
    ours, theirs = _entries(before), _entries(after)
    if None in {*ours, *theirs} and ours.get(None) != theirs.get(None):
        return None
    return frozenset(address for address in {*ours, *theirs} if address and ours.get(address) != theirs.get(address))


def without_keys(address: str) -> str:
    """An address as its configuration has it, with the modules that it lies in."""
    return _KEY.sub("", address)


def _rest(document: Free) -> str:
    return json.dumps({name: value for name, value in document.items() if name not in {*_ENTRIES, *_IDLE}})


def _entries(document: Free) -> dict[str | None, list[str]]:
    """The texts of all that is said of each resource; under None, what lies between."""
    found: dict[str | None, list[str]] = defaultdict(list)
    for name in _ENTRIES:
        for address, text in _inside(document.get(name), ""):
            found[address].append(f"{name}: {text}")
    return found


def _inside(value: Free, module: str) -> Iterator[tuple[str | None, str]]:
    """Each thing with an address; of the configuration, with the path of its module before it."""
    match value:
        case {"address": str(address), **rest} if not {"resources", "child_modules"} & rest.keys():
            yield without_keys(f"{module}{address}"), json.dumps(value)
        case {"module_calls": dict(calls), **rest}:
            for name, call in calls.items():
                inner = call.get("module") if isinstance(call, dict) else call
                yield from _inside(inner, f"{module}module.{name}.")
                outer = {key: each for key, each in call.items() if key != "module"} if isinstance(call, dict) else call
                yield None, json.dumps([name, outer])
            yield from _inside(rest, module)
        case dict():
            for name, each in value.items():
                if name in {"outputs", "variables"} and not module:
                    continue
                yield None, f"{module}{name}"
                yield from _inside(each, module)
        case list():
            for each in value:
                yield from _inside(each, module)
        case _:
            yield None, json.dumps(value)
