"""Block Public Access as a filter: what RestrictPublicBuckets takes away, or may take away where it was not read."""

from __future__ import annotations

import json
from dataclasses import replace

from posture.adapters.aws.access.ways import Way
from posture.iam import (
    Document,
    Gate,
    GateKind,
    PrincipalClass,
    PrincipalKind,
    Publicness,
    Reach,
    is_public,
    parse,
)
from posture.iam.document import Effect
from posture.model.facts import Fact, Known, Reason, Source, Unknown
from posture.model.subjects import HolderKind
from posture.model.trust import Holder

_RESTRICTED = "RestrictPublicBuckets"
_SIGNED = "signed requests only"
_OF_SERVICES = frozenset({"aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist"})

DIFFERENT = "AWS calls the policy not public, though by its documented definition it is"


def documented_status(policy: Document, source: Source, *, access_point: bool = False) -> Fact[bool]:
    """Whether a policy is public by the definition that AWS documents."""
    status = is_public(policy, kind="access_point" if access_point else "bucket")
    if status.status is Publicness.UNDETERMINED:
        detail = "; ".join(status.reasons)
        return Unknown(reason=Reason.UNDETERMINED, sources=(source,), detail=detail)
    return Known(value=status.status is Publicness.PUBLIC, sources=(source,))


def public_status(asked: Fact[bool], documented: Fact[bool], *, named: bool = False) -> Fact[bool]:
    """AWS's own answer where it was asked; in a plan nobody can be, and the documented definition stands in.

    So it does for a policy that names whomever it lets in, unless AWS says against its documentation that it is
    public: a run that needs AWS's answer for nothing else does not ask for it.
    """
    contradicted = isinstance(asked, Known) and asked.value
    nobody_asked = isinstance(asked, Unknown) and asked.reason is Reason.NOT_COLLECTED
    return documented if nobody_asked or (named and not contradicted) else asked


def differ(asked: Fact[bool], documented: Fact[bool]) -> bool:
    """Whether AWS lets a policy pass that its definition would call public."""
    return isinstance(asked, Known) and isinstance(documented, Known) and documented.value and not asked.value


def restricted_to(owner: str) -> Gate:
    """RestrictPublicBuckets in force: everybody is refused but AWS services and the owner's own account."""
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": {
            "StringNotEquals": {"aws:PrincipalAccount": owner},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return Gate(policy=parse(text, _RESTRICTED), kind=GateKind.CUTS, name=_RESTRICTED)


def signed_only() -> Gate:
    """What takes no request without a signature, whatever the policies say."""
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalType": "Anonymous"}},
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return Gate(policy=parse(text, _SIGNED), kind=GateKind.CUTS, name=_SIGNED)


def meant(answer: Reach, policy: Document) -> Reach:
    """The answer without services that only a wildcard lets in: none is known to act where no policy names it."""
    named = {name for entry in policy.statements if Effect.ALLOW in entry.effects for name in entry.principals.services}
    if any(test.key in _OF_SERVICES for entry in policy.statements for test in entry.tests):
        return answer

    def kept(principal: PrincipalClass | None) -> bool:
        return principal is None or principal.kind is not PrincipalKind.SERVICE or named.issuperset(principal.names)

    return replace(
        answer,
        classes=tuple(found for found in answer.classes if kept(found.principal)),
        undetermined=tuple(doubt for doubt in answer.undetermined if kept(doubt.principal)),
    )


def spared(holder: Holder, owner: str) -> bool:
    """Whether RestrictPublicBuckets leaves a holder alone: AWS services and the owner's own account."""
    return holder.kind is HolderKind.SERVICE or holder.account == owner


def concerned(way: Way, owner: str) -> bool:
    """Whether it may take a way away."""
    return not spared(way.holder, owner)
