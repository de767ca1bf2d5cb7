"""Policies of the tests' own: one control each, so that one fact decides how a run ends."""

from __future__ import annotations

from pathlib import Path


def policy(folder: Path, field: str, value: str, *, severity: str = "high", about: str = "store") -> str:
    """Write a policy that asks one field to equal a value, and return the name of its file."""
    name = f"{field.replace('.', '-').replace('_', '-')}-{severity}"
    text = f"""\
policy: {name}
title: One control, for a test
controls:
  - id: {name}
    title: One fact is as it should be
    severity: {severity}
    since: "0.1"
    about: {about}
    why: The test wants to see how a run ends.
    fix: {{aws: Change the fact.}}
    references: {{soc2: ["CC6.1"]}}
    require:
      {field}: {{equals: {value}}}
    examples:
      pass: [{{{field}: {value}}}]
      fail: [{{{field}: {_other(value)}}}]
      unknown: [{{{field}: {{unknown: denied}}}}]
"""
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return f"{name}.yaml"


def _other(value: str) -> str:
    return {"true": "false", "false": "true", "enabled": "suspended"}[value]
