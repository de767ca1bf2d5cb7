"""The resources of a plan or a state: what will be there, what leaves, and what was there before."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from posture.frozen import dataclass
from posture.model.facts import Known, Source
from posture.redaction import redact
from posture.terraform.address import DATA, Address, parse_address
from posture.terraform.document import Part
from posture.terraform.values import Json, Values, conceal, merged


class Action(StrEnum):
    """What is planned for a resource."""

    NONE = "none"  # nothing, or the input does not say: a state, a data source already read, a plan without changes
    NO_OP = "no-op"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"  # the old object is destroyed, with what is in it
    REPLACE_AND_FORGET = "replace and forget"  # the old object stays, outside of Terraform
    READ = "read"  # a data source that can be read only during apply
    DELETE = "delete"
    FORGET = "forget"  # leaves Terraform and goes on existing
    OTHER = "other"


_ACTIONS: Final = {
    ("no-op",): Action.NO_OP,
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("create", "forget"): Action.REPLACE_AND_FORGET,
    ("read",): Action.READ,
    ("delete",): Action.DELETE,
    ("forget",): Action.FORGET,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resource:
    """A resource instance, managed or data, as it will be. `before` is None where there is nothing yet."""

    address: Address
    provider: str  # hashicorp/aws: no host, which differs between Terraform and OpenTofu
    action: Action
    reason: str = ""  # why, in Terraform's word: read_because_config_unknown
    previous_address: str = ""  # before a `moved` block took effect
    deferred: str = ""  # why this will be planned only in a later run
    importing: bool = False
    after: Values
    before: Values | None = None
    beside: Address | None = None  # of what stands in the configuration for a store that no resource of the plan makes

    @property
    def written(self) -> Address:
        """Where in the configuration its provider and its lines are found."""
        return self.beside or self.address

    @property
    def shown(self) -> str:
        """The address without secrets, as facts name their source."""
        return self.after.source.operation

    def known(self, attribute: str) -> str:
        """A text that the plan knows; empty where it does not, or where it is null."""
        raw = self.after.raw
        if not isinstance(raw, dict) or not isinstance(raw.get(attribute), str):
            return ""
        match self.after.text(attribute):
            case Known(value=str(text)):
                return text
            case _:
                return ""

    @property
    def new(self) -> bool:
        """Whether there is nothing yet that could have a setting of its own."""
        return self.action is Action.CREATE and not self.importing

    @property
    def made(self) -> bool:
        """Whether this plan makes the object, also anew, so that it has nothing but what the plan gives it."""
        return self.new or self.action in {Action.REPLACE, Action.REPLACE_AND_FORGET}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Departure:
    """A resource instance that the plan destroys, or lets go: DELETE or FORGET."""

    address: Address
    provider: str
    action: Action
    reason: str = ""
    before: Values

    @property
    def written(self) -> Address:
        """Where in the configuration its provider and its lines are found."""
        return self.address

    @property
    def shown(self) -> str:
        """The address without secrets, as facts name their source."""
        return self.before.source.operation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drift:
    """What was changed outside of Terraform since the last apply. `after` is None when it was removed there."""

    address: Address
    before: Values | None
    after: Values | None

    @property
    def attributes(self) -> frozenset[str] | None:
        """The attributes that are others now; None when the whole object came or went."""
        if self.before is None or self.after is None:
            return None
        before, after = self.before.raw, self.after.raw
        if not isinstance(before, dict) or not isinstance(after, dict):
            return None
        return frozenset(name for name in {*before, *after} if before.get(name) != after.get(name))


def formerly(resource: Resource) -> Resource | None:
    """A resource as it was, with nothing planned for it; None for one that is new. Data read before stays as it is."""
    if resource.action is Action.NONE and resource.before is None:
        return resource if resource.address.kind.startswith(f"{DATA}.") else None
    return None if resource.before is None else _unchanging(resource, resource.before)


def departing(departure: Departure) -> Resource:
    """A resource that leaves, as it was."""
    return _unchanging(departure, departure.before)


def read_change(part: Part, salt: bytes, *, deferred: str = "") -> Resource | Departure | None:
    """One entry of `resource_changes`; None for an old object that is only waiting to be destroyed."""
    address = _address(part)
    if part.member("deposed").value is not None:
        return None
    change = part.member("change")
    actions = change.member("actions").texts()
    action = _ACTIONS.get(actions, Action.OTHER)
    before, after = _sides(change, address, salt)
    gone = action in {Action.DELETE, Action.FORGET} or (action is Action.OTHER and after is None)
    provider, reason = _provider(part), part.member("action_reason").text()
    if gone and before is not None:
        return Departure(address=address, provider=provider, action=action, reason=reason, before=before)
    if gone:
        part.member("change").member("before").refuse("the object that leaves")
    return Resource(
        address=address,
        provider=provider,
        action=action,
        reason=reason,
        previous_address=part.member("previous_address").text(),
        deferred=deferred,
        importing=change.member("importing").value is not None,
        after=after or _values({}, address, salt),
        before=before,
    )


def read_drift(part: Part, salt: bytes) -> Drift:
    """One entry of `resource_drift`."""
    address = _address(part)
    before, after = _sides(part.member("change"), address, salt)
    return Drift(address=address, before=before, after=after)


def read_values(root: Part, salt: bytes, *, exact: bool, seen: frozenset[str] = frozenset()) -> Iterator[Resource]:
    """The resources of a tree of values that were not `seen`. Unless it is `exact`, what it leaves out is unknown."""
    modules = [root]
    while modules:
        module = modules.pop()
        modules.extend(reversed(module.member("child_modules").items()))
        for part in module.member("resources").items():
            if part.member("address").text() in seen or part.member("deposed_key").value is not None:
                continue
            address = _address(part)
            values = part.member("values").mapping()
            secret = part.member("sensitive_values").value
            yield Resource(
                address=address,
                provider=_provider(part),
                action=Action.NONE,
                after=_values(values, address, salt, secret=secret, exact=exact),
            )


def _unchanging(entry: Resource | Departure, values: Values) -> Resource:
    return Resource(address=entry.address, provider=entry.provider, action=Action.NONE, after=values, before=values)


def _sides(change: Part, address: Address, salt: bytes) -> tuple[Values | None, Values | None]:
    """Before and after. What is secret on one side is secret on both."""
    secret = merged(change.member("before_sensitive").value, change.member("after_sensitive").value)
    before, after = change.member("before"), change.member("after")
    unknown = change.member("after_unknown").value
    return (
        _values(before.mapping(), address, salt, secret=secret, exact=True) if before.value is not None else None,
        _values(after.mapping(), address, salt, secret=secret, exact=isinstance(unknown, dict), unknown=unknown)
        if after.value is not None or unknown is True
        else None,
    )


def _values(
    raw: Json, address: Address, salt: bytes, *, secret: Json = None, exact: bool = False, unknown: Json = None
) -> Values:
    kept, hidden = conceal(raw, secret, salt)
    source = Source(operation=redact(address.text) if address.keyed else address.text)
    return Values(raw=kept, unknown=unknown, secret=hidden, exact=exact, whole=source, salt=salt)


def _address(part: Part) -> Address:
    address = parse_address(part.member("address").text())
    if address is None:
        part.member("address").refuse("the address of a resource")
    kind, mode = part.member("type").text(), part.member("mode").text()
    if address.kind != (kind if mode == "managed" else f"{mode}.{kind}") or address.name != part.member("name").text():
        part.refuse("an address that agrees with mode, type and name")
    return address


def _provider(part: Part) -> str:
    return "/".join(part.member("provider_name").text().split("/")[-2:])
