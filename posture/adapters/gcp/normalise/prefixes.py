"""Which objects a rule's prefix and the prefix of the logs have in common."""

from __future__ import annotations


def objects_of(prefix: str) -> str:
    """What every object under a log prefix begins with: `audit` holds `audit/x`, and not `auditors/x`."""
    return f"{prefix}/" if prefix else ""


def covers(rule: str, prefix: str) -> bool:
    """Whether a rule with this prefix is about every object under the log prefix."""
    return objects_of(prefix).startswith(rule)


def touches(rule: str, prefix: str) -> bool:
    """Whether a rule with this prefix can be about some object under the log prefix."""
    return covers(rule, prefix) or rule.startswith(objects_of(prefix))
