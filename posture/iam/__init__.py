"""The AWS policy language and the exact decision of who can reach what.

`reach` finds every class of callers that a union of policies, cut by gates, lets through, each with a witness;
`allows` judges one request; `is_public` is AWS's own definition for Block Public Access; `widens` compares policies.
"""

from posture.iam.actions import ActionClass
from posture.iam.decisions import Decisions
from posture.iam.document import Document, parse
from posture.iam.public_status import Publicness, PublicStatus, is_public, names_whom_it_lets_in
from posture.iam.question import Gate
from posture.iam.reach import reach
from posture.iam.replay import Answer, Decision, allows
from posture.iam.request import Caller, CallerKind, Request, make_request, read_caller
from posture.iam.results import (
    Bound,
    BoundKind,
    Effort,
    GateKind,
    Limits,
    PrincipalClass,
    PrincipalKind,
    Reach,
    ReachClass,
    StatementRef,
    Undetermined,
)
from posture.iam.sameness import Asked
from posture.iam.widening import Change, Widening, widens

__all__ = [
    "ActionClass",
    "Answer",
    "Asked",
    "Bound",
    "BoundKind",
    "Caller",
    "CallerKind",
    "Change",
    "Decision",
    "Decisions",
    "Document",
    "Effort",
    "Gate",
    "GateKind",
    "Limits",
    "PrincipalClass",
    "PrincipalKind",
    "PublicStatus",
    "Publicness",
    "Reach",
    "ReachClass",
    "Request",
    "StatementRef",
    "Undetermined",
    "Widening",
    "allows",
    "is_public",
    "make_request",
    "names_whom_it_lets_in",
    "parse",
    "reach",
    "read_caller",
    "widens",
]
