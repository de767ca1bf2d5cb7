"""What is wrong with a file: found by its JSON Schema or by the rooms that read it, told in our words."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from posture.errors import InputError
from posture.frozen import dataclass
from posture.policy.plain import Path, Plain
from posture.policy.strict_yaml import Document
from posture.policy.wording import did_you_mean, placed, shown

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

MOST_PROBLEMS = 50
_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "boolean": "`true` or `false`",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One reason to refuse. `at` is the place whose line is named, where that is not `path` itself."""

    path: Path
    message: str
    help: str = ""
    at: Path | None = None


def refuse(problems: Iterable[Problem], document: Document, refusal: type[InputError]) -> NoReturn:
    """Raises the first problem, with the others behind it."""
    first, *others = [_error(problem, document, refusal) for problem in dict.fromkeys(problems)]
    first.others = tuple(sorted(others, key=lambda error: error.line or 0))
    raise first


def violations(schema: Mapping[str, Any], data: Plain) -> list[Problem]:
    """Where data breaks a schema, the likeliest cause first."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - costs more than everything else here together
    from jsonschema.exceptions import best_match  # noqa: PLC0415 - as above

    errors = list(itertools.islice(Draft202012Validator(schema).iter_errors(data), MOST_PROBLEMS))
    best = best_match(errors)
    ordered = sorted(errors, key=lambda error: error is not best)
    return [problem for error in ordered for problem in _translated(error)]


def _error(problem: Problem, document: Document, refusal: type[InputError]) -> InputError:
    line = document.line(problem.path if problem.at is None else problem.at)
    return refusal(problem.message, help=problem.help, file=document.file, line=line, path=placed(problem.path))


def _translated(error: ValidationError) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    found: Any = error.instance
    match error.validator:
        case "additionalProperties":
            yield from _unknown_keys(path, schema, found)
        case "required":
            missing = (key for key in schema["required"] if key not in found)
            yield from (Problem(path=path, message=f"the key {shown(key)} is missing") for key in missing)
        case "type":
            yield _mistyped(path, schema["type"], found)
        case "enum":
            helps = _nearest(found, schema["enum"])
            if "$comment" in schema and not helps.endswith("?"):
                helps += f", or {schema['$comment']}"
            yield Problem(path=path, message=f"unknown value {shown(found)}", help=helps)
        case "pattern":
            named = "propertyNames" in error.absolute_schema_path
            yield Problem(path=path, message=_misshapen(schema, found), at=(*path, found) if named else None)
        case "maxProperties":
            message = f"one operator is expected, found {' and '.join(map(shown, found))}"
            yield Problem(path=path, message=message, help="use `all_of` for several tests of one field")
        case other:
            sentence = _SENTENCES.get(str(other), "this does not fit the schema")
            yield Problem(path=path, message=sentence.format(found=shown(found), limit=error.validator_value))


_SENTENCES = {
    "minItems": "nothing is listed here; at least one entry is needed",
    "minProperties": "nothing is listed here; at least one entry is needed",
    "uniqueItems": "the same entry stands here twice",
    "minimum": "{found} is less than {limit}",
    "maximum": "{found} is more than {limit}",
    "maxLength": "this is longer than {limit} characters",
}


def _unknown_keys(path: Path, schema: Mapping[str, Any], found: Mapping[str, object]) -> Iterator[Problem]:
    word = str(schema.get("$comment", "key"))
    valid = [*schema["properties"], *schema.get("x-also", ())]
    for key in found:
        if key not in schema["properties"]:
            helps = did_you_mean(key, valid)
            if key in schema.get("x-lists", ()):
                helps = f"this is a list: write `for_each: {key}` and a `require` of its items"
            yield Problem(path=path, message=f"unknown {word} {shown(key)}", help=helps, at=(*path, key))


def _mistyped(path: Path, wanted: str | list[str], found: object) -> Problem:
    expected = wanted if isinstance(wanted, str) else ""
    helps = ""
    if expected == "string" and isinstance(found, int):
        helps = "quote it"
    elif expected in {"integer", "boolean"} and isinstance(found, str):
        helps = f"write {_TYPES[expected]}, without quotes"
    kinds = " or ".join(_TYPES[kind] for kind in ([wanted] if isinstance(wanted, str) else wanted))
    words = shown(found) if isinstance(found, str | int) else _TYPES["array" if isinstance(found, list) else "object"]
    return Problem(path=path, message=f"expected {kinds}, found {words}", help=helps)


def _misshapen(schema: Mapping[str, Any], found: object) -> str:
    what = str(schema.get("$comment", "in the form that is expected here"))
    return (
        f"this is not {what}" if schema.get("writeOnly") or not str(found).strip() else f"{shown(found)} is not {what}"
    )


def _nearest(found: object, members: Iterable[object]) -> str:
    return did_you_mean(found if isinstance(found, str) else "", [str(member) for member in members])
