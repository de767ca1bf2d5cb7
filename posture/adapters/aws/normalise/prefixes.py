"""Which keys a rule's prefix and the prefix of the logs have in common."""

from __future__ import annotations


def keys_of(prefix: str) -> str:
    """What every key under a log prefix begins with: `audit` holds `audit/x`, and not `auditors/x`."""
    return f"{prefix}/" if prefix else ""


def covers(rule: str, prefix: str) -> bool:
    """Whether a rule with this prefix is about every key under the log prefix."""
    return keys_of(prefix).startswith(rule)


def touches(rule: str, prefix: str) -> bool:
    """Whether a rule with this prefix can be about some key under the log prefix."""
    return covers(rule, prefix) or rule.startswith(keys_of(prefix))
