"""Files that a question names, as JSON and as policies; what nobody can mean is refused with its place."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from posture import iam
from posture.access.record import Input
from posture.errors import InputError
from posture.policy.wording import shown
from posture.snapshot import Document as File

MOST_BYTES = 128 << 10  # of a policy file; AWS stores none of more than 100 KB
_DEEPEST = 64  # AWS policies need 7 levels
_EXPECTED = 'an AWS policy is one JSON object: {"Version": "2012-10-17", "Statement": [...]}'
_WRAPPERS = {
    "Policy": "this looks like an answer of the AWS CLI; add `--query Policy --output text` to its command",
    "Role": "this looks like an answer of the AWS CLI; add `--query Role.AssumeRolePolicyDocument` to its command",
}


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
