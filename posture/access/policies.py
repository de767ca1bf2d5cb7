"""Policies and options become a question for the decision engine, and its answer a record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from posture import iam
from posture.access.files import inputs_of, read_policies
from posture.access.record import (
    ANSWERED,
    OPEN,
    WIDER,
    Access,
    Comparison,
    Doubtful,
    PolicyAccess,
    Way,
    request_record,
)
from posture.errors import UsageError
from posture.frozen import dataclass
from posture.policy.wording import shown
from posture.snapshot import Document as File

_ACCOUNT = re.compile(r"[0-9]{12}")
_ORGANISATION = re.compile(r"o-[a-z0-9]{10,32}")
_ARN_PARTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whose resource it is, and which. An organisation that is None is not known, an empty one is none."""

    owner: str = ""
    organisation: str | None = None
    resource: str | None = None
    prefix: str = ""


def owner_of(text: str) -> str:
    """An account id; refuses everything else."""
    if not _ACCOUNT.fullmatch(text):
        raise UsageError(f"{shown(text)} is not an AWS account", help="12 digits, such as 111122223333")
    return text


def organisation_of(text: str | None) -> str | None:
    """An organisation id; `none` says that the account belongs to none."""
    if text is None or text == "none":
        return text and ""
    if not _ORGANISATION.fullmatch(text):
        raise UsageError(f"{shown(text)} is not an AWS organisation", help="such as o-a1b2c3d4e5, or `none`")
    return text


def resource_of(text: str | None) -> tuple[str | None, str]:
    """The resource; an ARN below a bucket is the bucket and the folder that the question is about."""
    if text is None:
        return None, ""
    parts = text.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS or parts[0] != "arn" or not all((parts[1], parts[2], parts[5])):
        raise UsageError(f"{shown(text)} is not an ARN", help="such as arn:aws:s3:::bucket or arn:aws:s3:::bucket/logs")
    stem = text.removesuffix("/*").rstrip("/") if parts[2] == "s3" else text
    if set(stem) & set("*?$"):
        raise UsageError(
            f"{shown(text)} names more than one resource", help="name one; without --resource, any is asked about"
        )
    if parts[2] != "s3" or parts[4]:
        return stem, ""
    bucket, slash, prefix = stem.partition("/")
    return bucket, f"{prefix}/" if slash else ""


def listing(policies: Sequence[File], gates: Sequence[File], question: Question, now: datetime) -> Access:
    """Everyone whom the union of the policies lets in, cut by every Deny in them and in the gates."""
    grants = read_policies(policies)
    cuts = read_policies(gates, (grant.name for grant in grants))
    reach = iam.reach(
        grants=grants,
        gates=[iam.Gate(policy=cut, kind=iam.GateKind.CUTS, name=cut.name) for cut in cuts],
        owner=question.owner,
        organisation=question.organisation,
        resource=question.resource,
        prefix=question.prefix,
        now=now,
    )
    found = PolicyAccess(
        resource=question.resource,
        prefix=question.prefix,
        owner=question.owner,
        organisation=question.organisation,
        ways=tuple(map(_way, reach.classes)),
        undetermined=tuple(map(_doubtful, reach.undetermined)),
        problems=reach.problems,
        notes=reach.notes,
        effort=reach.effort,
    )
    return Access(
        as_of=moment(now),
        inputs=(*inputs_of(policies, "grants"), *inputs_of(gates, "cuts")),
        policies=found,
        exit_code=OPEN if found.undetermined and not found.ways else ANSWERED,
    )


def _way(found: iam.ReachClass) -> Way:
    return Way(
        action_class=found.action_class,
        actions=found.actions,
        principal=found.principal,
        bound=found.bound,
        conditions=found.conditions,
        statements=found.statements,
        assumptions=found.assumptions,
        witness=request_record(found.witness),
    )


def _doubtful(found: iam.Undetermined) -> Doubtful:
    return Doubtful(
        action_class=found.action_class, actions=found.actions, principal=found.principal, reasons=found.reasons
    )


def compare(old: File, new: File, question: Question, now: datetime) -> Access:
    """Whether the new policy allows a request that the old one does not."""
    (before,) = read_policies([old])
    (after,) = read_policies([new], [before.name])
    found = iam.widens(
        before,
        after,
        owner=question.owner,
        organisation=question.organisation,
        resource=question.resource,
        now=now,
    )
    codes = {iam.Change.WIDENS: WIDER, iam.Change.NEVER: ANSWERED, iam.Change.UNDETERMINED: OPEN}
    comparison = Comparison(
        change=found.change,
        witness=request_record(found.witness) if found.witness else None,
        reasons=found.reasons,
        effort=found.effort,
    )
    return Access(
        as_of=moment(now),
        inputs=(*inputs_of([old], "old"), *inputs_of([new], "new")),
        comparison=comparison,
        exit_code=codes[found.change],
    )


def moment(now: datetime) -> str:
    """A time as records spell it."""
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")
