"""Allow policies and deny policies: JSON in, facts out."""

from __future__ import annotations

import json

from posture.adapters.gcp.config import AuditConfig, Binding, DenyRule, Policy
from posture.adapters.gcp.members import Record, each, found, malformed, number, record, setting, text, texts
from posture.model.facts import Fact, Known, Reason, Source, Unknown
from posture.reading import Answer

_NEWEST_VERSION = 3
_LEVELS_OF_VERSION = frozenset({0, 1, 3})


def policy(answer: Answer) -> Fact[Policy]:
    """A policy. One of a later version may mean something that we cannot see, so nothing of it is used."""
    return setting(answer, _policy)


def _policy(answer: Record, source: Source) -> Fact[Policy]:
    version = number({"version": 0, **answer}, "version")
    if version is None:
        return malformed(source.at("version"), "no usable version")
    if version not in _LEVELS_OF_VERSION:
        words = f"policy version {version} is none that we understand; the last one is {_NEWEST_VERSION}"
        return Unknown(reason=Reason.UNDETERMINED, sources=(source.at("version"),), detail=words)
    bindings = each(answer.get("bindings"), _binding, source.at("bindings"))
    audits = each(answer.get("auditConfigs"), _audit, source.at("auditConfigs"))
    if bindings is None or audits is None:
        return malformed(source, "no usable policy")
    written = json.dumps({"bindings": answer.get("bindings", [])}, sort_keys=True, ensure_ascii=False)
    return Known(value=Policy(bindings=bindings, audits=audits, text=written, source=source), sources=(source,))


def _binding(item: Record, source: Source) -> Binding | None:
    role, members, condition = text(item, "role"), texts(item, "members"), item.get("condition")
    expression = text(record(condition), "expression")
    if not role or members is None or (condition is not None and not expression):
        return None
    return Binding(role=role, members=members, condition=expression, source=source)


def _audit(item: Record, source: Source) -> AuditConfig | None:
    kinds = each(item.get("auditLogConfigs"), _kind, source.at("auditLogConfigs"))
    service = text(item, "service")
    return AuditConfig(service=service, kinds=kinds) if service and kinds is not None else None


def _kind(item: Record, _source: Source) -> tuple[str, tuple[str, ...]] | None:
    kind, exempted = text(item, "logType"), texts(item, "exemptedMembers")
    return (kind, exempted) if kind and exempted is not None else None


def deny_rules(answer: Answer) -> Fact[tuple[DenyRule, ...]]:
    """The rules of one deny policy."""
    return setting(
        answer,
        lambda value, source: found(each(value.get("rules"), _deny, source.at("rules")), source, "deny rules"),
    )


def _deny(item: Record, source: Source) -> DenyRule | None:
    rule = record(item.get("denyRule"))
    principals, permissions = texts(rule, "deniedPrincipals"), texts(rule, "deniedPermissions")
    excepted, spared = texts(rule, "exceptionPrincipals"), texts(rule, "exceptionPermissions")
    if not rule or principals is None or permissions is None or excepted is None or spared is None:
        return None
    return DenyRule(
        principals=principals,
        exceptions=excepted,
        permissions=permissions,
        excepted_permissions=spared,
        condition=text(record(rule.get("denialCondition")), "expression"),
        source=source,
    )
