"""The operations that tell of an account's organisation: its id, its accounts and its resource control policies."""

from __future__ import annotations

from posture.adapters.aws.decided import EVERY_DECISION
from posture.reading import Call

_NONE = frozenset({"AWSOrganizationsNotInUseException"})


def _organisation(operation: str, purpose: str, *, required: str, missing: tuple[str, ...] = ()) -> Call:
    """All but the first are for the management account and its delegated administrators."""
    return Call(
        operation=f"organizations:{operation}",
        permission=f"organizations:{operation}",
        absent=_NONE,
        missing=frozenset(missing),
        required=(required,),
        purpose=purpose,
        facts=(*EVERY_DECISION, "exposure.subscribers[].scope"),
    )


DESCRIBE_ORGANIZATION = _organisation("DescribeOrganization", "which organisation is our own", required="Organization")
LIST_ACCOUNTS = _organisation("ListAccounts", "which accounts are our own", required="Accounts")
LIST_PARENTS = _organisation(
    "ListParents",
    "which organisational units are above an account",
    required="Parents",
    missing=("ChildNotFoundException", "AccountNotFoundException"),
)
LIST_POLICIES_FOR_TARGET = _organisation(
    "ListPoliciesForTarget",
    "which resource control policies are attached",
    required="Policies",
    missing=("TargetNotFoundException",),
)
DESCRIBE_POLICY = _organisation(
    "DescribePolicy", "what a resource control policy denies", required="Policy", missing=("PolicyNotFoundException",)
)

ORGANISATION_CALLS = (
    DESCRIBE_ORGANIZATION,
    LIST_ACCOUNTS,
    LIST_PARENTS,
    LIST_POLICIES_FOR_TARGET,
    DESCRIBE_POLICY,
)
