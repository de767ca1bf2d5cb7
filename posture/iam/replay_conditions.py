"""How the second evaluator reads a `Condition` element for one request."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from posture.iam.replay_values import compare, has_reading

Truth = bool | None  # None: the documentation or the input leaves it open

UNKNOWN: Final = "\0unknown"
UNDOCUMENTED: Final = "undocumented"  # what AWS services carry in the identity keys; no customer's identity
SEVERAL: Final = {
    *("aws:principalorgpaths", "aws:tagkeys", "aws:calledvia", "aws:principalservicenameslist"),
    *("aws:vpceorgpaths", "aws:sourceorgpaths", "aws:resourceorgpaths", "s3:requestobjecttagkeys"),
    *("s3:inventoryaccessibleoptionalfields", "kms:encryptioncontextkeys", "kms:grantoperations"),
    *("kms:resourcealiases", "sts:transitivetagkeys", "sts:identitytokenaudience", "sts:requestcontextproviders"),
}


def both(truths: Iterable[Truth]) -> Truth:
    """All hold; what is open stays open unless one fails."""
    seen = list(truths)
    return False if False in seen else None if None in seen else True


def either(truths: Iterable[Truth]) -> Truth:
    """One holds; what is open stays open unless one does."""
    seen = list(truths)
    return True if True in seen else None if None in seen else False


def opposite(truth: Truth) -> Truth:
    """The contrary, open where the truth is."""
    return None if truth is None else not truth


def substitute(
    text: str, context: Mapping[str, tuple[str, ...]], *, variables: bool, tail: bool = False
) -> str | Truth:
    """The text with variables filled in and literal stars marked; False where a variable has no value."""
    if not variables:
        return text
    out, rest = "", text
    while "${" in rest:
        before, _, rest = rest.partition("${")
        inside, closed, rest = rest.partition("}")
        out += before
        if not closed:
            return None
        if inside in ("*", "?", "$"):
            out += {"*": "\ue000", "?": "\ue001", "$": "$"}[inside]
            continue
        key, comma, default = (part.strip() for part in inside.partition(","))
        if not key or "${" in inside or (comma and not (len(default) > 1 and default[0] == default[-1] == "'")):
            return None
        if tail and out.count(":") < 5:  # an ARN has six components  # noqa: PLR2004  # fixed by the format
            return None
        values = context.get(key.lower(), ())
        if len(values) > 1 or key.lower() in SEVERAL or UNKNOWN in values or UNDOCUMENTED in values:
            return None
        if not values and not comma:
            return False
        value = values[0] if values else default[1:-1]
        out += value.replace("*", "\ue000").replace("?", "\ue001")
    return out + rest


def conditions(statement: Mapping[str, Any], context: Mapping[str, tuple[str, ...]], *, variables: bool) -> Truth:
    """Whether every line of the condition holds."""
    if "Condition" not in statement:
        return True
    condition = statement["Condition"]
    if not isinstance(condition, Mapping):
        return None
    truths: list[Truth] = []
    for operator, block in condition.items():
        if operator == "\0twice" or not isinstance(block, Mapping) or not block:
            truths.append(None)
        else:
            truths.extend(
                _condition(str(operator), str(key), values, context, variables=variables)
                for key, values in block.items()
            )
    return both(truths)


def _condition(  # noqa: C901  # one branch a case
    operator: str, key: str, raw: object, context: Mapping[str, tuple[str, ...]], *, variables: bool
) -> Truth:
    listed = raw if isinstance(raw, list | tuple) else [raw]
    if not listed or not all(isinstance(item, str | int | float | bool) for item in listed):
        return None
    wanted = [str(item).lower() if isinstance(item, bool) else str(item) for item in listed]
    quantifier, _, base = operator.lower().rpartition(":")
    if_exists = base.endswith("ifexists")
    base = base.removesuffix("ifexists")
    present = context.get(key.lower(), ())
    if UNKNOWN in present:
        return None
    if UNDOCUMENTED in present:
        without = {name: values for name, values in context.items() if name != key.lower()}
        other = {**without, key.lower(): ("something undocumented",)}
        truths = {_condition(operator, key, raw, known, variables=variables) for known in (without, other)}
        return truths.pop() if len(truths) == 1 else None
    if base == "null":
        if quantifier or if_exists or not all(item.lower() in ("true", "false") for item in wanted):
            return None
        return any((item.lower() == "true") == (not present) for item in wanted)
    if quantifier not in ("", "forallvalues", "foranyvalue") or not has_reading(base, wanted):
        return None
    if operator.startswith(":"):
        return None
    if not quantifier and (len(present) > 1 or key.lower() in SEVERAL):
        return None
    negative = "not" in base
    if not present:
        return if_exists or quantifier == "forallvalues" or (not quantifier and negative)
    values: list[str] = []
    for item in wanted:
        texty = base.startswith(("string", "arn"))
        filled = substitute(item, context, variables=variables and texty, tail=base.startswith("arn"))
        if filled is None:
            return None
        if isinstance(filled, str):
            values.append(filled)
    found = [compare(base, value, values) for value in present]
    return both(found) if quantifier == "forallvalues" else either(found)
