"""Lifecycle rules: of the resource of their own in its shapes since version 4, and of the bucket's own block."""

from __future__ import annotations

from collections.abc import Callable

from posture.adapters.aws.config import LifecycleRule
from posture.model.facts import Fact, Known, Unknown, every_known
from posture.terraform.place import Place

_STATUS = {"Enabled": True, "Disabled": False}
_SIZES = ("object_size_greater_than", "object_size_less_than")


def lifecycle(rules: Place) -> Fact[tuple[LifecycleRule, ...]]:
    """The rules of `aws_s3_bucket_lifecycle_configuration`."""
    return _each(rules, _rule)


def inline_lifecycle(rules: Place) -> Fact[tuple[LifecycleRule, ...]]:
    """The rules of the bucket's own block."""
    return _each(rules, _inline_rule)


def _each(rules: Place, read: Callable[[Place], Fact[LifecycleRule]]) -> Fact[tuple[LifecycleRule, ...]]:
    return rules.each().then(lambda places: every_known(map(read, places)))


def _rule(rule: Place) -> Fact[LifecycleRule]:
    enabled = rule.text("status").then(
        lambda status: (
            Known(value=_STATUS[status], sources=())
            if status in _STATUS
            else rule.at("status").values.misfit("a status of a rule")
        )
    )
    return _made(rule, enabled, _scope(rule), _versions(rule, "noncurrent_days"))


def _inline_rule(rule: Place) -> Fact[LifecycleRule]:
    scope = rule.text("prefix").map(lambda prefix: (prefix, _narrowed(rule)))
    return _made(rule, rule.flag("enabled"), scope, _versions(rule, "days"))


def _made(
    rule: Place, enabled: Fact[bool], scope: Fact[tuple[str, tuple[str, ...]]], versions: Fact[int | None]
) -> Fact[LifecycleRule]:
    match enabled, scope, _expiration(rule), versions:
        case Known(value=on), Known(value=(prefix, narrowed)), Known(value=(days, date)), Known(value=noncurrent):
            name = rule.text("id")
            made = LifecycleRule(
                name=name.value if isinstance(name, Known) else "",
                enabled=on,
                prefix=prefix,
                narrowed=narrowed,
                expires_after=days or None,
                expires_on=date,
                noncurrent_after=noncurrent,
                source=rule.values.source,
            )
            return Known(value=made, sources=(rule.values.source,))
        case parts:
            return next(part for part in parts if isinstance(part, Unknown))


def _expiration(rule: Place) -> Fact[tuple[int, str]]:
    """Days, 0 for none, and the date."""

    def read(block: Place | None) -> Fact[tuple[int, str]]:
        if block is None:
            return Known(value=(0, ""), sources=())
        return block.number("days").then(lambda days: block.text("date").map(lambda date: (days, date[:10])))

    return rule.block("expiration").then(read)


def _versions(rule: Place, name: str) -> Fact[int | None]:
    def read(block: Place | None) -> Fact[int | None]:
        if block is None:
            return Known(value=None, sources=())
        return block.number(name).map(lambda days: days)

    return rule.block("noncurrent_version_expiration").then(read)


def _scope(rule: Place) -> Fact[tuple[str, tuple[str, ...]]]:
    """The prefix, at the top in the older form, else in the filter, alone or combined; and the other conditions."""

    def read(block: Place | None) -> Fact[tuple[str, tuple[str, ...]]]:
        if block is None:
            return rule.text("prefix").map(lambda prefix: (prefix, ()))
        return block.block("and").then(lambda combined: joined(block, combined))

    def joined(block: Place, combined: Place | None) -> Fact[tuple[str, tuple[str, ...]]]:
        places = (rule, block) if combined is None else (rule, block, combined)
        prefix = ""
        for place in places:
            match place.text("prefix"):
                case Known(value=text):
                    prefix = prefix or text
                case Unknown() as unknown:
                    return unknown
        narrowed = _narrowed(block) if combined is None else (*_narrowed(block), *_narrowed(combined))
        return Known(value=(prefix, narrowed), sources=())

    return rule.block("filter").then(read)


def _narrowed(place: Place) -> tuple[str, ...]:
    """The conditions on tags and sizes, in words; one that is not known is one all the same."""
    found: list[str] = []
    for name in ("tag", "tags"):
        raw = place.at(name).values
        if raw.raw or raw.unknown is True:
            found.append("a tag")
    for name in _SIZES:
        size = place.number(name)
        if isinstance(size, Unknown) or size.value:
            found.append(f"{name} {size.value if isinstance(size, Known) else ''}".strip())
    return tuple(found)
