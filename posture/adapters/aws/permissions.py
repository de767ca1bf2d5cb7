"""The least-privilege role, made from the table of calls: what posture may read, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from posture.adapters.aws.calls import ASSUME_ROLE, CALLS
from posture.adapters.commented import commented
from posture.frozen import dataclass
from posture.reading import Call, Json, Needs

_SIDS = {
    "*": "ReadAccountAndOrganisation",
    "arn:aws:s3:::*": "ReadBucketConfiguration",
    "arn:aws:s3:*:*:accesspoint/*": "ReadAccessPoints",
    "arn:aws:kms:*:*:key/*": "ReadKeys",
    "arn:aws:iam::*:role/*": "ReadWriterRoles",
    "arn:aws:iam::*:policy/*": "ReadPoliciesOfWriterRoles",
    "arn:aws:cloudtrail:*:*:trail/*": "ReadTrails",
}
_BECOME = "BecomeReadersOfOtherAccounts"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    sid: str
    actions: tuple[tuple[str, str], ...]  # with what each is for
    resources: tuple[str, ...]


def least_privilege(
    *, partition: str = "aws", assume: Iterable[str] = (), needs: Needs | None = None
) -> dict[str, Json]:
    """The policy document; `assume` are the roles of other accounts that posture.yaml names.

    With `needs` it allows the calls that they include; else all of them.
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": statement.sid,
                "Effect": "Allow",
                "Action": [action for action, _ in statement.actions],
                "Resource": list(statement.resources),
            }
            for statement in _statements(partition, tuple(assume), needs)
        ],
    }


def least_privilege_hcl(*, partition: str = "aws", assume: Iterable[str] = (), needs: Needs | None = None) -> str:
    """The same policy as Terraform, with what each action is for."""
    blocks = "\n".join(_hcl(statement) for statement in _statements(partition, tuple(assume), needs))
    return f"""data "aws_iam_policy_document" "posture" {{
{blocks}}}

resource "aws_iam_policy" "posture" {{
  name        = "audit-log-posture"
  description = "Read-only: what posture needs to judge stores of audit logs"
  policy      = data.aws_iam_policy_document.posture.json
}}
"""


def _statements(partition: str, assume: tuple[str, ...], needs: Needs | None) -> tuple[_Statement, ...]:
    wanted = (call for call in CALLS if call.permission and call != ASSUME_ROLE)
    needed = tuple(call for call in wanted if needs is None or needs.include(call))
    resources = {call.resource for call in needed}
    reads = tuple(
        _Statement(
            sid=sid,
            actions=_actions(call for call in needed if call.resource == resource),
            resources=(resource.replace("arn:aws:", f"arn:{partition}:", 1),),
        )
        for resource, sid in _SIDS.items()
        if resource in resources
    )
    if not assume:
        return reads
    become = _Statement(sid=_BECOME, actions=((ASSUME_ROLE.permission, ASSUME_ROLE.purpose),), resources=assume)
    return (*reads, become)


def _actions(calls: Iterable[Call]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({call.permission: call.purpose for call in calls}.items()))


def _hcl(statement: _Statement) -> str:
    actions = commented(statement.actions, indent=6)
    resources = ", ".join(f'"{resource}"' for resource in statement.resources)
    return f"""  statement {{
    sid = "{statement.sid}"
    actions = [
{actions}    ]
    resources = [{resources}]
  }}
"""
