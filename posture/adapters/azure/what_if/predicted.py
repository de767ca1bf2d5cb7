"""The resources of a what-if as answers of Azure Resource Manager."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, cast

from posture.adapters.azure.ids import name_of, subscription_of, type_of, within
from posture.adapters.azure.unsettled import Placed
from posture.adapters.planned import NEEDS_CONTEXT
from posture.model.facts import Reason, Source, Unknown
from posture.reading import Json
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Resource
from posture.terraform.values import Values
from posture.terraform.what_if import identified

_ACCOUNT: Final = "microsoft.storage/storageaccounts"
_CONTAINER: Final = "microsoft.storage/storageaccounts/blobservices/containers"
_ENDPOINT: Final = "microsoft.network/privateendpoints"
_VAULT: Final = "microsoft.keyvault/vaults"
_HELD: Final = ("hasImmutabilityPolicy", "hasLegalHold")
NEW: Final = "new "  # in the place of the address of a blob service that is not there yet
_DETAILS: Final = frozenset({"immutabilityPolicy", "legalHold"})  # which answers give only where there is one
_AUTHORITY_KIND: Final = "microsoft.authorization"
_AUTHORITY: Final = f"/providers/{_AUTHORITY_KIND}/"
_SCOPED: Final = frozenset({"roleassignments", "locks", "denyassignments"})
_CHOSEN: Final[Mapping[str, tuple[str, ...]]] = {
    _ACCOUNT: ("allowBlobPublicAccess", "minimumTlsVersion", "allowCrossTenantReplication"),
    "microsoft.eventhub/namespaces": ("minimumTlsVersion",),
    "microsoft.eventhub/namespaces/eventhubs": ("messageRetentionInDays",),
    "microsoft.operationalinsights/workspaces": ("retentionInDays",),
}
"""What versions of the API, tiers, and policies of the organisation give to what is new in different ways."""
_READ_ONLY: Final[Mapping[str, tuple[str, ...]]] = {
    _ACCOUNT: ("keyCreationTime", "primaryEndpoints", "privateEndpointConnections"),
    _CONTAINER: (*_HELD, "immutabilityPolicy", "legalHold"),
    "microsoft.eventhub/namespaces": ("privateEndpointConnections",),
}
"""What no template sets: a prediction may leave it out of what is there, and what was there before stays."""


class Predicted:
    """Finds resources by their ids, which compare without regard to case."""

    def __init__(self, plan: Plan, as_of: datetime) -> None:
        self._as_of = as_of
        self._resources = {each.address.text.lower().rstrip("/"): each for each in plan.resources if identified(each)}
        self._unidentified = tuple(each for each in plan.resources if not identified(each))
        self._gone = {each.address.text.lower().rstrip("/") for each in plan.departures}
        self._incomplete = plan.incomplete

    def get(self, path: str) -> Resource | None:
        """The resource with an id."""
        return self._resources.get(path.lower().rstrip("/"))

    def gone(self, path: str) -> bool:
        """Whether the deployment deletes it."""
        return path.lower().rstrip("/") in self._gone

    def new_owner(self, path: str) -> Resource | None:
        """The innermost resource around a path that the deployment makes: what is in it is in the what-if."""
        owners = (each for each in self._around(path) if each.action is Action.CREATE)
        return next(owners, None)

    def doubt(self, kind: str) -> Unknown | None:
        """Why resources of a kind may be made that are not in the what-if, or of which nobody can tell the id."""
        for resource in self._unidentified:
            if resource.address.kind == kind:
                return resource.after.obstacle()
        if self._incomplete:
            return Unknown(
                reason=Reason.UNDETERMINED, detail=self._incomplete[0], needs="a what-if of the whole template"
            )
        return None

    def unidentified(self, kinds: frozenset[str]) -> Iterator[Resource]:
        """The resources of some kinds of which only the deployment tells the id."""
        return (each for each in self._unidentified if each.address.kind in kinds)

    def under(self, path: str, owner: str) -> Iterator[Resource]:
        """The items of a collection: of a resource, of a subscription, or what is held over a scope."""
        collection = path.lower().rstrip("/")
        kind = type_of(collection)
        last = kind.rpartition("/")[2]
        whole = owner.count("/") == 2 and owner.lower().startswith("/subscriptions/")  # noqa: PLR2004 - of such an id
        for identity, resource in self._resources.items():
            if last in _SCOPED and kind.startswith(f"{_AUTHORITY_KIND}/"):
                scope = identity.partition(_AUTHORITY)[0]
                above = within(scope, owner)
                if resource.address.kind == kind and (above or (last != "locks" and within(owner, scope))):
                    yield resource
            elif whole:
                if resource.address.kind == kind and subscription_of(identity) == subscription_of(owner):
                    yield resource
            elif identity.rpartition("/")[0] == collection:
                yield resource

    def answer(self, resource: Resource) -> Mapping[str, Json]:
        """The resource as Azure would answer it; what is not known of it is an Unknown in its place."""
        identity, source = resource.address.text, resource.after.source
        outline = {"id": identity, "name": name_of(identity)}
        if resource.after.unknown is True:
            return Placed({**outline, "properties": cast("Json", resource.after.obstacle())}, source)
        found = {**cast("dict[str, Json]", _told(resource.after, resource.before)), **outline}
        given = found.get("properties")
        if given is None or isinstance(given, Mapping):
            own = {each.lower() for each in _READ_ONLY.get(resource.address.kind, ())}
            said = {
                name: value
                for name, value in (given or {}).items()
                if value is not None and not (name.lower() in own and isinstance(value, Unknown))
            }
            named = {**_left_out(resource), **_kept(resource), **self._new(resource), **said}
            found["properties"] = cast("Json", {**named, **self._beside(identity, resource.address.kind)})
        return Placed(found, source)

    def amended(self, item: Json) -> Json:
        """An item that a scan saw, with what the deployment makes of its parts that are resources of their own."""
        if not isinstance(item, Mapping):
            return item
        identity, properties = str(item.get("id", "")), item.get("properties")
        changed = self._beside(identity, type_of(identity))
        if not changed or not isinstance(properties, Mapping):
            return item
        return {**item, "properties": cast("Json", {**properties, **changed})}

    def _beside(self, identity: str, kind: str) -> Mapping[str, object]:
        """What resources of the what-if set of another one, which says it too."""
        if kind.startswith(f"{_AUTHORITY_KIND}/"):
            return {"scope": identity[: identity.lower().rfind(_AUTHORITY)] or "/"}
        if kind == _CONTAINER:
            policy = f"{identity}/immutabilityPolicies/default"
            if self.known(policy):
                return {"hasImmutabilityPolicy": not self.gone(policy), "immutabilityPolicy": None}
        if kind == _VAULT:
            policies = f"{identity.lower()}/accesspolicies/"
            added = (each.after.source for path, each in self._resources.items() if path.startswith(policies))
            source = next(added, None)
            return {} if source is None else {"accessPolicies": _unsaid(source)}
        return {}

    def _new(self, resource: Resource) -> Mapping[str, object]:
        """What Azure gives a new resource of which the template does not say it."""
        kind, identity = resource.address.kind, resource.address.text
        if resource.action is not Action.CREATE:
            return {}
        chosen = dict.fromkeys(_CHOSEN.get(kind, ()), _chosen(resource.after.source))
        if kind != _ACCOUNT:
            return chosen
        endpoints = any(each.address.kind == _ENDPOINT for each in self._resources.values())
        return {
            **chosen,
            "supportsHttpsTrafficOnly": True,  # the default since version 2019-04-01 of the API
            "keyCreationTime": dict.fromkeys(("key1", "key2"), self._as_of.isoformat()),
            "primaryEndpoints": {"blob": f"{NEW}{identity}"},
            **({"privateEndpointConnections": _unsaid(resource.after.source)} if endpoints else {}),
        }

    def known(self, identity: object) -> bool:
        """Whether the what-if says what becomes of a resource."""
        path = identity.lower().rstrip("/") if isinstance(identity, str) else ""
        return path in self._resources or path in self._gone

    def _around(self, path: str) -> Iterator[Resource]:
        parts = path.lower().rstrip("/").split("/")
        for length in range(len(parts), 0, -1):
            if (found := self._resources.get("/".join(parts[:length]))) is not None:
                yield found


def _kept(resource: Resource) -> Mapping[str, object]:
    """What of a resource that is there only Azure itself sets, as it was."""
    before = resource.before.at("properties") if resource.before is not None else None
    if before is None or not isinstance(before.raw, dict):
        return {}
    names = {each.lower() for each in _READ_ONLY.get(resource.address.kind, ())}
    return {name: _told(before.at(name), None) for name in before.raw if name.lower() in names}


def _left_out(resource: Resource) -> Mapping[str, object]:
    """What it should say of a resource that is there, and does not say either before or after."""
    if resource.action is Action.CREATE:
        return {}
    was = {name.lower() for name in _kept(resource)}
    names = (each for each in _READ_ONLY.get(resource.address.kind, ()) if each not in _DETAILS)
    return {name: _unsaid(resource.after.source) for name in names if name.lower() not in was}


def _unsaid(source: Source) -> Unknown:
    return Unknown(
        reason=Reason.NOT_COLLECTED,
        sources=(source.at("properties"),),
        detail="the what-if leaves this out",
        needs=NEEDS_CONTEXT,
    )


def _chosen(source: Source) -> Unknown:
    return Unknown(
        reason=Reason.UNDETERMINED,
        sources=(source.at("properties"),),
        detail="the template does not say it, and Azure decides when the resource is made",
        needs="the property in the template",
    )


def _removed(values: Values) -> Unknown:
    """Azure says itself that what-ifs list properties as removed which stay, or fall back to a default."""
    return Unknown(
        reason=Reason.UNDETERMINED,
        sources=(values.source,),
        detail="the template does not say it, and the what-if takes it for removed: Azure may keep it",
        needs="the property in the template",
    )


def _told(after: Values, before: Values | None) -> object:
    match after.raw:
        case dict() as members:
            was = before.raw if before is not None and isinstance(before.raw, dict) else {}
            stays = {name.lower() for name, value in members.items() if value is not None}
            gone = [name for name, value in was.items() if value is not None and name.lower() not in stays]
            now = {name: _told(after.at(name), before and before.at(name)) for name in members}
            return {**now, **{name: _removed(after.at(name)) for name in gone}}
        case list() as items:
            return [_told(after.at(index), None) for index in range(len(items))]
        case raw:
            return after.obstacle() or raw
