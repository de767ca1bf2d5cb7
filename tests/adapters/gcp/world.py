"""The wing over the stand-in's state without a network: the same routes, the same checks, in this process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from posture.adapters.gcp.calls import STORAGE, Endpoint
from posture.adapters.gcp.wing import GoogleWing
from posture.model.contributions import KeyContribution, StoreContribution
from posture.model.facts import Known, Listing, Reason, Unknown
from posture.model.leads import Found, KeyRef, Lead, StoreRef
from posture.model.settings import GoogleAccess, Settings
from posture.model.subjects import Grant, Kind, Provider
from posture.model.trust import TrustZone
from posture.reading import Json, Kept, ReadFailure, Reading
from tests.testbeds.google import Bucket, GoogleState, Node, Record, RefusedError, served
from tests.testbeds.google_estate import LOGS, LOGS_ID, ORGANISATION, binding, metadata, policy, project

T = TypeVar("T")
NOW = datetime(2026, 11, 27, tzinfo=UTC)
BUCKET = "acme-audit"
VIEWER = "roles/storage.objectViewer"
_REASONS = {403: Reason.DENIED, 404: Reason.NOT_FOUND}


@dataclass
class Direct:
    """Stands where the sessions of Google's libraries do; `asked` are the operations in order."""

    state: GoogleState
    asked: list[str] = field(default_factory=list)

    def sign_in(self) -> Mapping[str, Json]:
        return {"principal": "reader"}

    def perform(self, endpoint: Endpoint, parameters: Mapping[str, str]) -> Mapping[str, object]:
        self.asked.append(endpoint.call.operation)
        path = endpoint.path.format(**parameters)
        rest = {name: value for name, value in parameters.items() if f"{{{name}}}" not in endpoint.path}
        base = "/storage/v1" if endpoint.service == STORAGE else ""
        body: Record = {"options": {"requestedPolicyVersion": 3}}
        if "permissions" in rest:
            body = {"permissions": [rest["permissions"]]}
        try:
            answer = served(
                self.state,
                "POST" if endpoint.post else "GET",
                base + path,
                {} if endpoint.post else rest,
                body if endpoint.post else {},
            )
        except RefusedError as refused:
            reason = _REASONS.get(refused.status, Reason.FAILED)
            raise ReadFailure(reason, "notFound" if refused.status == 404 else "forbidden", str(refused)) from None
        assert isinstance(answer, Mapping)
        return answer

    def pages(self, endpoint: Endpoint, parameters: Mapping[str, str]) -> Iterator[object]:
        items = self.perform(endpoint, parameters).get(endpoint.member, ())
        assert isinstance(items, tuple | list)
        yield from items


def state(
    *bindings: Record,
    above: Mapping[str, Record] | None = None,
    denied: Mapping[str, tuple[Record, ...]] | None = None,
    uniform: bool = True,
    more: Record | None = None,
) -> GoogleState:
    """One bucket with these bindings; `above` are the policies and `denied` the deny rules of what lies over it."""
    policies, rules = dict(above or {}), dict(denied or {})
    number = f"projects/{LOGS}"
    return GoogleState(
        buckets={
            BUCKET: Bucket(metadata={**metadata(LOGS, uniform=uniform), **(more or {})}, policy=policy(*bindings))
        },
        nodes={
            ORGANISATION: Node(
                record={"name": ORGANISATION, "displayName": "acme.example"},
                policy=policies.get(ORGANISATION, policy()),
                denials={"d": rules[ORGANISATION]} if ORGANISATION in rules else {},
            ),
            number: project(
                LOGS,
                LOGS_ID,
                ORGANISATION,
                policy=policies.get(number, policy()),
                denials={"d": rules[number]} if number in rules else {},
            ),
        },
    )


def viewers(*members: str, condition: str = "") -> Record:
    """A binding that lets members list and read."""
    return binding(VIEWER, *members, condition=condition)


def enforced(of: GoogleState) -> GoogleState:
    """The same with public access prevention by the project's organisation policy."""
    return replace(of, constraints={(LOGS, "storage.publicAccessPrevention"): ({"enforce": True},)})


def wing(
    of: GoogleState, *, google: GoogleAccess | None = None, trust: TrustZone | None = None
) -> tuple[GoogleWing, Direct]:
    """A wing that asks the state, and what it asked."""
    made = GoogleWing(Settings(google=google or GoogleAccess(), trust=trust or TrustZone()))
    direct = Direct(of)
    made._identity._sessions = direct  # type: ignore[assignment] # noqa: SLF001 - in the place of the network
    return made, direct


def store(
    of: GoogleState, prefix: str = "logs", *, google: GoogleAccess | None = None, trust: TrustZone | None = None
) -> StoreContribution:
    """What the wing says of the bucket."""
    made, _ = wing(of, google=google, trust=trust)
    ref = StoreRef(provider=Provider.GCP, kind=Kind.GCS_BUCKET, name=BUCKET, prefix=prefix)
    (given,) = made.follow(Lead(target=ref, found=Found(how="test")), Reading(as_of=NOW)).contributions
    assert isinstance(given, StoreContribution)
    return given


def seen(of: GoogleState, *names: str) -> tuple[Kept, ...]:
    """What a scan of these buckets keeps, and of the keys behind them."""
    made, _ = wing(of)
    reading = Reading(as_of=NOW)
    for name in names:
        ref = StoreRef(provider=Provider.GCP, kind=Kind.GCS_BUCKET, name=name)
        followed = made.follow(Lead(target=ref, found=Found(how="test")), reading)
        for lead in followed.leads:
            made.follow(lead, reading)
    return reading.kept()


def key(of: GoogleState, name: str) -> KeyContribution:
    """What the wing says of a key."""
    made, _ = wing(of)
    ref = KeyRef(provider=Provider.GCP, key_id=name)
    (given,) = made.follow(Lead(target=ref, found=Found(how="test")), Reading(as_of=NOW)).contributions
    assert isinstance(given, KeyContribution)
    return given


def held(grants: Listing[Grant]) -> set[tuple[str, str, str]]:
    """Principal, action and scope of every grant."""
    return {(text(grant.principal), text(grant.action), text(grant.scope)) for grant in grants.items}


def text(fact: Known[T] | Unknown) -> str:
    """A known value as text; the reason of an unknown one."""
    return f"{fact.value}" if isinstance(fact, Known) else f"unknown: {fact.reason}"


def doubts(grants: Listing[Grant]) -> list[Unknown]:
    """Why grants may be missing."""
    return [gap.unknown for gap in grants.gaps]
