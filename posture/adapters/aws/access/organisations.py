"""The organisation of an owner and its accounts, asked for only where a policy speaks of organisations."""

from __future__ import annotations

from posture.iam import Document
from posture.model.facts import Known
from posture.model.trust import Ground

_KEYS = (
    *("aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid", "aws:resourceorgpaths"),
    *("aws:sourceorgid", "aws:sourceorgpaths", "aws:vpceorgid", "aws:vpceorgpaths"),
)


def organisation_for(policies: tuple[Document, ...], ground: Ground) -> tuple[str | None, frozenset[str] | None]:
    """Its id, empty where there is none, and all its accounts; None where they are not known or do not matter."""
    tests = (test for policy in policies for entry in policy.statements for test in entry.tests)
    referenced = any("org" in value.text.lower() and "${" in value.text for test in tests for value in test.values)
    mentioned = any(test.key in _KEYS for policy in policies for entry in policy.statements for test in entry.tests)
    if not (mentioned or referenced):
        return None, None
    ours = ground.organisation()
    if not isinstance(ours, Known):
        return None, None
    members = ground.members() if ours.value else None
    whole = members is not None and members.items and not members.gaps
    return ours.value, frozenset(members.items) if members is not None and whole else None
