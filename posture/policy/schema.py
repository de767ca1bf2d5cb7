"""The JSON Schema of policy files, made from the vocabulary: for editors, and for the check before anything runs.

Alternatives are written with `if`, never `anyOf`, so that an error points at the key that caused it. `$comment` holds
the word that messages use for a key or a form.
"""

from __future__ import annotations

import json
from functools import cache

from posture.model.facts import FOREVER, Reason
from posture.model.logic import Severity
from posture.model.subjects import About
from posture.policy.baseline import baseline_schema
from posture.policy.parameters import ParameterType
from posture.policy.shapes import DRAFT, GENERATED, ID, NAME, TEXT, Schema, closed, listed, shaped
from posture.policy.vocabulary import OPERATORS, Field, ListField, Operator, Record, Sort, vocabulary
from posture.policy.waivers import waiver_schema

FRAMEWORKS = ("soc2", "nist_800_53", "iso_27001", "cis_aws", "cis_azure", "cis_gcp", "pci_dss", "hipaa")
CLOUDS = ("aws", "azure", "gcp", "databricks")


def schema_files() -> dict[str, str]:
    """The schemas of policy files, waiver files and baselines, each as the text of its file."""
    schemas = {
        "policy.schema.json": policy_schema(),
        "waivers.schema.json": waiver_schema(),
        "baseline.schema.json": baseline_schema(),
    }
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in schemas.items()}


@cache
def policy_schema() -> Schema:
    """The schema of a policy file."""
    return {
        "$schema": DRAFT,
        "title": "A posture policy",
        "description": GENERATED,
        **closed(
            {
                "language": shaped("[1-9][0-9]*", "a version of the policy language", description="Its version."),
                "policy": ID | {"description": "The id of the policy."},
                "title": TEXT,
                "parameters": {
                    "type": "object",
                    "propertyNames": NAME,
                    "additionalProperties": {"$ref": "#/$defs/parameter"},
                },
                "controls": listed({"$ref": "#/$defs/control"}),
            },
            required=("policy", "title", "controls"),
        ),
        "$defs": {"parameter": _parameter(), "control": _control(), **_shared(), **_records()},
    }


def _parameter() -> Schema:
    types = {
        ParameterType.INTEGER: {"type": "integer"},
        ParameterType.BOOLEAN: {"type": "boolean"},
        ParameterType.TEXT: {"type": "string"},
        ParameterType.TEXTS: {"type": "array", "items": {"type": "string"}},
    }
    return closed(
        {
            "type": {"enum": [kind.value for kind in ParameterType]},
            "description": TEXT | {"description": "What it means, with its unit."},
            "default": True,
            "minimum": {"type": "integer", "description": "The least that an override may set."},
            "maximum": {"type": "integer", "description": "The most that an override may set."},
        },
        required=("type", "description", "default"),
        allOf=[_when("type", kind.value, {"default": schema}) for kind, schema in types.items()],
    )


def _control() -> Schema:
    ids = listed(TEXT, uniqueItems=True)
    return closed(
        {
            "id": ID | {"description": "States what holds; never reused."},
            "title": TEXT | {"description": "One sentence in the present tense."},
            "severity": {"enum": [severity.value for severity in Severity]},
            "since": shaped(r"[0-9]+\.[0-9]+(\.[0-9]+)?", "a version, such as 1.0", description="First release."),
            "status": {"enum": ["deprecated"], "description": "A retired control keeps its id."},
            "why": TEXT | {"description": "The harm, not the rule restated."},
            "fix": closed(dict.fromkeys(CLOUDS, TEXT), minProperties=1),
            "references": closed(dict.fromkeys(FRAMEWORKS, ids), word="framework"),
            "about": {"enum": [about.value for about in About], "description": "Whose facts the control speaks of."},
            "applies_to": True,
            "require": True,
            "examples": True,
        },
        required=("id", "title", "severity", "since", "why", "fix", "about", "require", "examples"),
        allOf=[_when("about", about.value, _spoken(vocabulary(about))) for about in About],
    )


def _spoken(record: Record) -> Schema:
    verdicts = ("pass", "fail", "unknown")
    identity = {
        name: listed({"enum": [member.value for member in enum]}, uniqueItems=True)
        for name, enum in record.identity.items()
    }
    return {
        "applies_to": closed(identity, word="identity", minProperties=1),
        "require": {"$ref": f"#/$defs/{record.name}"},
        "examples": closed(
            dict.fromkeys(verdicts, listed({"$ref": f"#/$defs/{record.name}.example"})), required=verdicts
        ),
    }


def _when(key: str, value: str, properties: Schema) -> Schema:
    return {
        "if": {"type": "object", "required": [key], "properties": {key: {"const": value}}},
        "then": {"properties": properties},
    }


def _shared() -> Schema:
    """One test per sort of value, the reference to a parameter, and the unknown of an example."""
    return {
        "operand.parameter": closed({"parameter": {"type": "string"}}, required=("parameter",)),
        "example.unknown": closed({"unknown": {"enum": [reason.value for reason in Reason]}}, required=("unknown",)),
        **{f"test.{sort.value}": _test(sort, _LITERALS[sort]) for sort in Sort if sort is not Sort.ENUM},
    }


_LITERALS: dict[Sort, Schema] = {
    Sort.TEXT: {"type": "string"},
    Sort.INTEGER: {"type": "integer"},
    Sort.DURATION: {"type": "integer"},
    Sort.BOOLEAN: {"type": "boolean"},
}


def _records() -> Schema:
    definitions: Schema = {}
    waiting = [vocabulary(about) for about in About]
    while waiting:
        record = waiting.pop()
        if record.name not in definitions:
            definitions[record.name] = _assertion(record)
            definitions[f"{record.name}.example"] = _example(record)
            waiting += [each.record for each in record.lists.values()]
    return dict(sorted(definitions.items()))


def _assertion(record: Record) -> Schema:
    several = listed({"$ref": f"#/$defs/{record.name}"})
    fields = closed(
        {"all_of": several, "any_of": several} | {each.path: _tested(each) for each in record.fields.values()},
        word="field",
        minProperties=1,
    )
    if not record.lists:
        return fields
    return {
        "type": "object",
        "if": {"type": "object", "required": ["for_each"]},
        "then": _loop(tuple(record.lists.values())),
        "else": fields | {"x-also": ["for_each"], "x-lists": sorted(record.lists)},
    }


def _loop(lists: tuple[ListField, ...]) -> Schema:
    return closed(
        {"for_each": {"enum": [each.path for each in lists]}, "where": True, "require": True},
        required=("for_each", "require"),
        word="key beside `for_each`:",
        allOf=[
            _when("for_each", each.path, {"where": item, "require": item})
            for each in lists
            for item in ({"$ref": f"#/$defs/{each.record.name}"},)
        ],
    )


def _tested(tested: Field) -> Schema:
    if tested.enum is None:
        return {"$ref": f"#/$defs/test.{tested.sort.value}", "description": tested.description}
    return _test(tested.sort, {"enum": list(tested.members)}) | {"description": tested.description}


def _test(sort: Sort, literal: Schema) -> Schema:
    return closed(
        {operator.value: _operand(operator, literal) for operator in OPERATORS[sort]},
        word="operator",
        minProperties=1,
        maxProperties=1,
    )


def _operand(operator: Operator, literal: Schema) -> Schema:
    several = operator in {Operator.ONE_OF, Operator.NONE_OF}
    return {
        "if": {"type": "object"},
        "then": {"$ref": "#/$defs/operand.parameter"},
        "else": listed(literal, uniqueItems=True) if several else literal,
    }


def _example(record: Record) -> Schema:
    facts = {each.path: _fact(each) for each in record.fields.values()}
    lists = {
        each.path: {
            "if": {"type": "object"},
            "then": {"$ref": "#/$defs/example.unknown"},
            "else": {"type": "array", "items": {"$ref": f"#/$defs/{each.record.name}.example"}},
        }
        for each in record.lists.values()
    }
    return closed(facts | lists, word="field")


def _fact(each: Field) -> Schema:
    literal = {"enum": list(each.members)} if each.enum else _LITERALS[each.sort]
    if each.sort is Sort.DURATION:
        literal = {
            "if": {"type": "string"},
            "then": {"enum": [FOREVER.value], "$comment": "a whole number, without quotes"},
            "else": literal,
        }
    return {"if": {"type": "object"}, "then": {"$ref": "#/$defs/example.unknown"}, "else": literal}
