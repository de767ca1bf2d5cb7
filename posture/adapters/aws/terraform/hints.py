"""What would resolve a fact that rests on a text which only apply makes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Final, TypeVar

from posture.adapters.aws.terraform.places import APPLY
from posture.adapters.aws.terraform.written import OPEN
from posture.model.facts import Fact, Known, Unknown
from posture.model.rewriting import Rewriting

T = TypeVar("T")
_NEEDS: Final = f"--source with the directory of the configuration, or {APPLY}"


def hinted(record: T, *policies: Fact[str]) -> T:
    """The same record, in which every Unknown about such a text in the policies says what would make it known."""
    if not any(isinstance(policy, Known) and OPEN in policy.value for policy in policies):
        return record
    return _hinting().of(record)


@cache  # it learns the types of records
def _hinting() -> Rewriting:
    return Rewriting(Unknown, _hinted)


def _hinted(unknown: Unknown) -> Unknown:
    return replace(unknown, needs=_NEEDS) if not unknown.needs and OPEN in unknown.detail else unknown
