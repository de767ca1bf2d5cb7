"""Planned trails as the records of trails."""

from __future__ import annotations

from typing import Final

from posture.adapters.aws.config import FieldSelector, ObjectSelector, Selectors, TrailConfig
from posture.adapters.aws.terraform.homes import Homes
from posture.adapters.planned import placeholder
from posture.model.facts import Fact, Known, every_known
from posture.terraform.place import Place
from posture.terraform.resources import Resource

KIND: Final = "aws_cloudtrail"
_OBJECTS: Final = "AWS::S3::Object"
_READS_WRITES: Final = {"": (True, True), "All": (True, True), "ReadOnly": (True, False), "WriteOnly": (False, True)}
_OPERATORS: Final = ("equals", "starts_with", "ends_with", "not_equals", "not_starts_with", "not_ends_with")


def trail(resource: Resource, homes: Homes) -> TrailConfig:
    """A trail as it will be. The provider starts it and records every Region only where it is told so."""
    place = Place(values=resource.after, resource=resource)
    home = homes.of(resource)
    region = home.region.value if isinstance(home.region, Known) else ""
    account = home.account.value if isinstance(home.account, Known) else ""
    name = resource.known("name") or placeholder(resource)
    return TrailConfig(
        arn=resource.known("arn") or f"arn:{home.partition}:cloudtrail:{region}:{account}:trail/{name}",
        home_region=resource.known("home_region") or region,
        multi_region=place.flag("is_multi_region_trail"),
        validated=place.flag("enable_log_file_validation"),
        running=place.at("enable_logging").values.flag().map(lambda flag: flag is not False),
        selectors=_selectors(place),
    )


def _selectors(place: Place) -> Fact[Selectors]:
    classic = place.each("event_selector").then(lambda blocks: every_known(map(_classic, blocks)))
    advanced = place.each("advanced_event_selector").then(lambda blocks: every_known(map(_advanced, blocks)))
    return classic.then(
        lambda first: advanced.then(
            lambda second: Known(value=Selectors(classic=first, advanced=second), sources=(place.values.source,))
        )
    )


def _classic(block: Place) -> Fact[ObjectSelector]:
    def made(kinds: str, prefixes: tuple[str, ...]) -> Fact[ObjectSelector]:
        if kinds not in _READS_WRITES:
            return block.at("read_write_type").values.misfit("a kind of events")
        reads, writes = _READS_WRITES[kinds]
        return Known(value=ObjectSelector(reads=reads, writes=writes, prefixes=prefixes), sources=())

    resources = block.each("data_resource").then(lambda blocks: every_known(map(_prefixes, blocks)))
    prefixes = resources.map(lambda groups: tuple(prefix for group in groups for prefix in group))
    return block.text("read_write_type").then(lambda kinds: prefixes.then(lambda texts: made(kinds, texts)))


def _prefixes(block: Place) -> Fact[tuple[str, ...]]:
    none: Fact[tuple[str, ...]] = Known(value=(), sources=())
    return block.text("type").then(lambda kind: block.texts("values") if kind == _OBJECTS else none)


def _advanced(block: Place) -> Fact[tuple[FieldSelector, ...]]:
    return block.each("field_selector").then(lambda conditions: every_known(map(_field, conditions)))


def _field(condition: Place) -> Fact[FieldSelector]:
    def made(name: str, values: tuple[tuple[str, ...], ...]) -> Fact[FieldSelector]:
        equals, starts, ends, not_equals, not_starts, not_ends = values
        made = FieldSelector(
            field=name,
            equals=equals,
            starts_with=starts,
            ends_with=ends,
            not_equals=not_equals,
            not_starts_with=not_starts,
            not_ends_with=not_ends,
        )
        return Known(value=made, sources=())

    texts = every_known(condition.texts(operator) for operator in _OPERATORS)
    return condition.text("field").then(lambda name: texts.then(lambda values: made(name, values)))
