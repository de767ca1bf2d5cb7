"""Who can reach a store, from its record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from posture.access.record import ANSWERED, OPEN, Access, FactRecord, GapRecord, GrantRecord, StoreAccess
from posture.model.facts import Fact, Known, Unknown
from posture.model.subjects import Grant, LogStore
from posture.policy.vocabulary import Value, in_words


def store_access(stores: Sequence[LogStore], as_of: str) -> Access:
    """The grants of the stores, with what may be missing from them."""
    found = tuple(map(_store, stores))
    undecided = any(store.gaps and not store.grants for store in found)
    return Access(as_of=as_of, stores=found, exit_code=OPEN if undecided else ANSWERED)


def _store(store: LogStore) -> StoreAccess:
    gaps = tuple(
        GapRecord(reason=gap.unknown.reason, detail=gap.unknown.detail, needs=gap.unknown.needs, limits=gap.limits)
        for gap in store.grants.gaps
    )
    grants = tuple(map(_grant, store.grants.items))
    account = store.account.value if isinstance(store.account, Known) else None
    return StoreAccess(uri=store.uri, account=account, grants=grants, gaps=gaps)


def _grant(grant: Grant) -> GrantRecord:
    names = [field.name for field in fields(Grant)]
    return GrantRecord(facts=tuple((name, _fact(getattr(grant, name))) for name in names))


def _fact(fact: Fact[Value]) -> FactRecord:
    match fact:
        case Known(value=value):
            return FactRecord(value=in_words(value), reason=None, detail="", needs="")
        case Unknown(reason=reason, detail=detail, needs=needs):
            return FactRecord(value=None, reason=reason, detail=detail, needs=needs)
