"""Resource control policies as filters of everything that a bucket, a key or a role lets in."""

from __future__ import annotations

import json
from typing import Any, Final

from posture.adapters.aws.config import ControlPolicies
from posture.frozen import dataclass
from posture.iam import Document, Gate, GateKind, parse
from posture.iam.document import Effect
from posture.model.facts import Known, Listing, Reason, Source, Unknown, united

_SERVICE_LINKED: Final = ":role/aws-service-role/"
UNREAD: Final = "unless a resource control policy forbids it, and not all of them could be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restraint:
    """What an organisation's control policies do to one resource.

    `unread` is one that could not be read though others can, so that whoever gets in may be refused after all;
    `assumed` says that nobody may read any, so that their absence is an assumption.
    """

    gates: tuple[Gate, ...] = ()
    unread: Unknown | None = None
    assumed: bool = False
    sources: tuple[Source, ...] = ()

    @property
    def documents(self) -> tuple[Document, ...]:
        """The policies as they were parsed."""
        return tuple(gate.policy for gate in self.gates if isinstance(gate.policy, Document))


NO_RESTRAINT: Final = Restraint()
ASSUMED: Final = Restraint(assumed=True)
UNASKED: Final = ControlPolicies(policies=Listing(items=()), refused=Unknown(reason=Reason.NOT_COLLECTED))


def restraint(read: ControlPolicies, granting: Document, *, arn: str = "", only: tuple[str, ...] = ("*",)) -> Restraint:
    """The policies in force on a resource whose own policy is `granting`, as far as it has these actions.

    They spare service-linked roles: such a role itself, and those that the resource's policy names.
    """
    if read.refused is not None:
        return ASSUMED
    if _SERVICE_LINKED in arn:
        return NO_RESTRAINT
    spared = _service_linked(granting)
    items = read.policies.items
    unread = [policy.document for policy in items if isinstance(policy.document, Unknown)]
    unread += [gap.unknown for gap in read.policies.gaps]
    return Restraint(
        gates=tuple(
            Gate(policy=parse(_sparing(policy.document.value, spared), name), kind=GateKind.CUTS, name=name, only=only)
            for policy in items
            if isinstance(policy.document, Known) and policy.document.value
            for name in [f"resource control policy {policy.name}"]
        ),
        unread=unread[0] if unread else None,
        sources=united(read.policies.sources, *(policy.document.sources for policy in items)),
    )


def _service_linked(granting: Document) -> tuple[str, ...]:
    """The service-linked roles that a policy lets in, by ARN or pattern."""
    found: list[str] = []
    for entry in (entry for entry in granting.statements if Effect.ALLOW in entry.effects):
        found += entry.principals.arns
        found += [value.text for test in entry.tests if test.key == "aws:principalarn" for value in test.values]
    return tuple(dict.fromkeys(arn for arn in found if _SERVICE_LINKED in arn))


def _sparing(text: str, roles: tuple[str, ...]) -> str:
    """The policy with an exception for these roles in each of its refusals."""
    if not roles:
        return text
    policy = json.loads(text)
    statements = policy.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return json.dumps({**policy, "Statement": [_excepting(entry, roles) for entry in listed]})


def _excepting(statement: Any, roles: tuple[str, ...]) -> object:  # noqa: ANN401 - JSON
    conditions = statement.get("Condition", {}) if isinstance(statement, dict) else None
    if not isinstance(conditions, dict) or not isinstance(conditions.get("ArnNotLike", {}), dict):
        return statement
    arns = conditions.get("ArnNotLike", {})
    given = arns.get("aws:PrincipalArn", [])
    spared = [*(given if isinstance(given, list) else [given]), *roles]
    return {**statement, "Condition": {**conditions, "ArnNotLike": {**arns, "aws:PrincipalArn": spared}}}
