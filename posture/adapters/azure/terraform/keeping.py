"""What keeps logs in a planned storage account: immutability, containers and lifecycle rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from posture.adapters.azure.config import ContainerConfig, Immutability, LifecycleRule, StorageAccountConfig
from posture.adapters.azure.ids import holds_logs, holds_other_data, name_of, parent_of
from posture.adapters.azure.terraform.attributes import flag, silent, text
from posture.adapters.azure.terraform.beside import every, gone, joined, place_of, read_all, the_one
from posture.adapters.azure.terraform.identities import ACCOUNT, CONTAINER, SCOPE
from posture.adapters.azure.terraform.tools import Tools
from posture.adapters.planned import unplanned
from posture.model.facts import Fact, Known, Listing, Unknown, both, every_known
from posture.model.subjects import WormMode
from posture.terraform.place import Place
from posture.terraform.resources import Action, Resource
from posture.terraform.values import Values

Texts: TypeAlias = "tuple[str, ...]"
_CONTAINER: Final = "azurerm_storage_container"
_ACCOUNT_NAMED: Final = ("storage_account_id", "storage_account_name")
_POLICY: Final = "azurerm_storage_container_immutability_policy"
_POLICY_OF: Final = "storage_container_resource_manager_id"
_RULES: Final = "azurerm_storage_management_policy"
_ACCESS: Final = {"private": "None", "blob": "Blob", "container": "Container"}
_STATES: Final = {"unlocked": WormMode.GOVERNANCE, "locked": WormMode.COMPLIANCE, "disabled": WormMode.NONE}
_DELETES: Final = (
    "delete_after_days_since_modification_greater_than",
    "delete_after_days_since_creation_greater_than",
    "delete_after_days_since_last_access_time_greater_than",
)
_VERSIONS: Final = ("delete_after_days_since_creation",)


def immutability(account: Place) -> Fact[Immutability | None]:
    """Version-level immutability by default for the whole account."""

    def read(block: Place | None) -> Fact[Immutability | None]:
        if block is None:
            return Known(value=None, sources=(account.values.source,))
        return text(block, "state").then(lambda state: stated(block, _STATES.get(state.lower())))

    def stated(block: Place, mode: WormMode | None) -> Fact[Immutability | None]:
        if mode is None:
            return block.at("state").values.misfit("a state of immutability")
        if mode is WormMode.NONE:
            return Known(value=None, sources=(block.values.source,))
        appends = block.flag("allow_protected_append_writes")
        return both(block.number("period_since_creation_in_days"), appends).map(
            lambda pair: Immutability(mode=mode, days=pair[0], appends=pair[1])
        )

    return account.block("immutability_policy").then(read)


def containers(account: Resource, tools: Tools, was: Listing[ContainerConfig], part: str) -> Listing[ContainerConfig]:
    """The containers that hold logs, or the one that is looked at: those of the plan, and those that were there."""
    seen = {each.name: each for each in was.items}
    read = read_all(_every_container(account, tools), lambda place: _container(place, tools, seen))
    logs = Listing(
        items=tuple(each for each in read.items if holds_logs(each.name, part)), gaps=read.gaps, sources=read.sources
    )
    if account.made:
        return logs
    kept = replace(was, items=tuple(_under_policy(each, account, tools) for each in was.items))
    return joined(logs, kept, lambda each: each.name, _removed(account, tools))


def _under_policy(seen: ContainerConfig, account: Resource, tools: Tools) -> ContainerConfig:
    """A container outside of the plan, with the policy that a resource of the plan sets on it, or destroys."""

    def names(values: Values) -> bool:
        text = values.text(_POLICY_OF)
        named = text.value or "" if isinstance(text, Known) else ""
        around = name_of(parent_of(named, "storageAccounts"))
        return (around.lower(), name_of(named).lower()) == (tools.names.name(account).lower(), seen.name.lower())

    setting = [each for each in tools.plan.of_kind(_POLICY) if names(each.after)]
    ending = [each for each in tools.plan.departures if each.address.kind == _POLICY and names(each.before)]
    if setting:
        return replace(seen, immutability=_of_policy(place_of(setting[0])))
    if any(each.action is Action.DELETE for each in ending):
        return replace(seen, immutability=Known(value=None, sources=(ending[0].before.source,)))
    return seen


def others(account: Resource, tools: Tools, was: Listing[str], part: str) -> Listing[str]:
    """The containers that hold what is no monitoring data: those of the plan, and those that were there."""
    read = read_all(_every_container(account, tools), lambda place: text(place, "name"))
    names = tuple(name for name in read.items if holds_other_data(name, part))
    planned = Listing(items=names, gaps=read.gaps, sources=read.sources)
    return planned if account.made else joined(planned, was, lambda name: name, _removed(account, tools))


def _every_container(account: Resource, tools: Tools) -> Listing[Resource]:
    return every(tools.plan, account, _CONTAINER, _ACCOUNT_NAMED, ACCOUNT)


def _removed(account: Resource, tools: Tools) -> frozenset[object]:
    """The names of the containers that the plan takes away."""
    return frozenset(
        name.value
        for attribute in _ACCOUNT_NAMED
        for each in gone(tools.plan, account, _CONTAINER, attribute, ACCOUNT)
        if isinstance(name := each.before.text("name"), Known)
    )


def lifecycle(account: Resource, tools: Tools, was: StorageAccountConfig | None) -> Fact[tuple[LifecycleRule, ...]]:
    """The rules of the resource that sets them; once it is destroyed there are none."""
    found = the_one(tools.plan, account, _RULES, "storage_account_id", ACCOUNT)
    if isinstance(found, Unknown):
        return found
    if found.value is not None:
        return found.value.each("rule").then(lambda rules: every_known(map(_rule, rules))).map(_enabled)
    destroyed = gone(tools.plan, account, _RULES, "storage_account_id", ACCOUNT)
    if was is None or destroyed:
        return Known(value=(), sources=tuple(each.before.source for each in destroyed) or found.sources)
    return was.lifecycle


def _container(place: Place, tools: Tools, seen: Mapping[str, ContainerConfig]) -> Fact[ContainerConfig]:
    resource = place.resource

    def read(name: str) -> ContainerConfig:
        access = text(place, "container_access_type").then(
            lambda word: (
                Known(value=_ACCESS[word.lower()], sources=())
                if word.lower() in _ACCESS
                else place.at("container_access_type").values.misfit("a kind of access")
            )
        )
        was = seen.get(name)
        fresh = resource is not None and resource.made
        none: Fact[bool] = Known(value=False, sources=(place.values.source,))
        unheld = unplanned(place.values.source, "whether a legal hold lets logs grow")
        return ContainerConfig(
            name=name,
            public_access=access,
            legal_hold=none if fresh else place.flag("has_legal_hold"),
            hold_appends=unheld if was is None else was.hold_appends,
            immutability=_policy(place, tools, none if fresh else place.flag("has_immutability_policy"), was),
            scope=_scope(place, tools),
            source=place.values.source,
        )

    return place.text("name").map(read)


def _scope(container: Place, tools: Tools) -> str:
    """The encryption scope; what is not known stands for one that nobody read."""
    resource = container.resource
    if resource is not None and silent(tools.plan, resource, "default_encryption_scope"):
        return ""
    found = tools.name_given(container, "default_encryption_scope", SCOPE)
    return found.value if isinstance(found, Known) else "(known after apply)"


def _policy(
    container: Place, tools: Tools, otherwise: Fact[bool], was: ContainerConfig | None
) -> Fact[Immutability | None]:
    """The policy of a container; `otherwise` says whether it has one that the plan does not hold."""
    if container.resource is None:
        return Known(value=None, sources=())
    resource = container.resource
    match the_one(tools.plan, resource, _POLICY, _POLICY_OF, CONTAINER):
        case Unknown() as unknown:
            return unknown
        case Known(value=Place() as place):
            return _of_policy(place)
        case _:
            pass
    if gone(tools.plan, resource, _POLICY, _POLICY_OF, CONTAINER):
        return Known(value=None, sources=(container.values.source,))
    untold = container.at("has_immutability_policy").values.misfit("enough to say which policy the container has")
    unseen = untold if was is None else was.immutability
    return otherwise.then(lambda has: unseen if has else Known(value=None, sources=()))


def _of_policy(place: Place) -> Fact[Immutability | None]:
    mode = flag(place, "locked").map(lambda on: WormMode.COMPLIANCE if on else WormMode.GOVERNANCE)
    some, every_one = (place.flag(f"protected_append_writes_{name}enabled") for name in ("", "all_"))
    appends = both(some, every_one).map(any)
    terms = both(mode, place.number("immutability_period_in_days"))
    return both(terms, appends).map(lambda all_: Immutability(mode=all_[0][0], days=all_[0][1], appends=all_[1]))


def _rule(rule: Place) -> Fact[tuple[bool, LifecycleRule]]:
    filters = rule.block("filters").map(lambda found: found or rule.at("filters", 0))
    prefixes = filters.then(lambda place: place.texts("prefix_match"))
    types = filters.then(lambda place: place.texts("blob_types"))
    tagged = filters.then(lambda place: place.each("match_blob_index_tag").map(bool))
    days = both(_earliest(rule, "base_blob", _DELETES), _earliest(rule, "version", _VERSIONS))
    matter = both(both(prefixes, types), both(tagged, days))
    name = rule.text("name")

    def made(found: tuple[tuple[Texts, Texts], tuple[bool, tuple[int | None, int | None]]]) -> LifecycleRule:
        (starts, kinds), (tags, (current, older)) = found
        return LifecycleRule(
            name=name.value if isinstance(name, Known) else "",
            prefixes=starts,
            append_blobs=not kinds or "appendBlob" in kinds,
            tagged=tags,
            after=current,
            versions_after=older,
            source=rule.values.source,
        )

    return both(rule.flag("enabled"), matter.map(made))


def _enabled(rules: tuple[tuple[bool, LifecycleRule], ...]) -> tuple[LifecycleRule, ...]:
    return tuple(rule for on, rule in rules if on)


def _earliest(rule: Place, part: str, names: tuple[str, ...]) -> Fact[int | None]:
    """Days until the deletion; the provider writes -1, and null, for no deletion."""

    def read(block: Place | None) -> Fact[int | None]:
        if block is None:
            return Known(value=None, sources=())
        days = every_known(block.at(name).values.number() for name in names)
        return days.map(lambda found: min((each for each in found if each is not None and each >= 0), default=None))

    actions = rule.block("actions")
    return actions.then(lambda found: Known(value=None, sources=()) if found is None else found.block(part).then(read))
