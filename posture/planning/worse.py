"""What a plan makes worse: rows that were no failure before, and policies that let in more than before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from posture.estate.changes import Side
from posture.model.assessment import Finding
from posture.model.contributions import KeyContribution, RoleContribution, StoreContribution
from posture.model.facts import Fact, Known
from posture.model.logic import Outcome
from posture.model.subjects import About

_ACCESS = ("grants", "exposure", "encryption.key_grants", "delivery.writer_trust")  # facts that policies decide
_NOBODY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}'
_BAD = {Outcome.FAIL: 2, Outcome.UNKNOWN: 1}


@dataclass(frozen=True, slots=True)
class _Policy:
    text: Fact[str]
    owner: str


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
    """Whether a policy of a store, its key or a role that writes allows a request that it did not allow before."""

    def __init__(self, before: Side, after: Side, now: datetime) -> None:
        self._now = now
        self._former = _policies(before)
        self._present = _policies(after)
        self._answers: dict[str, bool] = {}

    def store(self, row: Finding) -> bool:
        """Of all policies that have a say; one that cannot be compared may allow more."""
        place = row.subject.places[0].address if row.subject.places else row.subject.uri
        return any(self._policy(name) for name in self._present if name.startswith(("*", place)))

    def _policy(self, name: str) -> bool:
        if name not in self._answers:
            self._answers[name] = _widens(self._former.get(name), self._present[name], self._now)
        return self._answers[name]


def _policies(side: Side) -> dict[str, _Policy]:
    """Policies by the address of the store that they decide about; with a star for one that may be any."""
    found: dict[str, _Policy] = {}
    keys = {item.ref: item.policy for item in side.found.contributions if isinstance(item, KeyContribution)}
    for item in side.found.contributions:
        match item:
            case StoreContribution(ref=ref, policy=policy, key=key):
                made = side.names.resource(ref)
                place = made.shown if made is not None else ref.uri
                owner = item.account.value if isinstance(item.account, Known) else ""
                found[place] = _Policy(policy, owner)
                if isinstance(key, Known) and key.value in keys:
                    found[f"{place} key"] = _Policy(keys[key.value], key.value.account)
            case RoleContribution(ref=ref, trust_policy=policy):
                made = side.names.resource(ref)
                found[f"* {made.shown if made is not None else ref.arn}"] = _Policy(policy, ref.account)
            case _:
                pass
    return found


def _widens(former: _Policy | None, present: _Policy, now: datetime) -> bool:
    old: Fact[str] = former.text if former is not None else Known(value="", sources=())
    if not isinstance(old, Known) or not isinstance(present.text, Known):
        return old != present.text
    if old.value == present.text.value or not present.text.value:
        return False
    from posture.iam import Change, widens  # noqa: PLC0415 - the decision engine, only when a policy changed

    return widens(old.value or _NOBODY, present.text.value, owner=present.owner, now=now).change is not Change.NEVER


def _of_access(row: Finding) -> bool:
    return row.subject.about is About.STORE and any(seen.path.startswith(_ACCESS) for seen in row.deciding)
