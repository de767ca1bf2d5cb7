"""The operations that tell of the role that writes logs."""

from __future__ import annotations

from posture.reading import Call

ANY_ROLE = "arn:aws:iam::*:role/*"
_ANY_POLICY = "arn:aws:iam::*:policy/*"
_MAY_BECOME = ("delivery.writer_trust", "delivery.writer_bound")
_MAY_DO = ("delivery.writer_admitted", "delivery.writer_confined", "encryption.key_admits_writer")


def _iam(operation: str, resource: str, purpose: str, *, required: str, facts: tuple[str, ...]) -> Call:
    return Call(
        operation=f"iam:{operation}",
        permission=f"iam:{operation}",
        resource=resource,
        missing=frozenset({"NoSuchEntity"}),
        required=(required,),
        purpose=purpose,
        facts=facts,
    )


def _may_do(
    operation: str, required: str, *, resource: str = ANY_ROLE, purpose: str = "what the writer may do"
) -> Call:
    return _iam(operation, resource, purpose, required=required, facts=_MAY_DO)


GET_ROLE = _iam("GetRole", ANY_ROLE, "who may become the writer", required="Role", facts=_MAY_BECOME)
LIST_ROLE_POLICIES = _may_do("ListRolePolicies", "PolicyNames")
GET_ROLE_POLICY = _may_do("GetRolePolicy", "PolicyDocument")
LIST_ATTACHED_ROLE_POLICIES = _may_do("ListAttachedRolePolicies", "AttachedPolicies")
GET_POLICY = _may_do("GetPolicy", "Policy", resource=_ANY_POLICY, purpose="which version of a policy is in force")
GET_POLICY_VERSION = _may_do(
    "GetPolicyVersion", "PolicyVersion", resource=_ANY_POLICY, purpose="what an attached policy allows"
)

ROLE_CALLS = (
    GET_ROLE,
    LIST_ROLE_POLICIES,
    GET_ROLE_POLICY,
    LIST_ATTACHED_ROLE_POLICIES,
    GET_POLICY,
    GET_POLICY_VERSION,
)
