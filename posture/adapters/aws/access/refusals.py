"""What a bucket policy turns away: everything is allowed to everybody, cut by the policy, and looked at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from posture.adapters.aws.access.ways import ORDINARY, Resource
from posture.adapters.aws.arns import partition_of
from posture.adapters.aws.config import DefaultEncryption
from posture.frozen import dataclass
from posture.iam import Answer, Document, Gate, GateKind, parse
from posture.iam.conditions import Family, Quantifier, Test
from posture.iam.document import Effect, Statement
from posture.model.contributions import Refusals
from posture.model.facts import Fact, Known, Reason, Source, Unknown, all_true, both

_SSE: Final = "s3:x-amz-server-side-encryption"
_SSE_KEY: Final = "s3:x-amz-server-side-encryption-aws-kms-key-id"
_TLS: Final = "s3:TlsVersion"
_SECURE: Final = "aws:SecureTransport"
_TRUTHS: Final = frozenset({"true", "false"})
_KMS: Final = ("aws:kms", "aws:kms:dsse")


def everything(principal: str, actions: Iterable[str], condition: Mapping[str, object] | None = None) -> Document:
    """A policy that allows these actions on anything."""
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": list(actions),
        "Resource": "*",
    }
    if condition:
        statement["Condition"] = condition
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return parse(text, "everything")


@dataclass(frozen=True, slots=True)
class Judge:
    """A bucket policy as a filter."""

    policy: Document
    resource: Resource
    source: Source

    @property
    def denies(self) -> bool:
        """Whether it refuses anything at all."""
        return any(Effect.DENY in entry.effects for policy in self._policies for entry in policy.statements)

    @property
    def _policies(self) -> tuple[Document, ...]:
        return (self.policy, *self.resource.restraint.documents)

    def mentions(self, key: str) -> bool:
        """Whether a statement reads a condition key."""
        tests = (test for policy in self._policies for entry in policy.statements for test in entry.tests)
        return any(test.key == key.lower() for test in tests)

    def refused(self, context: Mapping[str, str | None], actions: tuple[str, ...] = ("s3:*",)) -> Fact[bool]:
        """Whether nobody at all gets such a request through, be it with every permission there is."""
        if not self.denies and self.policy.readable:
            return self._passed()
        if self._plainly_refused(context):
            return self._known(value=True)
        return self._nobody(everything("*", actions), context, actions)

    def locked_out(self) -> Fact[bool]:
        """Whether the policy takes from the owner's account, but for its root user, the power to change it."""
        if not self.denies and self.policy.readable:
            return self._passed()
        if self._plainly_let_through("s3:PutBucketPolicy"):
            return self._passed()
        actions = ("s3:PutBucketPolicy",)
        not_root = {"StringNotEquals": {"aws:PrincipalType": "Account"}}
        return self._nobody(everything(self.resource.owner, actions, not_root), {}, actions)

    def _plainly_refused(self, context: Mapping[str, str | None]) -> bool:
        """Whether one statement refuses everything to everybody in such a request: reading it spares the search."""
        fixed = {key.lower(): value for key, value in context.items()}
        return any(_refuses_all(statement, self.resource.arn, fixed) for statement in self.policy.statements)

    def _plainly_let_through(self, action: str) -> bool:
        """Whether an ordinary role of the owner gets by every refusal: one request spares the search for any."""
        if all(policy.readable and all(map(_spares_ordinary, policy.statements)) for policy in self._policies):
            return True
        partition = (self.resource.arn or "arn:aws").split(":")[1]
        role = f"arn:{partition}:iam::{self.resource.owner}:role/ordinary"
        said = [self.resource.ask(policy, role, action, self.resource.arn or "") for policy in self._policies]
        return all(one.answer is Answer.ALLOWED or (one.answer is Answer.DENIED and not one.explicit) for one in said)

    def _nobody(self, all_of_it: Document, context: Mapping[str, str | None], actions: tuple[str, ...]) -> Fact[bool]:
        gate = Gate(policy=_refusing(self.policy), kind=GateKind.CUTS, name=self.policy.name)
        found = self.resource.reach([all_of_it], gates=[gate], context=context, actions=actions)
        if found.classes:
            return self._passed()
        if found.undetermined:
            reasons = dict.fromkeys(reason for each in found.undetermined for reason in each.reasons)
            return Unknown(reason=Reason.UNDETERMINED, sources=(self.source,), detail="; ".join(reasons))
        return self._known(value=True)

    def _passed(self) -> Fact[bool]:
        """Nothing that was read refuses it."""
        return self.resource.restraint.unread or self._known(value=False)

    def _known(self, *, value: bool) -> Fact[bool]:
        """What is refused is so by the policies that refuse; what passes, by all that might have refused."""
        restraint = self.resource.restraint
        further = () if value and not restraint.gates else restraint.sources
        return Known(value=value, sources=(self.source, *further))


def _refusing(policy: Document) -> Document:
    """The statements of a policy that deny, where each says clearly what it does: whom the others let in is not asked.

    A policy that names fewer callers and networks leaves far fewer of them to tell apart.
    """
    if not policy.readable or any(statement.unclear_effect for statement in policy.statements):
        return policy
    whole: Mapping[str, Any] = policy.raw if isinstance(policy.raw, Mapping) else json.loads(policy.raw)
    said = whole["Statement"]
    listed = [said] if isinstance(said, Mapping) else said
    kept = [listed[each.index] for each in policy.statements if Effect.DENY in each.effects]
    return policy if len(kept) == len(listed) else parse({**whole, "Statement": kept}, policy.name)


def _refuses_all(statement: Statement, arn: str | None, fixed: Mapping[str, str | None]) -> bool:
    """Whether a statement denies S3 as a whole, on the bucket and all in it, for nothing but what the context fixes."""
    if statement.effects != {Effect.DENY} or statement.unclear_effect or statement.doubts:
        return False
    if statement.principals.negated or statement.actions.negated or statement.resources.negated:
        return False
    places = {value.text for value in statement.resources.values}
    return (
        statement.principals.everyone
        and not {"*", "s3:*"}.isdisjoint(pattern.lower() for pattern in statement.actions.patterns)
        and ("*" in places or places.issuperset({arn, f"{arn}/*"}))
        and all(_plainly(test, fixed.get(test.key)) for test in statement.tests)
    )


def _spares_ordinary(statement: Statement) -> bool:
    """Whether a statement refuses no ordinary request: it denies nothing, or nothing but plain HTTP and the like."""
    ordinary = {key.lower(): value for key, value in ORDINARY.items()}
    return Effect.DENY not in statement.effects or (
        not statement.doubts and any(_plainly(test, ordinary.get(test.key)) is False for test in statement.tests)
    )


def _plainly(test: Test, value: str | None) -> bool | None:
    """Whether a test of a truth value holds of this one; None where that has to be searched for."""
    wanted = {each.text for each in test.values}
    plain = test.operator.family is Family.BOOL and test.quantifier is Quantifier.NONE and wanted <= _TRUTHS
    return value in wanted if plain and value is not None else None


def refusals(judge: Judge, default: Fact[DefaultEncryption | None], region: Fact[str]) -> Refusals:
    """What the policy refuses; a check is made only where a statement reads what it depends on."""
    judges = judge.denies and (judge.mentions(_SSE) or judge.mentions(_SSE_KEY))
    by_tls = judge.denies and judge.mentions(_TLS)
    none: Fact[bool] = Known(value=False, sources=(judge.source,))
    return Refusals(
        tls_required=judge.refused({_SECURE: "false", _TLS: None}),
        judges_tls=Known(value=by_tls, sources=(judge.source,)),
        old_tls_refused=_old_tls(judge) if by_tls else none,
        judges_uploads=Known(value=judges, sources=(judge.source,)),
        unencrypted_upload_refused=_upload(judge, None, None) if judges else none,
        wrong_encryption_refused=both(default, region).then(lambda pair: _wrong(judge, *pair)) if judges else none,
    )


def unread_refusals(unknown: Unknown) -> Refusals:
    """Nothing is known of what an unread policy refuses."""
    return Refusals(
        tls_required=unknown,
        judges_tls=unknown,
        old_tls_refused=unknown,
        judges_uploads=unknown,
        unencrypted_upload_refused=unknown,
        wrong_encryption_refused=unknown,
    )


def _old_tls(judge: Judge) -> Fact[bool]:
    return all_true(judge.refused({_SECURE: "true", _TLS: version}) for version in ("1.0", "1.1"))


def _upload(judge: Judge, algorithm: str | None, key: str | None) -> Fact[bool]:
    return judge.refused({_SECURE: "true", _SSE: algorithm, _SSE_KEY: key}, ("s3:PutObject",))


def _wrong(judge: Judge, default: DefaultEncryption | None, region: str) -> Fact[bool]:
    """Another algorithm than the default's, a stranger's key, or the provider's key in place of our own.

    S3 takes keys of the bucket's Region only, so that is where the stranger's lies.
    """
    foreign = f"arn:{partition_of(region)}:kms:{region}:999999999999:key/00000000-0000-4000-8000-000000000000"
    if default is not None and default.unresolved is not None:
        return default.unresolved
    ours = default is not None and default.algorithm in _KMS
    attempts: list[tuple[str, str | None]] = [("aws:kms", foreign)]
    if ours:
        attempts.append(("AES256", None))
    if ours and default is not None and default.key_id:
        attempts.append(("aws:kms", None))
    return all_true(_upload(judge, algorithm, key) for algorithm, key in attempts)
