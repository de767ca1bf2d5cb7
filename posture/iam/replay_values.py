"""How the second evaluator compares two concrete values, operator by operator, in the plainest way."""

import base64
import binascii
import ipaddress
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

STAR, QUESTION = "\ue000", "\ue001"  # a star or question mark that stands for itself
KINDS: Final = ("string", "arn", "numeric", "date", "bool", "ipaddress", "notipaddress", "binary")
OPERATORS: Final = {
    *("stringequals", "stringnotequals", "stringequalsignorecase", "stringnotequalsignorecase"),
    *("stringlike", "stringnotlike", "arnequals", "arnlike", "arnnotequals", "arnnotlike", "bool", "binaryequals"),
    *("ipaddress", "notipaddress"),
    *(f"{kind}{name}" for kind in ("numeric", "date") for name in ("equals", "notequals")),
    *(f"{kind}{name}" for kind in ("numeric", "date") for name in ("lessthan", "lessthanequals")),
    *(f"{kind}{name}" for kind in ("numeric", "date") for name in ("greaterthan", "greaterthanequals")),
}


def wildcard(pattern: str, text: str) -> bool:
    """Whether `*` and `?` can be filled in so that pattern and text are equal."""
    reachable = {0}
    for char in pattern:
        following: set[int] = set()
        if char == "*":
            following = set(range(min(reachable), len(text) + 1)) if reachable else set()
        else:
            for place in reachable:
                if place < len(text) and (char == "?" or _same(char, text[place])):
                    following.add(place + 1)
        reachable = following
    return len(text) in reachable


def _same(char: str, other: str) -> bool:
    return {STAR: "*", QUESTION: "?"}.get(char, char) == other


def _plain(text: str) -> str:
    return text.replace(STAR, "*").replace(QUESTION, "?")


def has_reading(operator: str, values: list[str]) -> bool:
    """Whether the operator exists and its policy values are of its type."""
    if operator not in OPERATORS:
        return False
    match operator:
        case "bool":
            return all(value.lower() in ("true", "false") for value in values)
        case "ipaddress" | "notipaddress":
            return all(_network(value) for value in values)
        case "binaryequals":
            return all(_bytes(value) is not None for value in values)
        case _ if operator.startswith("numeric"):
            return all(_number(value) is not None for value in values)
        case _ if operator.startswith("date"):
            return all(_date(value) is not None for value in values)
        case _ if operator.startswith("arn"):
            return all(value == "*" or value.count(":") >= 5 for value in values)  # an ARN  # noqa: PLR2004  # fixed by the format
        case _:
            return True


def compare(operator: str, present: str, values: list[str]) -> bool | None:
    """One value of the request against all policy values; None where the value is of another type."""
    match operator:
        case "ipaddress" | "notipaddress":
            hits = [_inside(present, value) for value in values]
        case "bool":
            hits = [present.lower() == value.lower() for value in values]
        case "binaryequals":
            hits = [present == value for value in values]
        case _ if operator.startswith("string"):
            hits = [_string(operator, present, value) for value in values]
        case _ if operator.startswith("arn"):
            hits = [_arn(value, present) for value in values]
        case _:
            read = _number if operator.startswith("numeric") else _date
            hits = [_ordered(operator, read(present), read(value)) for value in values]
    if None in hits:
        return None
    return not any(hits) if "not" in operator else any(hits)


def _string(operator: str, present: str, value: str) -> bool:
    if operator.endswith("ignorecase"):
        return len(present) == len(_plain(value)) and all(
            one == two or one.lower() == two.lower() or one.upper() == two.upper()
            for one, two in zip(present, _plain(value), strict=True)
        )
    return wildcard(value, present) if operator.endswith("like") else present == _plain(value)


def _arn(pattern: str, present: str) -> bool:
    parts = present.split(":", 5)
    if len(parts) < 6:  # an ARN has six components  # noqa: PLR2004  # fixed by the format
        return False
    return pattern == "*" or all(map(wildcard, pattern.split(":", 5), parts))


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _inside(present: str, block: str) -> bool | None:
    try:
        address = ipaddress.ip_address(present)
    except ValueError:
        return None
    network = _network(block)
    return None if network is None else address in network


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value.adjusted()) < 64 else None  # as the policies use them  # noqa: PLR2004  # fixed by the format


def _date(text: str) -> Decimal | None:
    if len(text) == 4 and text.isdigit():  # a year  # noqa: PLR2004  # fixed by the format
        text += "-01-01"
    elif _number(text) is not None:
        return _number(text)
    elif len(text) == 7:  # a year and a month  # noqa: PLR2004  # fixed by the format
        text += "-01"
    try:
        moment = datetime.fromisoformat(text)
        return Decimal(str((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))
    except (ValueError, OverflowError):
        return None


def _ordered(operator: str, present: Decimal | None, value: Decimal | None) -> bool | None:
    if present is None or value is None:
        return None
    name = operator.removeprefix("numeric").removeprefix("date").removeprefix("not")
    return {
        "equals": present == value,
        "lessthan": present < value,
        "lessthanequals": present <= value,
        "greaterthan": present > value,
        "greaterthanequals": present >= value,
    }[name]
