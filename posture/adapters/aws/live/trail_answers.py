"""The answers of CloudTrail: JSON in, facts out."""

from __future__ import annotations

from posture.adapters.aws.config import FieldSelector, ObjectSelector, Selectors
from posture.adapters.aws.live.answers import Record, each, flag, found, malformed, text, texts
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Source

_OBJECTS = "AWS::S3::Object"
_READS_WRITES = {"": (True, True), "All": (True, True), "ReadOnly": (True, False), "WriteOnly": (False, True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A trail as the list of trails shows it."""

    arn: str
    home_region: str
    multi_region: Fact[bool]
    validated: Fact[bool]


def heads(answer: Record, source: Source) -> Fact[tuple[Head, ...]]:
    """The trails that see a Region."""
    return found(each(answer.get("trailList"), _head, source.at("trailList")), source.at("trailList"), "trails")


def _head(trail: Record, source: Source) -> Head | None:
    arn, home = text(trail, "TrailARN"), text(trail, "HomeRegion")
    if not arn or not home:
        return None
    multi, validated = flag(trail, "IsMultiRegionTrail"), flag(trail, "LogFileValidationEnabled")
    return Head(
        arn=arn,
        home_region=home,
        multi_region=found(multi, source.at("IsMultiRegionTrail"), "IsMultiRegionTrail"),
        validated=found(validated, source.at("LogFileValidationEnabled"), "LogFileValidationEnabled"),
    )


def running(answer: Record, source: Source) -> Fact[bool]:
    """Whether a trail records at the moment. One whose bucket turns its log files away keeps no record."""
    if text(answer, "LatestDeliveryError"):
        return Known(value=False, sources=(source.at("LatestDeliveryError"),))
    return found(flag(answer, "IsLogging"), source.at("IsLogging"), "IsLogging")


def selectors(answer: Record, source: Source) -> Fact[Selectors]:
    """What a trail records: selectors of one kind or the other; the list of the other may be there and empty."""
    present = tuple(name for name in ("AdvancedEventSelectors", "EventSelectors") if answer.get(name))
    place = source.at(*present[:1])
    advanced = each(answer.get("AdvancedEventSelectors", []), _advanced, place)
    classic = each(answer.get("EventSelectors", []), _classic, place)
    if advanced is None or classic is None or not {"AdvancedEventSelectors", "EventSelectors"} & answer.keys():
        return malformed(place, "no usable event selectors")
    return Known(value=Selectors(classic=classic, advanced=advanced), sources=(place,))


def _classic(selector: Record, source: Source) -> ObjectSelector | None:
    kinds = _READS_WRITES.get(text(selector, "ReadWriteType"))
    resources = each(selector.get("DataResources", []), _object_prefixes, source)
    if kinds is None or resources is None:
        return None
    reads, writes = kinds
    prefixes = tuple(prefix for group in resources for prefix in group)
    return ObjectSelector(reads=reads, writes=writes, prefixes=prefixes)


def _object_prefixes(resource: Record, _source: Source) -> tuple[str, ...]:
    return texts(resource, "Values") if text(resource, "Type") == _OBJECTS else ()


def _advanced(selector: Record, source: Source) -> tuple[FieldSelector, ...] | None:
    return each(selector.get("FieldSelectors"), _field, source)


def _field(condition: Record, _source: Source) -> FieldSelector | None:
    if not text(condition, "Field"):
        return None
    return FieldSelector(
        field=text(condition, "Field"),
        equals=texts(condition, "Equals"),
        starts_with=texts(condition, "StartsWith"),
        ends_with=texts(condition, "EndsWith"),
        not_equals=texts(condition, "NotEquals"),
        not_starts_with=texts(condition, "NotStartsWith"),
        not_ends_with=texts(condition, "NotEndsWith"),
    )
