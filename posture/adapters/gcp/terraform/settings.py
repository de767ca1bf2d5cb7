"""Blocks of a planned bucket as the records of a bucket, in the shapes of every version of the provider.

Each reader takes the place of its own attribute; what is written nowhere is off, as Cloud Storage has it.
"""

from __future__ import annotations

import re
from typing import Final

from posture.adapters.gcp.config import CorsRule, IpFilter, LifecycleRule, RetentionPolicy, UsageLogs
from posture.model.facts import Fact, Known, Unknown, both, every_known
from posture.model.subjects import Versioning
from posture.terraform.place import Place
from posture.terraform.values import Values

_REGION: Final = re.compile(r"[a-z]+-[a-z]+[0-9]+")
_SEVERAL: Final = frozenset({"us", "eu", "asia", "nam4", "eur4", "eur5", "eur7", "eur8", "asia1"})
_PREVENTION: Final = {"": False, "inherited": False, "unspecified": False, "enforced": True}
_OBJECTIVES: Final = {"": False, "DEFAULT": False, "ASYNC_TURBO": True}
_MODES: Final = {"": False, "Disabled": False, "Enabled": True}
_STATES: Final = {"": None, "ANY": None, "LIVE": True, "ARCHIVED": False}


def location(place: Place) -> Fact[str]:
    """The location in lower case, as regions are written everywhere else."""
    sources = (place.values.source,)
    return place.text().then(
        lambda text: Known(value=text.lower(), sources=sources) if text else place.values.misfit("a location")
    )


def multiple(place: Place) -> Fact[bool]:
    """Whether objects lie in two Regions or more; of a location that is new to us its name does not tell."""

    def by_name(name: str) -> Fact[bool]:
        if name in _SEVERAL or _REGION.fullmatch(name):
            return Known(value=name in _SEVERAL, sources=(place.values.source,))
        return place.at("location").values.misfit("a location whose kind we know")

    def decided(placement: Place | None) -> Fact[bool]:
        if placement is not None:
            return Known(value=True, sources=(placement.values.source,))
        return location(place.at("location")).then(by_name)

    return place.block("custom_placement_config").then(decided)


def prevention(place: Place) -> Fact[bool]:
    """Public access prevention as the bucket itself sets it."""
    return place.text().then(
        lambda text: (
            Known(value=_PREVENTION[text], sources=(place.values.source,))
            if text in _PREVENTION
            else place.values.misfit("a state of public access prevention")
        )
    )


def retention(place: Place) -> Fact[RetentionPolicy | None]:
    """The retention policy. Since version 7 the provider writes its seconds as a text."""

    def read(block: Place | None) -> Fact[RetentionPolicy | None]:
        if block is None:
            return Known(value=None, sources=(place.values.source,))
        return both(seconds(block.at("retention_period")), block.flag("is_locked")).map(
            lambda pair: RetentionPolicy(seconds=pair[0], locked=pair[1])
        )

    return place.block().then(read)


def seconds(place: Place) -> Fact[int]:
    """A number of seconds, also one that is written as a text, with or without its unit; 0 for null."""
    raw = place.values.raw
    if not isinstance(raw, str):
        return place.number()
    digits = raw.removesuffix("s").partition(".")[0]
    if not digits.isascii() or not digits.isdecimal():
        return place.values.obstacle() or place.values.misfit("a number of seconds")
    return place.text().map(lambda _: int(digits))


def versioning(place: Place) -> Fact[Versioning]:
    """Object versioning; one that is written as off keeps the versions that there are."""

    def read(block: Place | None) -> Fact[Versioning]:
        if block is None:
            return Known(value=Versioning.NEVER, sources=(place.values.source,))
        return block.flag("enabled").map(lambda on: Versioning.ENABLED if on else Versioning.SUSPENDED)

    return place.block().then(read)


def usage_logs(place: Place, bucket: Fact[str]) -> Fact[UsageLogs | None]:
    """Where usage logs go; by themselves their names begin with that of the bucket."""

    def read(block: Place | None) -> Fact[UsageLogs | None]:
        if block is None:
            return Known(value=None, sources=(place.values.source,))
        prefix = block.at("log_object_prefix").values
        text = block.text("log_object_prefix") if prefix.raw is None or isinstance(prefix.raw, str) else None
        name = text if isinstance(text, Known) else Known(value="", sources=())
        return bucket.map(lambda target: UsageLogs(bucket=target, prefix=name.value))

    return place.block().then(read)


def website(place: Place) -> Fact[bool]:
    """A website serves a main page or one for what is not found."""

    def read(block: Place | None) -> Fact[bool]:
        if block is None:
            return Known(value=False, sources=(place.values.source,))
        return both(block.text("main_page_suffix"), block.text("not_found_page")).map(any)

    return place.block().then(read)


def cors(place: Place) -> Fact[tuple[CorsRule, ...]]:
    """Which web origins may use which methods."""

    def read(rule: Place) -> Fact[CorsRule]:
        return both(rule.texts("origin"), rule.texts("method")).map(
            lambda pair: CorsRule(origins=pair[0], methods=pair[1], source=rule.values.source)
        )

    return place.each().then(lambda rules: every_known(map(read, rules)))


def turbo(place: Place) -> Fact[bool]:
    """Whether new objects are to lie in the second Region within fifteen minutes."""
    return place.text().then(
        lambda text: (
            Known(value=_OBJECTIVES[text], sources=(place.values.source,))
            if text in _OBJECTIVES
            else place.values.misfit("an objective of replication")
        )
    )


def labels(place: Place) -> Fact[tuple[tuple[str, str], ...]]:
    """Labels by name."""

    def one(entry: tuple[str, Values]) -> Fact[tuple[str, str]]:
        name, value = entry
        return value.text().map(lambda text: (name, text or ""))

    return place.values.entries().then(lambda found: every_known(map(one, sorted(found, key=lambda entry: entry[0]))))


def ip_filter(place: Place) -> Fact[IpFilter | None]:
    """The filter by networks, where it is in force."""

    def read(block: Place | None) -> Fact[IpFilter | None]:
        if block is None:
            return Known(value=None, sources=(place.values.source,))
        return block.text("mode").then(lambda mode: in_mode(block, mode))

    def in_mode(block: Place, mode: str) -> Fact[IpFilter | None]:
        if mode not in _MODES:
            return block.at("mode").values.misfit("a mode of an IP filter")
        return enforced(block) if _MODES[mode] else Known(value=None, sources=(block.values.source,))

    def enforced(block: Place) -> Fact[IpFilter | None]:
        ranges = block.each("public_network_source").then(
            lambda sources: every_known(source.texts("allowed_ip_cidr_ranges") for source in sources)
        )
        networks = block.each("vpc_network_sources").then(
            lambda sources: every_known(
                both(source.text("network"), source.texts("allowed_ip_cidr_ranges")) for source in sources
            )
        )
        return both(both(ranges, networks), block.flag("allow_all_service_agent_access")).map(
            lambda found: IpFilter(
                ranges=tuple(each for group in found[0][0] for each in group),
                networks=found[0][1],
                service_agents=found[1],
            )
        )

    return place.block().then(read)


def has_lifecycle(place: Place) -> Fact[bool]:
    """Whether there is any rule, whatever it does."""
    return place.each().map(bool)


def lifecycle(place: Place, *, unwritten_state: bool) -> Fact[tuple[LifecycleRule, ...]]:
    """The rules that delete; the others move objects, or end uploads that never became one.

    The state of the objects that a rule is about is filled in by apply where no rule writes it: then it is any.
    """

    def read(rule: Place) -> Fact[tuple[LifecycleRule, ...]]:
        return rule.block("action").then(lambda action: of_action(rule, action))

    def of_action(rule: Place, action: Place | None) -> Fact[tuple[LifecycleRule, ...]]:
        if action is None:
            return rule.values.misfit("a lifecycle rule")
        return action.text("type").then(
            lambda kind: (
                rule.block("condition").then(lambda asked: deletes(rule, asked))
                if kind == "Delete"
                else Known(value=(), sources=(rule.values.source,))
            )
        )

    def deletes(rule: Place, asked: Place | None) -> Fact[tuple[LifecycleRule, ...]]:
        if asked is None:
            return rule.values.misfit("a lifecycle rule with a condition")
        return _condition(asked, unwritten_state=unwritten_state).map(lambda found: (found,))

    return (
        place.each()
        .then(lambda rules: every_known(map(read, rules)))
        .map(lambda groups: tuple(rule for group in groups for rule in group))
    )


def _condition(asked: Place, *, unwritten_state: bool) -> Fact[LifecycleRule]:
    """The provider writes 0 and empty for conditions that a rule does not have, unless a flag says that it means 0."""
    counts = every_known(asked.number(name) for name in ("age", "num_newer_versions", "days_since_noncurrent_time"))
    zero = asked.flag("send_days_since_noncurrent_time_if_zero")
    days = every_known(asked.text(name) for name in ("created_before", "noncurrent_time_before"))
    state = asked.text("with_state").then(
        lambda text: (
            Known(value=_STATES[text], sources=(asked.values.source,))
            if text in _STATES
            else asked.at("with_state").values.misfit("a state of objects")
        )
    )
    if isinstance(state, Unknown) and unwritten_state and asked.at("with_state").values.unknown is True:
        state = Known(value=None, sources=())
    return both(both(both(counts, zero), days), both(state, asked.texts("matches_prefix"))).map(
        lambda found: LifecycleRule(
            age=found[0][0][0][0] or None,
            created_before=found[0][1][0],
            live=found[1][0],
            prefixes=found[1][1],
            newer_versions=found[0][0][0][1] or None,
            noncurrent_days=found[0][0][0][2] if found[0][0][0][2] or found[0][0][1] else None,
            noncurrent_before=found[0][1][1],
            source=asked.values.source,
        )
    )
