"""Policy files become a question for the decision engine; what is no policy is refused with its place."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from posture import iam
from posture.access.record import (
    ANSWERED,
    OPEN,
    WIDER,
    Access,
    Comparison,
    Doubtful,
    Input,
    PolicyAccess,
    Way,
    request_record,
)
from posture.errors import InputError, UsageError
from posture.iam.candidates import FRESH_ORGANISATION
from posture.policy.wording import shown
from posture.snapshot import Document as File

_ACCOUNT = re.compile(r"[0-9]{12}")
_ORGANISATION = re.compile(r"o-[a-z0-9]{10,32}")
MOST_BYTES = 128 << 10  # of a policy file; AWS stores none of more than 100 KB
_DEEPEST = 64  # AWS policies need 7 levels
_ARN_PARTS = 6
_EXPECTED = 'an AWS policy is one JSON object: {"Version": "2012-10-17", "Statement": [...]}'
_WRAPPERS = {
    "Policy": "this looks like an answer of the AWS CLI; add `--query Policy --output text` to its command",
    "Role": "this looks like an answer of the AWS CLI; add `--query Role.AssumeRolePolicyDocument` to its command",
}


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


class _RefusedError(ValueError):
    """JSON that nobody can mean."""


def read_json(file: File, expected: str) -> object:
    """The JSON in a file, refused with its line where it is none; `expected` helps."""
    if not file.text.strip():
        raise InputError("the file is empty", file=file.file, help=expected)
    try:
        loaded: object = json.loads(file.text, parse_constant=_refuse_constant, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:]
        raise InputError(f"this is not JSON: {reason}", file=file.file, line=error.lineno, help=expected) from error
    except RecursionError as error:
        raise InputError("this is nested too deeply", file=file.file, help=expected) from error
    except _RefusedError as error:
        raise InputError(str(error), file=file.file, help=expected) from error
    except ValueError as error:
        message = "there is a number of thousands of digits in it"
        raise InputError(message, file=file.file, help=expected) from error
    if _depth(loaded) > _DEEPEST:
        raise InputError("this is nested too deeply", file=file.file, help=expected)
    return loaded


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name, count in Counter(names).items() if count > 1)
        raise _RefusedError(f"the key {shown(twice)} is there twice in one object")
    return found


def _refuse_constant(constant: str) -> object:
    raise _RefusedError(f"`{constant}` is no JSON value")


def _depth(value: object) -> int:
    level, deepest = [value], 0
    while level and deepest <= _DEEPEST:
        deepest += 1
        level = [inner for outer in level for inner in _members(outer)]
    return deepest


def _members(value: object) -> Iterable[object]:
    match value:
        case dict():
            return value.values()
        case list():
            return value
        case _:
            return ()


def read_policies(files: Sequence[File], taken: Iterable[str] = ()) -> tuple[iam.Document, ...]:
    """The policies in the files, each under a name of its own; what AWS could not have stored is refused."""
    names = set(taken)
    found = []
    for file in files:
        name, number = file.file, 1
        while name in names:
            number += 1
            name = f"{file.file} ({number})"
        names.add(name)
        found.append(_read_policy(file, name))
    return tuple(found)


def _read_policy(file: File, name: str) -> iam.Document:
    loaded = read_json(file, _EXPECTED)
    if isinstance(loaded, Mapping) and "Statement" not in loaded:
        wrapper = next((text for key, text in _WRAPPERS.items() if key in loaded), _EXPECTED)
        raise InputError("there is no `Statement` in it", file=file.file, help=wrapper)
    document = iam.parse(file.text, name)
    if not document.readable:
        raise InputError("; ".join(document.problems), file=file.file, help=_EXPECTED)
    return document


def inputs_of(files: Iterable[File], part: str) -> tuple[Input, ...]:
    """What stands in the record of each file."""
    return tuple(
        Input(file=file.file, part=part, sha256=hashlib.sha256(file.text.encode("utf-8")).hexdigest()) for file in files
    )


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
        ways=tuple(_way(each, question) for each in reach.classes),
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


def _way(found: iam.ReachClass, question: Question) -> Way:
    return Way(
        action_class=found.action_class,
        actions=found.actions,
        principal=found.principal,
        bound=found.bound,
        conditions=found.conditions,
        statements=found.statements,
        assumptions=tuple(dict.fromkeys((*found.assumptions, *_membership(found, question)))),
        witness=request_record(found.witness),
    )


def _membership(found: iam.ReachClass, question: Question) -> Iterable[str]:
    """The organisation that the proof gives to a named account, which nobody has checked."""
    account = found.witness.caller.account
    if found.principal.kind not in (iam.PrincipalKind.ACCOUNT, iam.PrincipalKind.PRINCIPAL) or account is None:
        return
    for key, values in found.witness.context:
        known = account == question.owner and values == (question.organisation,)
        if key.lower() == "aws:principalorgid" and not known and values != (FRESH_ORGANISATION,):
            yield f"account {account} belongs to organisation {values[0]}"


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
