"""One request against several policies: any Deny refuses, any Allow lets in, and what is open stays open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from posture import iam
from posture.access.files import inputs_of, read_json, read_policies
from posture.access.policies import Question, moment
from posture.access.record import ANSWERED, OPEN, Access, RequestAnswer, request_record
from posture.errors import InputError
from posture.frozen import dataclass
from posture.iam.replay import load
from posture.policy.wording import did_you_mean, placed, shown
from posture.snapshot import Document as File

_NEEDED = ("principal", "action", "resource")
_KEYS = (*_NEEDED, "context", "session", "unique_id")
_EXPECTED = (
    'for example {"principal": "arn:aws:iam::444455556666:role/reader", "action": "s3:GetObject", '
    '"resource": "arn:aws:s3:::bucket/key", "context": {"aws:SourceIp": "203.0.113.7"}}'
)
_NOTHING = iam.Decision(answer=iam.Answer.DENIED)
_OPEN_STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


def read_request(file: File) -> iam.Request:
    """The request in a file: principal, action, resource, and every context key that the policies may ask for."""
    loaded = read_json(file, _EXPECTED)
    if not isinstance(loaded, dict):
        raise InputError("a request is one JSON object", file=file.file, help=_EXPECTED)
    for key in loaded:
        if key not in _KEYS:
            raise InputError(f"{shown(key)} is no key of a request", file=file.file, help=did_you_mean(key, _KEYS))
    for key in _NEEDED:
        if key not in loaded:
            raise InputError(f"`{key}` is missing", file=file.file, help=_EXPECTED)
    texts = {key: _text(value, key, file) for key, value in loaded.items() if key != "context" and value is not None}
    try:
        request = iam.make_request(
            principal=texts.get("principal", ""),
            action=texts.get("action", ""),
            resource=texts.get("resource", ""),
            context=_context(loaded.get("context"), file),
        )
    except ValueError as error:
        helps = "`*`, an ARN of an IAM identity or session, an account, or a service such as logging.s3.amazonaws.com"
        message = f"{shown(texts.get('principal', ''))} names no caller"
        raise InputError(message, file=file.file, path="$.principal", help=helps) from error
    return _identified(request, texts, file)


def _identified(request: iam.Request, texts: Mapping[str, str], file: File) -> iam.Request:
    _, colon, name = request.action.partition(":")
    if not colon or not name or set(request.action) & set("*?"):
        helps = "one action, such as s3:GetObject"
        raise InputError(f"{shown(request.action)} is no action", file=file.file, path="$.action", help=helps)
    caller = request.caller
    return replace(
        request,
        caller=replace(
            caller,
            session=texts.get("session", caller.session),
            unique_id=texts.get("unique_id", caller.unique_id),
        ),
    )


def _text(value: object, key: str, file: File) -> str:
    if not isinstance(value, str) or not value:
        raise InputError("text is expected", file=file.file, path=f"$.{key}", help=_EXPECTED)
    return value


def _context(value: object, file: File) -> dict[str, list[str]]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputError("an object of condition keys is expected", file=file.file, path="$.context", help=_EXPECTED)
    found: dict[str, list[str]] = {}
    for key, given in value.items():
        items = given if isinstance(given, list) else [given]
        if not items or not all(isinstance(item, str | bool | int) for item in items):
            path = placed(("context", key))
            raise InputError("text or a list of texts is expected", file=file.file, path=path, help=_EXPECTED)
        if key.lower() in (known.lower() for known in found):
            raise InputError(
                f"{shown(key)} is there twice", file=file.file, path="$.context", help="case does not count"
            )
        found[key] = [str(item).lower() if isinstance(item, bool) else str(item) for item in items]
    return found


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one policy says of a request: does a Deny apply, does an Allow, None where that is open."""

    denies: bool | None
    allows: bool | None
    denying: iam.StatementRef | None
    allowing: iam.StatementRef | None
    reasons: tuple[str, ...]


def judge(
    policies: Sequence[File], gates: Sequence[File], request_file: File, question: Question, now: datetime
) -> Access:
    """The answer of all policies together for the request in a file."""
    grants = read_policies(policies)
    cuts = read_policies(gates, (grant.name for grant in grants))
    request = read_request(request_file)
    answer = _judged(
        [_seen(grant, request, question) for grant in grants], [_seen(cut, request, question) for cut in cuts], request
    )
    return Access(
        as_of=moment(now),
        inputs=(*inputs_of(policies, "grants"), *inputs_of(gates, "cuts"), *inputs_of([request_file], "request")),
        request=answer,
        exit_code=OPEN if answer.answer is iam.Answer.UNDETERMINED else ANSWERED,
    )


def _judged(grants: Sequence[_Seen], cuts: Sequence[_Seen], request: iam.Request) -> RequestAnswer:
    everyone = (*grants, *cuts)
    record = request_record(request)

    def answer(
        kind: iam.Answer, statement: iam.StatementRef | None, reasons: Sequence[str] = (), *, explicit: bool = False
    ) -> RequestAnswer:
        unique = tuple(dict.fromkeys(reasons))
        return RequestAnswer(request=record, answer=kind, explicit=explicit, statement=statement, reasons=unique)

    for seen in everyone:
        if seen.denies:
            return answer(iam.Answer.DENIED, seen.denying, explicit=True)
    if all(seen.allows is False for seen in grants):
        return answer(iam.Answer.DENIED, None, ["no statement allows it"])
    doubts = [seen for seen in everyone if seen.denies is None]
    if doubts:
        return answer(iam.Answer.UNDETERMINED, doubts[0].denying, [text for seen in doubts for text in seen.reasons])
    for seen in grants:
        if seen.allows:
            return answer(iam.Answer.ALLOWED, seen.allowing)
    open_ones = [seen for seen in grants if seen.allows is None]
    return answer(iam.Answer.UNDETERMINED, open_ones[0].allowing, [text for seen in open_ones for text in seen.reasons])


def _seen(policy: iam.Document, request: iam.Request, question: Question) -> _Seen:
    """Asks the policy twice: with everything allowed beside it, what a Deny does; without its Denies, what an Allow."""
    loaded = load(policy.raw)
    numbered = tuple(enumerate(loaded.statements))
    allowing = [(index, statement) for index, statement in numbered if statement.get("Effect") != "Deny"]

    def ask(statements: Sequence[Mapping[str, object]]) -> iam.Decision:
        probe: dict[str, object] = {
            "Version": "2012-10-17" if loaded.variables else "2008-10-17",
            "Statement": list(statements),
        }
        if loaded.odd:
            probe["Odd"] = loaded.odd  # any unknown element leaves the whole policy open
        return iam.allows(probe, request, owner=question.owner or None, organisation=question.organisation)

    def named(index: int | None) -> iam.StatementRef | None:
        if index is None or index >= len(numbered):
            return None
        sid = loaded.statements[index].get("Sid", "")
        return iam.StatementRef(policy=policy.name, index=index, sid=sid if isinstance(sid, str) else "")

    cut = ask([*loaded.statements, _OPEN_STATEMENT])
    grant = ask([statement for _, statement in allowing]) if allowing or not numbered else _NOTHING
    reasons = policy.problems
    doubt = {iam.Answer.UNDETERMINED: None}
    return _Seen(
        denies=doubt.get(cut.answer, cut.explicit),
        allows=doubt.get(grant.answer, grant.answer is iam.Answer.ALLOWED),
        denying=named(cut.statement),
        allowing=named(allowing[grant.statement][0] if grant.statement is not None else None),
        reasons=tuple(f"{policy.name}: {text}" for text in (*cut.reasons, *grant.reasons, *reasons)),
    )
