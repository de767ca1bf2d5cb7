"""Who can reach a store, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from posture.access.layout import ALWAYS, BLANK, NOBODY, Entry, Row, labelled, nobody, section, table, widen
from posture.access.record import GapRecord, GrantRecord, StoreAccess
from posture.model.subjects import ActionClass, Bound
from posture.reports.terminal import Line, line
from posture.reports.view import plural

DECIDING = ("principal", "kind", "action", "bound", "via", "conditions", "witness")
LABELS = {"can": "actions", "if": "conditions", "by": "via", "given": "assumptions", "proof": "witness"}
PLAIN = ("anonymous", "principal")  # kinds that the name itself tells
STORE_SCOPE = (
    "This is what the store lets through. Callers' own identity policies are not read: an outsider's is taken to allow."
)


def store_page(store: StoreAccess, width: int) -> Iterator[Line]:
    """The page of one store."""
    yield line((store.uri, "bold"))
    yield labelled("owner", f"account {store.account}" if store.account else "not known", width=10)
    yield BLANK
    if store.grants:
        yield from _reached(store, width)
    elif not store.gaps:
        yield NOBODY
    if store.grants and store.gaps:
        yield BLANK
    if store.gaps:
        heading = "There may be more:" if store.grants else "Who can reach it is undetermined:"
        yield line((heading, "bold yellow"))
        yield from (_gap(gap) for gap in store.gaps)
    yield BLANK
    yield line(STORE_SCOPE)


def _reached(store: StoreAccess, width: int) -> Iterator[Line]:
    yield from table(_grant_rows(store), ALWAYS, width)
    open_ones = [grant for grant in store.grants if _told(grant, "action") is None]
    empty = []
    for kind in ActionClass:
        entries = [_grant(grant) for grant in store.grants if _told(grant, "action") == kind]
        gaps = sum(kind.value in dict(gap.limits).get("action", (kind.value,)) for gap in store.gaps)
        after = [line((f"undetermined: {plural(gaps, 'gap')}, see below", "yellow"), indent=2)] if gaps else []
        if entries or after:
            yield from section(kind.value, entries, [], after)
        elif not open_ones:
            empty.append(kind.value)
    if open_ones:
        yield from section("an action that is not known", [], [_grant(grant) for grant in open_ones])
    yield from nobody(empty)


def _grant_rows(store: StoreAccess) -> list[Row]:
    rows: dict[str, Row] = {}
    for grant in store.grants:
        row = rows.setdefault(_holder(grant), Row(_holder(grant)))
        bounded = _told(grant, "bound") != Bound.ANYWHERE or _told(grant, "conditions")
        cell = "?" if _open(grant) else "if" if bounded else "yes"
        action = _told(grant, "action")
        for kind in ALWAYS if action is None else [action]:
            widen(row.cells, kind, cell)
    return list(rows.values())


def _told(grant: GrantRecord, name: str) -> str | None:
    """A fact as it is told, None where it is not known or not there."""
    return next((fact.value for key, fact in grant.facts if key == name), None)


def _open(grant: GrantRecord) -> bool:
    """Whether it is not known who can do what, from where."""
    return any(fact.value is None for name, fact in grant.facts if name in DECIDING)


def _holder(grant: GrantRecord) -> str:
    name, account = _told(grant, "principal"), _told(grant, "account")
    principal = {None: "an unknown principal", "*": "anyone"}.get(name, name or "")
    kind = (_told(grant, "kind") or "").replace("_", " ")
    prefix = f"{kind} " if kind and kind not in PLAIN else ""
    if kind == "any account":
        prefix, principal = "", "any account"
    suffix = f" of account {account}" if account and account not in principal else ""
    return f"{prefix}{principal}{suffix} ({_told(grant, 'scope') or 'scope unknown'})"


def _grant(grant: GrantRecord) -> Entry:
    bound = _told(grant, "bound")
    details = [] if bound in (None, Bound.ANYWHERE) else [("where", (bound or "").replace("_", " "))]
    details += [(label, text) for label, name in LABELS.items() if (text := _told(grant, name))]
    details += [
        ("open", f"{name}: {_why(fact.reason.value, fact.detail, fact.needs)}")
        for name, fact in grant.facts
        if fact.reason is not None
    ]
    return Entry(who=_holder(grant), details=tuple(details))


def _gap(gap: GapRecord) -> Line:
    limits = "; ".join(f"{name}: {', '.join(values)}" for name, values in gap.limits)
    text = _why(gap.reason.value, gap.detail, gap.needs)
    return line(text if gap.detail or not limits else f"{text} ({limits})", indent=2, hang=2)


def _why(reason: str, detail: str, needs: str) -> str:
    return "".join((reason.replace("_", " "), f", {detail}" if detail else "", f"; needs {needs}" if needs else ""))
