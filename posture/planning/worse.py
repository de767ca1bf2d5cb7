"""What a plan makes worse: rows that were no failure before, and policies that let in more than before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from posture.adapters.registry import WIDENS
from posture.estate.changes import Side
from posture.frozen import dataclass
from posture.model.assessment import Finding
from posture.model.contributions import KeyContribution, RoleContribution, StoreContribution
from posture.model.facts import Fact, Known, Listing, Unknown
from posture.model.logic import Outcome
from posture.model.subjects import About, ActionClass, Bound, Grant, Provider, Scope

_ACCESS = ("grants", "exposure", "encryption.key_grants", "delivery.writer_trust")  # facts that policies decide
_NOBODY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}'
_NOTHING: Fact[str] = Known(value="", sources=())
_ANY = ""  # in place of the address of a store
_BAD = {Outcome.FAIL: 2, Outcome.UNKNOWN: 1}
_Given: TypeAlias = tuple[str, str, str, str]  # principal, action, scope, bound
_Doubt: TypeAlias = tuple[str, str]  # a principal who may be able to do it, and the action


@dataclass(frozen=True, slots=True)
class _Access:
    """What one policy, or a list beside it, gives; `network` confines it to one, and `gaps` hide more of its kind."""

    provider: Provider
    owner: str = ""
    text: Fact[str] = _NOTHING
    network: str = ""
    grants: frozenset[_Given] = frozenset()
    doubts: frozenset[_Doubt] = frozenset()
    gaps: frozenset[str] = frozenset()


class Worse:
    """Compares the rows after a plan with those before it."""

    def __init__(self, rows: Iterable[Finding], before: Side, after: Side, now: datetime) -> None:
        self._rows = {row.fingerprint: row.outcome for row in rows}
        self._widened = _Widened(before, after, now)

    def introduced(self, row: Finding) -> bool:
        """Whether the plan makes this row worse: it is new, it was better, or a policy behind it lets in more."""
        former = _BAD.get(self._rows.get(row.fingerprint, Outcome.PASS), 0)
        present = _BAD.get(row.outcome, 0)
        return present > former or (present == former > 0 and _of_access(row) and self._widened.store(row))


class _Widened:
    """Whether a policy of a store, its doors, its key or a role that writes allows what it did not allow before."""

    def __init__(self, before: Side, after: Side, now: datetime) -> None:
        self._now = now
        self._former = _policies(before)
        self._present = _policies(after)
        self._answers: dict[str, bool] = {}
        self._anywhere = self._place(_ANY)

    def store(self, row: Finding) -> bool:
        """Of all policies that have a say; one that cannot be compared may allow more."""
        place = row.subject.places[0].address if row.subject.places else row.subject.uri
        if place not in self._answers:
            self._answers[place] = self._anywhere or self._place(place)
        return self._answers[place]

    def _place(self, place: str) -> bool:
        former = self._former.get(place, {})
        present = self._present.get(place, {})
        return any(
            _widens(former.get(name, _Access(provider=access.provider)), access, self._now)
            for name, access in present.items()
        )


def _policies(side: Side) -> Mapping[str, Mapping[str, _Access]]:
    """By the address of the store that they decide about, or for one that may be any; then by what they are of."""
    found: dict[str, dict[str, _Access]] = defaultdict(dict)
    keys = {item.ref: item for item in side.found.contributions if isinstance(item, KeyContribution)}
    for item in side.found.contributions:
        match item:
            case StoreContribution(ref=ref):
                made = side.names.resource(ref)
                inner = found[made.shown if made is not None else ref.uri]
                inner.update(_of_store(item))
                key = keys.get(item.key.value) if isinstance(item.key, Known) and item.key.value else None
                if key is not None:
                    inner["key"] = _Access(
                        key.ref.provider,
                        key.ref.account,
                        key.policy,
                        grants=_given(key.grants),
                        doubts=_doubted(key.grants),
                    )
            case RoleContribution(ref=ref, trust_policy=policy):
                made = side.names.resource(ref)
                name = made.shown if made is not None else ref.arn
                found[_ANY][name] = _Access(ref.provider, ref.account, policy, grants=_given(item.trust))
            case _:
                pass
    return found


def _of_store(store: StoreContribution) -> Iterator[tuple[str, _Access]]:
    owner = store.account.value if isinstance(store.account, Known) else ""
    gaps = frozenset(str(gap.unknown) for gap in store.doors.gaps)
    yield (
        "",
        _Access(
            store.ref.provider,
            owner,
            store.policy,
            grants=_given(store.grants),
            doubts=_doubted(store.grants),
            gaps=gaps,
        ),
    )
    for door in store.doors.items:
        yield f"through {door.name}", _Access(store.ref.provider, owner, door.policy, door.network)


def _given(grants: Listing[Grant]) -> frozenset[_Given]:
    """Who can do what. How, and under which conditions, policies tell more exactly."""
    return frozenset(
        (_value(grant.principal), _value(grant.action), _value(grant.scope), _value(grant.bound))
        for grant in grants.items
    )


def _doubted(grants: Listing[Grant]) -> frozenset[_Doubt]:
    """Whom gaps name, who may be able to do something."""
    limits = [dict(gap.limits) for gap in grants.gaps]
    return frozenset(
        (principal, action)
        for each in limits
        for principal in each.get("principal", ())
        for action in each.get("action", ("",))
    )


def _value(fact: Known[str] | Known[ActionClass] | Known[Scope] | Known[Bound] | Unknown) -> str:
    return str(fact.value) if isinstance(fact, Known) else ""


def _widens(former: _Access, present: _Access, now: datetime) -> bool:
    if present.grants - former.grants or present.gaps - former.gaps:
        return True
    if present.doubts - former.doubts - {(principal, action) for principal, action, _, _ in former.grants}:
        return True
    if not isinstance(former.text, Known) or not isinstance(present.text, Known):
        return former.text != present.text
    if not present.text.value or (former.text.value, former.network) == (present.text.value, present.network):
        return False
    if former.network not in {"", present.network}:
        return True
    if present.provider in WIDENS:
        return WIDENS[present.provider](former.text.value, present.text.value)
    from posture.iam import Change, widens  # noqa: PLC0415 - the decision engine, only when a policy changed

    old = former.text.value or _NOBODY
    return widens(old, present.text.value, owner=present.owner, now=now).change is not Change.NEVER


def _of_access(row: Finding) -> bool:
    return row.subject.about is About.STORE and any(seen.path.startswith(_ACCESS) for seen in row.deciding)
