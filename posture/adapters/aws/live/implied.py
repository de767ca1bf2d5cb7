"""What one answer about a bucket rules out, so that S3 is not asked for it: the answer that says so is the source.

What could not be read, and what the run does not need, rules nothing out. By Amazon's S3 User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from posture.adapters.aws import calls
from posture.adapters.aws.config import VersioningState
from posture.adapters.aws.live import bucket_answers as answers
from posture.adapters.aws.live.answers import setting
from posture.model.facts import Fact, Known, Source, Unknown
from posture.model.subjects import Ownership, Versioning
from posture.reading import Answer, Call, NotConfigured

Ask = Callable[[Call], Answer]
_POLICY = "bucket policy"  # as whoever decides by it calls it: it is parsed once
UNVERSIONED = VersioningState(versioning=Versioning.NEVER, mfa_delete=False)


def ruled_out(call: Call, ask: Ask) -> NotConfigured | None:
    """That there is no such configuration, where another answer about the bucket says so."""
    rule = RULED_OUT.get(call.operation)
    source = rule(ask) if rule is not None else None
    return None if source is None else NotConfigured(code="", source=source)


def narrowed(call: Call, ask: Ask) -> Call:
    """The call with as many facts as rest on it here: a run that needs none of them does not make it."""
    narrow = _NARROWED.get(call.operation)
    return call if narrow is None else narrow(call, ask)


def names_canonical_user(policy: Fact[str]) -> bool:
    """Whether a policy may name an account by its canonical id: only the access control list tells the owner's."""
    return isinstance(policy, Known) and "CanonicalUser" in policy.value


def _no_policy(ask: Ask) -> Source | None:
    """Without a policy there is no status of one."""
    policy = ask(calls.GET_BUCKET_POLICY)
    return policy.source if isinstance(policy, NotConfigured) else None


def _no_versions(ask: Ask) -> Source | None:
    """Object Lock and replication need versioning, which S3 refuses to suspend while the bucket has either.

    "Object Lock considerations"; "Versioning configuration and replication configuration".
    """
    match setting(ask(calls.GET_BUCKET_VERSIONING), answers.versioning, absent=UNVERSIONED):
        case Known(value=state, sources=(source, *_)) if state.versioning is not Versioning.ENABLED:
            return source
        case _:
            return None


def _status(call: Call, ask: Ask) -> Call:
    """That a policy which names whomever it lets in is not public decides who gets in; AWS's own word is one more fact.

    "The meaning of public", in the User Guide on Block Public Access.
    """
    policy = setting(ask(calls.GET_BUCKET_POLICY), answers.policy, absent="")
    if isinstance(policy, Unknown):
        return call
    from posture.iam import names_whom_it_lets_in, parse  # noqa: PLC0415 - the decision engine, which no other call needs

    named = names_whom_it_lets_in(parse(policy.value, _POLICY))
    return calls.STATUS_OF_A_NAMING_POLICY if named else call


def _list(call: Call, ask: Ask) -> Call:
    """Under BucketOwnerEnforced no list counts ("Controlling ownership of objects and disabling ACLs").

    A snapshot has it all the same: a plan that gives lists their force back learns the owner's canonical id from it.
    """
    match setting(ask(calls.GET_BUCKET_OWNERSHIP_CONTROLS), answers.ownership, absent=Ownership.WRITER):
        case Known(value=Ownership.ENFORCED):
            policy = setting(ask(calls.GET_BUCKET_POLICY), answers.policy, absent="")
            return call if names_canonical_user(policy) else calls.LIST_THAT_DOES_NOT_COUNT
        case _:
            return call


_NARROWED: Mapping[str, Callable[[Call, Ask], Call]] = {
    calls.GET_BUCKET_POLICY_STATUS.operation: _status,
    calls.GET_BUCKET_ACL.operation: _list,
}
RULED_OUT: Mapping[str, Callable[[Ask], Source | None]] = {  # by the operation that is not called
    calls.GET_BUCKET_POLICY_STATUS.operation: _no_policy,
    calls.GET_OBJECT_LOCK_CONFIGURATION.operation: _no_versions,
    calls.GET_BUCKET_REPLICATION.operation: _no_versions,
}
