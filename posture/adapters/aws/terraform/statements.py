"""One statement of `data.aws_iam_policy_document`, as the provider writes it in JSON.

What is not known stays as a text that is no name, no ARN and no operator. The policy engine takes that for something
that may be anything, so it hides neither the rest of the statement nor the other statements.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from posture.adapters.aws.terraform.places import References
from posture.adapters.aws.terraform.written import OPEN
from posture.model.facts import Known, Unknown
from posture.terraform.place import Place

Statement: TypeAlias = "dict[str, object]"
_ELEMENTS: Final = (
    ("Action", "actions"),
    ("NotAction", "not_actions"),
    ("Resource", "resources"),
    ("NotResource", "not_resources"),
)
_PEOPLE: Final = (("Principal", "principals"), ("NotPrincipal", "not_principals"))


def statement(block: Place, references: References) -> Statement:
    """The statement of a block; a missing effect is Allow."""
    sid = _text(block, "sid")
    made: Statement = {"Sid": sid} if sid else {}
    made["Effect"] = _text(block, "effect") or "Allow"
    for element, attribute in _PEOPLE:
        people = None if _is_null(block, attribute) else _people(block.at(attribute), references)
        if people is not None:
            made[element] = people
    for element, attribute in _ELEMENTS:
        texts = None if _is_null(block, attribute) else _texts(block.at(attribute), references)
        if texts:
            made[element] = texts
    condition = _condition(block.at("condition"), references)
    if condition:
        made["Condition"] = condition
    return made


def _is_null(block: Place, attribute: str) -> bool:
    """Whether an attribute is known to be null, as most of a statement are."""
    raw, mask = block.values.raw, block.values.unknown
    unmarked = mask is None or (isinstance(mask, dict) and attribute not in mask)
    return unmarked and isinstance(raw, dict) and attribute in raw and raw[attribute] is None


def _people(place: Place, references: References) -> object:
    """Principals by type; None where the statement names none."""
    blocks = place.each()
    if isinstance(blocks, Unknown):
        return OPEN
    if not blocks.value:
        return None
    found: dict[str, list[str]] = {}
    for block in blocks.value:
        kind, names = _text(block, "type"), _texts(block.at("identifiers"), references, people=True)
        if kind == OPEN:
            return OPEN
        if kind == "*" and names == ["*"]:
            return "*"
        found.setdefault(kind, []).extend(names)
    return found


def _condition(place: Place, references: References) -> dict[str, dict[str, list[str]]]:
    """Conditions by operator and key. One with an unknown part is kept as an operator that nobody knows."""
    blocks = place.each()
    if isinstance(blocks, Unknown):
        return {OPEN: {}}
    found: dict[str, dict[str, list[str]]] = {}
    for block in blocks.value:
        test, variable = _text(block, "test"), _text(block, "variable")
        values = _texts(block.at("values"), references)
        operator = OPEN if OPEN in (test, variable, *values) else test
        found.setdefault(operator, {}).setdefault(variable, []).extend(values)
    return found


def _text(block: Place, name: str) -> str:
    match block.text(name):
        case Known(value=text):
            return text
        case _:
            return OPEN


def _texts(place: Place, references: References, *, people: bool = False) -> list[str]:
    """The texts of a set: those that are known, those that can be followed, and one for all that is left.

    A principal is the whole ARN of a role. To the ARN of a bucket something may have been added, which a plan hides.
    """
    elements = place.each()
    if isinstance(elements, Unknown):
        spelled = references.texts(place)  # of unknown length: it may hold more than references show
        return [_variables(text) for text in spelled] or [OPEN]
    known = [element.text() for element in elements.value]
    texts = [_variables(fact.value) for fact in known if isinstance(fact, Known) and fact.value]
    left = sum(isinstance(fact, Unknown) for fact in known)
    if left and (spelled := references.texts(place)):
        return [_variables(text) for text in spelled]
    roles = references.roles(place) if left and people else ()
    if len(roles) == left:
        return [*texts, *roles]
    return [*texts, OPEN] if left else texts


def _variables(text: str) -> str:
    """The provider writes policy variables as `&{`, since `${` is Terraform's own."""
    return text.replace("&{", "${")
