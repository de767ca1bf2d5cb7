"""What would resolve a fact that rests on a text which only apply makes."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Final, TypeVar

from posture.adapters.aws.terraform.places import APPLY
from posture.adapters.aws.terraform.written import OPEN
from posture.model.facts import Fact, Known, Source, Unknown

T = TypeVar("T")
_PLAIN: Final = (str, int, Source, type(None), Enum)
_NEEDS: Final = f"--source with the directory of the configuration, or {APPLY}"


def hinted(record: T, *policies: Fact[str]) -> T:
    """The same record, in which every Unknown about such a text in the policies says what would make it known."""
    if not any(isinstance(policy, Known) and OPEN in policy.value for policy in policies):
        return record
    found: T = _hinted(record)
    return found


def _hinted(value: Any) -> Any:  # noqa: ANN401 - it goes through records of every type
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Unknown):
        return replace(value, needs=_NEEDS) if not value.needs and OPEN in value.detail else value
    if isinstance(value, tuple):
        items = tuple(_hinted(item) for item in value)
        changed = any(new is not old for new, old in zip(items, value, strict=True))
        return items if changed else value
    if not is_dataclass(value) or isinstance(value, type):
        return value
    old = {field.name: getattr(value, field.name) for field in fields(value)}
    new = {name: changed for name, item in old.items() if (changed := _hinted(item)) is not item}
    return replace(value, **new) if new else value
