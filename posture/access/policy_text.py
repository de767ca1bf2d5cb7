"""Whom policies let in, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from posture.access import words
from posture.access.layout import ALWAYS, BLANK, NOBODY, Entry, Row, labelled, nobody, section, table, widen
from posture.access.record import Doubtful, PolicyAccess, Way
from posture.iam import ActionClass, PrincipalClass
from posture.reports.terminal import Line, line

SCOPE = (
    "This is what the policies let through. Identity policies are not read: a caller of another account is taken to "
    "have one that allows, and one of the owner's own may let in more than is listed."
)
REPLAYED = (
    "Every request above was replayed by a second evaluator; names in it that no policy mentions stand for any other."
)


def policies_page(found: PolicyAccess, files: Sequence[str], width: int) -> Iterator[Line]:
    """The page of a listing over policy files."""
    resource = f"{found.resource}/{found.prefix}*" if found.prefix else found.resource
    yield line((resource or "any resource that the policies speak of", "bold"))
    member = {None: "organisation not given", "": "in no organisation"}.get(found.organisation)
    yield labelled("owner", f"account {found.owner}, {member or f'organisation {found.organisation}'}", width=10)
    yield labelled("policies", ", ".join(files), width=10)
    yield BLANK
    yield from _reached(found, width)
    yield BLANK
    if found.problems:
        yield line(("In the policies, not understood:", "bold yellow"))
        yield from (line(text, indent=2, hang=2) for text in found.problems)
        yield BLANK
    yield from (line(f"Note: {text}.", hang=6) for text in found.notes)
    yield line(SCOPE)
    yield line(f"Searched {words.effort(found.effort)}.{f' {REPLAYED}' if found.ways else ''}")


def _reached(found: PolicyAccess, width: int) -> Iterator[Line]:
    rows = _rows(found)
    if not rows:
        yield NOBODY
        return
    kinds = [*ALWAYS, *(["other"] if _has_other(found) else [])]
    yield from table(rows, kinds, width)
    for kind in kinds:
        ways = [way for way in found.ways if way.action_class == kind]
        doubts = [doubt for doubt in found.undetermined if doubt.action_class == kind]
        if ways or doubts:
            yield from section(
                kind, [_entry(group, found) for group in _alike(ways, found)], list(_doubts(doubts, found))
            )
    reached = {cell for row in rows for cell in row.cells}
    yield from nobody([kind for kind in kinds if kind not in reached])


def _has_other(found: PolicyAccess) -> bool:
    kinds = {*(way.action_class for way in found.ways), *(doubt.action_class for doubt in found.undetermined)}
    return ActionClass.OTHER in kinds


def _rows(found: PolicyAccess) -> list[Row]:
    items: tuple[Way | Doubtful, ...] = (*found.ways, *found.undetermined)
    placed = [(item.principal, item) for item in items if item.principal is not None]
    rows: dict[str, Row] = {}
    for principal, item in sorted(placed, key=lambda pair: words.width_of(pair[0], found.owner)):
        name = words.who(principal, found.owner, found.organisation)
        widen(rows.setdefault(name, Row(name)).cells, item.action_class.value, _cell(item))
    everyone = [item.action_class.value for item in found.undetermined if item.principal is None]
    if everyone:
        rows["anyone"] = Row("anyone", dict.fromkeys(everyone, "?"))
    return list(rows.values())


def _cell(item: Way | Doubtful) -> str:
    if isinstance(item, Doubtful):
        return "?"
    return "if" if item.conditions or item.assumptions or words.path(item.bound) else "yes"


def _alike(ways: Iterable[Way], found: PolicyAccess) -> list[list[Way]]:
    """Ways that differ only in actions, proof and caller; callers who are let do the same are together."""
    callers: dict[tuple[PrincipalClass, object], list[Way]] = {}
    for way in sorted(ways, key=lambda way: words.width_of(way.principal, found.owner)):
        callers.setdefault((way.principal, _terms(way)), []).append(way)
    groups: dict[object, list[Way]] = {}
    for (_, terms), same in callers.items():
        names = frozenset(name for way in same for name in way.actions)
        groups.setdefault((terms, names), []).extend(same)
    return list(groups.values())


def _terms(way: Way) -> object:
    return (way.bound, way.conditions, way.statements, way.assumptions)


def _entry(group: Sequence[Way], found: PolicyAccess) -> Entry:
    kind = group[0].action_class
    callers = [words.who(way.principal, found.owner, found.organisation) for way in group]
    widest, *others = dict.fromkeys(callers)
    names = words.by_weight((name for way in group for name in way.actions), kind)
    first = next(way for way in group if names[0] in way.actions)
    details = [("also", text) for text in others] + [("can", words.actions(names))]
    if path := words.path(first.bound):
        details.append(("where", path))
    details += [("if", text) for text in first.conditions]
    details += [("by", words.statement(reference)) for reference in first.statements]
    details += [("given", text) for text in first.assumptions]
    details.append(("proof", words.request(first.witness)))
    return Entry(who=widest, details=tuple(details))


def _doubts(doubts: Iterable[Doubtful], found: PolicyAccess) -> Iterator[Entry]:
    groups: dict[tuple[str, ...], list[Doubtful]] = {}
    for doubt in doubts:
        groups.setdefault(doubt.reasons, []).append(doubt)
    for reasons, group in groups.items():
        names = words.by_weight((name for doubt in group for name in doubt.actions), group[0].action_class)
        callers = [
            words.who(doubt.principal, found.owner, found.organisation) if doubt.principal else "anyone"
            for doubt in group
        ]
        details = [("could", words.actions(names)), *(("why", reason) for reason in reasons)]
        yield Entry(who=f"undetermined: {'; '.join(dict.fromkeys(callers))}", details=tuple(details))
