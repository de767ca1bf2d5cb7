"""The condition operators of IAM: a `Condition` block becomes tests of single keys, or doubts that say what is odd.

Operator and key names are read without regard to case, as AWS reads them.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum, StrEnum
from typing import Final

from posture.frozen import dataclass
from posture.iam.quantities import Comparison, Network, Ranges, address_number, instant, is_base64, network, number
from posture.iam.templates import Style, Template, TemplateError, template


class Family(StrEnum):
    """What kind of value an operator compares."""

    STRING = "string"
    ARN = "arn"
    NUMBER = "number"
    DATE = "date"
    BOOL = "bool"
    ADDRESS = "address"
    BINARY = "binary"
    PRESENCE = "presence"


class Quantifier(Enum):
    """How an operator treats a key with several values in the request."""

    NONE = ""
    ANY = "foranyvalue"
    ALL = "forallvalues"


@dataclass(frozen=True, slots=True)
class Operator:
    """One base operator of the documentation."""

    family: Family
    negated: bool = False
    style: Style = Style.LITERAL
    relation: str = "eq"


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One key of one operator; several values are alternatives, and a negated test wants none of them to match."""

    key: str  # lower case
    operator: Operator
    quantifier: Quantifier
    if_exists: bool
    values: tuple[Template, ...]
    amounts: Ranges | Comparison | None
    blocks: tuple[Network, ...]
    wants_absent: bool | None  # Null: "true"; None where both or the operator is another
    words: str

    @property
    def when_absent(self) -> bool:
        """What the test says of a request without the key."""
        if self.if_exists or self.quantifier is Quantifier.ALL:
            return True
        return False if self.quantifier is Quantifier.ANY else self.operator.negated


@dataclass(frozen=True, slots=True)
class Doubt:
    """A part that cannot be evaluated; equal texts are the same unknown."""

    reason: str
    text: str


OPERATORS: Final[Mapping[str, Operator]] = {
    "stringequals": Operator(Family.STRING),
    "stringnotequals": Operator(Family.STRING, negated=True),
    "stringequalsignorecase": Operator(Family.STRING, style=Style.FOLDED),
    "stringnotequalsignorecase": Operator(Family.STRING, negated=True, style=Style.FOLDED),
    "stringlike": Operator(Family.STRING, style=Style.GLOB),
    "stringnotlike": Operator(Family.STRING, negated=True, style=Style.GLOB),
    "arnequals": Operator(Family.ARN, style=Style.ARN),
    "arnlike": Operator(Family.ARN, style=Style.ARN),
    "arnnotequals": Operator(Family.ARN, negated=True, style=Style.ARN),
    "arnnotlike": Operator(Family.ARN, negated=True, style=Style.ARN),
    "numericequals": Operator(Family.NUMBER),
    "numericnotequals": Operator(Family.NUMBER, negated=True),
    "numericlessthan": Operator(Family.NUMBER, relation="lt"),
    "numericlessthanequals": Operator(Family.NUMBER, relation="le"),
    "numericgreaterthan": Operator(Family.NUMBER, relation="gt"),
    "numericgreaterthanequals": Operator(Family.NUMBER, relation="ge"),
    "dateequals": Operator(Family.DATE),
    "datenotequals": Operator(Family.DATE, negated=True),
    "datelessthan": Operator(Family.DATE, relation="lt"),
    "datelessthanequals": Operator(Family.DATE, relation="le"),
    "dategreaterthan": Operator(Family.DATE, relation="gt"),
    "dategreaterthanequals": Operator(Family.DATE, relation="ge"),
    "bool": Operator(Family.BOOL, style=Style.FOLDED),
    "ipaddress": Operator(Family.ADDRESS),
    "notipaddress": Operator(Family.ADDRESS, negated=True),
    "binaryequals": Operator(Family.BINARY),
    "null": Operator(Family.PRESENCE),
}
SUFFIX: Final = "ifexists"
DUPLICATE: Final = "\0duplicate"  # stands in an object that had a key twice


def parse_condition(raw: object, variables: str) -> tuple[Test | Doubt, ...]:
    """Read a `Condition` element; all of the result must hold."""
    if not isinstance(raw, Mapping):
        return (Doubt("the condition is not an object", repr(raw)),)
    return tuple(
        part for name, block in raw.items() if name != DUPLICATE for part in _operator(str(name), block, variables)
    )


def _operator(name: str, block: object, variables: str) -> Iterator[Test | Doubt]:
    prefix, colon, rest = name.lower().rpartition(":")
    quantifier = next((item for item in Quantifier if item.value == prefix), None)
    if_exists = rest.endswith(SUFFIX)
    operator = OPERATORS.get(rest.removesuffix(SUFFIX))
    if (
        operator is None
        or quantifier is None
        or (colon and not prefix)
        or (operator.family is Family.PRESENCE and (if_exists or quantifier is not Quantifier.NONE))
    ):
        yield Doubt(f"`{name}` is no condition operator", f"{name}: {block!r}")
    elif not isinstance(block, Mapping) or not block:
        yield Doubt(f"the block of `{name}` is not an object of keys", f"{name}: {block!r}")
    else:
        for key, values in ((key, values) for key, values in block.items() if key != DUPLICATE):
            yield from _key(name, operator, quantifier, if_exists, str(key), values, variables)


def _key(  # the parts of one condition line  # noqa: PLR0917  # private; the parts of one question
    name: str,
    operator: Operator,
    quantifier: Quantifier,
    if_exists: bool,  # private; the operator's own suffix  # noqa: FBT001  # private; the operator's own suffix
    key: str,
    raw: object,
    variables: str,
) -> Iterator[Test | Doubt]:
    texts = value_texts(raw)
    shown = f"{name} {key}: {raw!r}"
    if not texts:
        yield Doubt(f"`{name}` of `{key}` has values that are no texts", shown)
        return
    words = f"{name} {key} = {', '.join(texts[:8])}{', …' if len(texts) > 8 else ''}"  # readable  # noqa: PLR2004  # fixed by the format
    reason = _unreadable(operator.family, texts)
    if reason:
        yield Doubt(f"`{name}` of `{key}` has {reason}", shown)
        return
    values: tuple[Template, ...] = ()
    if operator.family in (Family.STRING, Family.ARN, Family.BOOL, Family.BINARY):
        where = "no" if operator.family in (Family.BOOL, Family.BINARY) else variables
        if operator.family is Family.ARN and variables == "yes":
            where = "tail"
        try:
            values = tuple(template(text, operator.style, where) for text in texts)
        except TemplateError as error:
            yield Doubt(str(error), shown)
            return
    blocks = tuple(block for text in texts if (block := network(text))) if operator.family is Family.ADDRESS else ()
    wants = {text.lower() == "true" for text in texts} if operator.family is Family.PRESENCE else set()
    yield Test(
        key=key.lower(),
        operator=operator,
        quantifier=quantifier,
        if_exists=if_exists,
        values=values,
        amounts=_amounts(operator, texts, blocks),
        blocks=blocks,
        wants_absent=next(iter(wants)) if len(wants) == 1 else None,
        words=words,
    )


def value_texts(raw: object) -> tuple[str, ...]:
    """The values of a condition key as AWS compares them; empty where any is neither text, number nor boolean."""
    items = raw if isinstance(raw, list | tuple) else [raw]
    texts: list[str] = []
    for item in items:
        if isinstance(item, bool):
            texts.append("true" if item else "false")
        elif isinstance(item, str | int | float):
            texts.append(str(item))
        else:
            return ()
    return tuple(texts)


def _unreadable(family: Family, texts: tuple[str, ...]) -> str:
    """What is wrong with the values of a family, empty where all can be read."""
    readers: dict[Family, tuple[str, Callable[[str], bool]]] = {
        Family.NUMBER: ("number", lambda text: number(text) is not None),
        Family.DATE: ("date", lambda text: instant(text) is not None),
        Family.ADDRESS: ("address block", lambda text: network(text) is not None),
        Family.BINARY: ("base64 text", is_base64),
        Family.BOOL: ("boolean", lambda text: text.lower() in ("true", "false")),
        Family.PRESENCE: ("boolean", lambda text: text.lower() in ("true", "false")),
    }
    if family not in readers:
        return ""
    noun, readable = readers[family]
    wrong = next((text for text in texts if not readable(text)), None)
    return "" if wrong is None else f"the value `{wrong}`, which is no {noun}"


def _amounts(operator: Operator, texts: tuple[str, ...], blocks: tuple[Network, ...]) -> Ranges | Comparison | None:
    match operator.family:
        case Family.ADDRESS:
            return Ranges.of(blocks)
        case Family.NUMBER:
            return Comparison(operator.relation, tuple(value for text in texts if (value := number(text)) is not None))
        case Family.DATE:
            return Comparison(operator.relation, tuple(value for text in texts if (value := instant(text)) is not None))
        case _:
            return None


def amount_of(test: Test, text: str) -> bool | None:
    """Whether a concrete value lies in the test's amounts; None where it cannot be read as one."""
    match test.operator.family, test.amounts:
        case Family.ADDRESS, Ranges() as ranges:
            place = address_number(text)
            return None if place is None else ranges.contains(place)
        case Family.NUMBER, Comparison() as comparison:
            value = number(text)
            return None if value is None else comparison.contains(value)
        case Family.DATE, Comparison() as comparison:
            value = instant(text)
            return None if value is None else comparison.contains(value)
        case _:
            return None
