"""Plans that say less, and what may become of verdicts then: nothing but unknown.

Each way to hide is one that real plans have: known after apply, sensitive, a configuration that is not shown, a state
that was not read.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Mapping

from tests.terraform.plans import Free

Place = tuple[str | int, ...]


def hidden(document: Free, chance: random.Random) -> tuple[Free, str]:
    """A copy that says less, and what was hidden."""
    changed = copy.deepcopy(document)
    ways = (_value, _value, _value, _value, _secret, _configured, _expression, _state)
    said = [chance.choice(ways)(changed, chance) for _ in range(chance.choice((1, 1, 1, 2, 4)))]
    return changed, "; ".join(said)


def _value(document: Free, chance: random.Random) -> str:
    return _mask(document, chance, "after_unknown", remove=True)


def _secret(document: Free, chance: random.Random) -> str:
    return _mask(document, chance, "after_sensitive", remove=False)


def _mask(document: Free, chance: random.Random, mask: str, *, remove: bool) -> str:
    entries = [each for each in document["resource_changes"] if isinstance(each["change"].get("after"), dict)]
    entry = chance.choice(entries)
    places = list(_inside(entry["change"]["after"]))
    if not places:
        return "nothing"
    place = chance.choice(places)
    entry["change"][mask] = _marked(entry["change"].get(mask), place)
    holder, last = _holder(entry["change"]["after"], place)
    if remove and isinstance(last, str):
        del holder[last]
    elif remove:
        holder[last] = None
    return f"{mask} {entry['address']} {place}"


def _inside(value: Free, place: Place = ()) -> Iterator[Place]:
    """Every place inside a value."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*place, step)
        yield from _inside(inner, (*place, step))


def _holder(value: Free, place: Place) -> tuple[Free, str | int]:
    *outer, last = place
    for step in outer:
        value = value[step]
    return value, last


def _marked(mask: Free, place: Place) -> Free:
    """The mask with a mark at this place; what it marks already stays marked."""
    if not place or mask is True:
        return True
    step, *rest = place
    if isinstance(step, int):
        marks = list(mask) if isinstance(mask, list) else []
        marks += [False] * (step + 1 - len(marks))
        marks[step] = _marked(marks[step], tuple(rest))
        return marks
    named = dict(mask) if isinstance(mask, dict) else {}
    return {**named, step: _marked(named.get(step), tuple(rest))}


def _configured(document: Free, chance: random.Random) -> str:
    module = chance.choice(list(_modules(document["configuration"]["root_module"])))
    if not module.get("resources"):
        return "nothing"
    entry = module["resources"].pop(chance.randrange(len(module["resources"])))
    return f"configuration of {entry['address']}"


def _expression(document: Free, chance: random.Random) -> str:
    """What an expression refers to, as where a function makes its value."""
    module = chance.choice(list(_modules(document["configuration"]["root_module"])))
    found = [
        (entry["address"], name, expression)
        for entry in module.get("resources", ())
        for name, expression in entry.get("expressions", {}).items()
        if isinstance(expression, dict) and "references" in expression
    ]
    if not found:
        return "nothing"
    address, name, expression = chance.choice(found)
    expression["references"] = ["local.not_shown"]
    return f"expression of {address}.{name}"


def _state(document: Free, chance: random.Random) -> str:
    name = chance.choice(("prior_state", "relevant_attributes"))
    document.pop(name, None)
    return name


def _modules(module: Mapping[str, Free]) -> Iterator[Free]:
    yield module
    for call in module.get("module_calls", {}).values():
        yield from _modules(call["module"])
