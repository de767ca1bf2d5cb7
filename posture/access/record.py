"""The shape of `posture access --format json`, and its published schema."""

from __future__ import annotations

import json

from posture.frozen import dataclass
from posture.iam import (
    ActionClass,
    Answer,
    Bound,
    Change,
    Effort,
    PrincipalClass,
    Request,
    StatementRef,
)
from posture.model.facts import Reason
from posture.reports.shape import Json, definitions, plain

VERSION = "audit-log-posture/access/1"
ANSWERED, WIDER, OPEN = 0, 1, 3  # exit codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A file that took part: what it was taken for (grants, cuts, old, new, request), and the digest of its bytes."""

    file: str
    part: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """One request. `posture access --request` reads the same shape, so that any proof here can be asked again."""

    principal: str
    session: str | None
    unique_id: str | None
    action: str
    resource: str
    context: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A class of callers that the policies let in, and the replayed request that proves it."""

    action_class: ActionClass
    actions: tuple[str, ...]
    principal: PrincipalClass
    bound: Bound
    conditions: tuple[str, ...]
    statements: tuple[StatementRef, ...]
    assumptions: tuple[str, ...]
    witness: RequestRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """Actions that may or may not be reached, and why; without a principal it concerns every caller."""

    action_class: ActionClass
    actions: tuple[str, ...]
    principal: PrincipalClass | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyAccess:
    """Everyone whom the policies let in. Nobody else is, unless something is undetermined.

    Without a resource the question is about any that the policies speak of. An organisation that is null is not known;
    an empty one says that the owner belongs to none.
    """

    resource: str | None
    prefix: str
    owner: str
    organisation: str | None
    ways: tuple[Way, ...]
    undetermined: tuple[Doubtful, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    effort: Effort


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRecord:
    """A value as policies spell it, or null with why it is not known and what would make it known."""

    value: str | None
    reason: Reason | None
    detail: str
    needs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRecord:
    """One way into a store: the facts of a grant by name, as policies can speak of them."""

    facts: tuple[tuple[str, FactRecord], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRecord:
    """Grants that may be missing from the list: why, and what any of them would have to look like."""

    reason: Reason
    detail: str
    needs: str
    limits: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAccess:
    """Who can reach one store."""

    uri: str
    account: str | None
    grants: tuple[GrantRecord, ...]
    gaps: tuple[GapRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAnswer:
    """The answer for one request; `explicit` tells a Deny from the absence of an Allow."""

    request: RequestRecord
    answer: Answer
    explicit: bool
    statement: StatementRef | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Whether the new policy allows a request that the old one does not: the request, or the size of the search."""

    change: Change
    witness: RequestRecord | None
    reasons: tuple[str, ...]
    effort: Effort


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What `posture access` answers; of stores, policies, request and comparison, what was asked for is there."""

    schema: str = VERSION
    as_of: str
    inputs: tuple[Input, ...] = ()
    stores: tuple[StoreAccess, ...] = ()
    policies: PolicyAccess | None = None
    request: RequestAnswer | None = None
    comparison: Comparison | None = None
    exit_code: int = ANSWERED


def request_record(request: Request) -> RequestRecord:
    """A request in the shape that people write."""
    caller = request.caller
    principal = caller.arn or caller.name or caller.unique_id or caller.kind.value
    return RequestRecord(
        principal=principal,
        session=caller.session,
        unique_id=caller.unique_id,
        action=request.action,
        resource=request.resource,
        context=request.context,
    )


def as_json(access: Access) -> str:
    """The record in printable ASCII; nothing in it is a command to a CI log (`##[error]`)."""
    return json.dumps(plain(access), indent=2).replace("##", "#\\u0023") + "\n"


def schema_files() -> dict[str, str]:
    """The published schema, by file name."""
    found: dict[str, Json] = {}
    root = definitions(Access, found)
    found["Access"]["properties"]["schema"] = {"const": VERSION}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": VERSION,
        "title": "What `posture access` answers",
        **root,
        "$defs": dict(sorted(found.items())),
    }
    return {"access.schema.json": json.dumps(schema, indent=2) + "\n"}
