"""The shipped controls, loaded once as a user's run loads them."""

from __future__ import annotations

from posture.policy.controls import Control, Policy
from posture.policy.document import load_policies
from posture.policy.shipped import shipped_policies

POLICIES: tuple[Policy, ...] = load_policies(str(path) for path in shipped_policies())
CONTROLS: tuple[Control, ...] = tuple(each for policy in POLICIES for each in policy.controls)


def names(value: object) -> str | None:
    """A control under its id in the list of tests."""
    return value.info.id if isinstance(value, Control) else None


def control(name: str) -> Control:
    """The shipped control of this id."""
    (found,) = (each for each in CONTROLS if each.info.id == name)
    return found


def fixes() -> list[tuple[str, str]]:
    """Every fix text, with the control and the provider it is for."""
    return [(f"{each.info.id}/{provider}", text) for each in CONTROLS for provider, text in each.info.fix]
