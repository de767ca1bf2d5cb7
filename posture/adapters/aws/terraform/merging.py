"""How `data.aws_iam_policy_document` puts statements together, when some of them are not known.

A statement takes the place of an earlier one of its Sid; one without a Sid stays whatever is added (hashicorp/aws,
internal/service/iam, policy_document_data_source.go and policy_model.go). What is not known may hold any statements:
it is one more that may allow and may refuse anything, and what it may take the place of may hold, or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from posture.adapters.aws.terraform.statements import Statement
from posture.adapters.aws.terraform.written import OPEN
from posture.frozen import dataclass

ANYTHING: Final[Statement] = {
    "Effect": OPEN,
    "Principal": OPEN,
    "Action": OPEN,
    "Resource": OPEN,
    "Condition": {OPEN: {}},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The statements that one argument gives. `more`: it may give others too, in any place among them.

    `overrides`: where two of its statements have one Sid, the later one counts, while other arguments refuse that.
    """

    statements: tuple[Statement, ...] = ()
    more: bool = False
    overrides: bool = False


def merged(parts: Iterable[Part]) -> list[Statement]:
    """The statements of all parts, each of which takes precedence over those before it."""
    found: list[Statement] = []
    for part in parts:
        open_ones = part.more or any(each == ANYTHING or each.get("Sid") == OPEN for each in part.statements)
        named = open_ones or any(each.get("Sid") for each in part.statements)
        found = [_perhaps(each) if open_ones or (named and each.get("Sid") == OPEN) else each for each in found]
        own = (_perhaps(each) if open_ones and part.overrides else each for each in part.statements)
        for each in own:
            _put(found, each)
        if part.more and ANYTHING not in found:
            found.append(ANYTHING)
    return found


def shown(statements: Iterable[object]) -> list[object]:
    """The same as a policy has them: a Sid that is not known is left out."""
    return [
        {name: value for name, value in each.items() if (name, value) != ("Sid", OPEN)}
        if isinstance(each, dict)
        else each
        for each in statements
    ]


def _put(found: list[Statement], statement: Statement) -> None:
    sid = statement.get("Sid")
    for place, each in enumerate(found):
        if sid and sid != OPEN and each.get("Sid") == sid:
            found[place] = statement
            return
    found.append(statement)


def _perhaps(statement: Statement) -> Statement:
    """A statement of which nobody knows whether something takes its place; one without a Sid nothing can replace."""
    if not statement.get("Sid"):
        return statement
    condition = statement.get("Condition")
    return {**statement, "Condition": {**(condition if isinstance(condition, dict) else {}), OPEN: {}}}
