"""The resources of a what-if as answers of Azure Resource Manager."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, cast

from posture.adapters.azure.ids import name_of, subscription_of, within
from posture.adapters.azure.live.members import Told
from posture.adapters.planned import NEEDS_CONTEXT
from posture.model.facts import Reason, Unknown
from posture.reading import Json
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Resource
from posture.terraform.values import Values

_ACCOUNT: Final = "microsoft.storage/storageaccounts"
_CONTAINER: Final = "microsoft.storage/storageaccounts/blobservices/containers"
_ENDPOINT: Final = "microsoft.network/privateendpoints"
_HELD: Final = ("hasImmutabilityPolicy", "hasLegalHold")
NEW: Final = "new "  # in the place of the address of a blob service that is not there yet
_SCOPED: Final = frozenset({"roleassignments", "locks", "denyassignments"})
_UNSAID: Final = "the template does not say it, and Azure decides when the resource is made"
_CHOSEN: Final = ("allowBlobPublicAccess", "minimumTlsVersion", "allowCrossTenantReplication")
"""What versions of the API and policies of the organisation give to new accounts in different ways."""
_READ_ONLY: Final = ("keyCreationTime", "primaryEndpoints", "privateEndpointConnections")
"""What a prediction may leave out of an account that is there."""


class Predicted:
    """Finds resources by their ids, which compare without regard to case."""

    def __init__(self, plan: Plan, as_of: datetime) -> None:
        self._as_of = as_of
        self._resources = {each.address.text.lower().rstrip("/"): each for each in plan.resources}
        self._gone = {each.address.text.lower().rstrip("/") for each in plan.departures}

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

    def under(self, path: str, owner: str) -> Iterator[Resource]:
        """The items of a collection: of a resource, of a subscription, or what is held over a scope."""
        collection = path.lower().rstrip("/")
        kind = collection.rpartition("/providers/")[2]
        last = kind.rpartition("/")[2]
        whole = owner.count("/") == 2 and owner.lower().startswith("/subscriptions/")  # noqa: PLR2004 - of such an id
        for identity, resource in self._resources.items():
            if last in _SCOPED and kind.startswith("microsoft.authorization/"):
                scope = identity.partition("/providers/microsoft.authorization/")[0]
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
        outline = {"id": resource.address.text, "name": name_of(resource.address.text)}
        if resource.after.unknown is True:
            return Told({**outline, "properties": cast("Json", resource.after.obstacle())}, resource.after.source)
        found = {**outline, **cast("dict[str, Json]", _told(resource.after))}
        given = found.get("properties")
        properties: dict[str, object] = dict(given) if isinstance(given, Mapping) else {}
        if given is None or isinstance(given, Mapping):
            for name, value in self._unsaid(resource).items():
                if name.lower() not in {each.lower() for each in properties}:
                    properties[name] = value
            found["properties"] = cast("Json", properties)
        return Told(found, resource.after.source)

    def _unsaid(self, resource: Resource) -> Mapping[str, object]:
        """What a prediction leaves out: of a new resource as it is documented, else not known."""
        new, source = resource.action is Action.CREATE, resource.after.source.at("properties")
        left_out = Unknown(
            reason=Reason.NOT_COLLECTED, sources=(source,), detail="the what-if leaves this out", needs=NEEDS_CONTEXT
        )
        chosen = Unknown(
            reason=Reason.UNDETERMINED, sources=(source,), detail=_UNSAID, needs="the property in the template"
        )
        match resource.address.kind:
            case str(kind) if kind == _CONTAINER:
                held = self.get(f"{resource.address.text}/immutabilityPolicies/default") is not None
                return {"hasImmutabilityPolicy": True} if held else {} if new else dict.fromkeys(_HELD, left_out)
            case str(kind) if kind == _ACCOUNT and new:
                endpoints = any(each.address.kind == _ENDPOINT for each in self._resources.values())
                return {
                    **dict.fromkeys(_CHOSEN, chosen),
                    "supportsHttpsTrafficOnly": True,  # the default since version 2019-04-01 of the API
                    "keyCreationTime": dict.fromkeys(("key1", "key2"), self._as_of.isoformat()),
                    "primaryEndpoints": {"blob": f"{NEW}{resource.address.text}"},
                    **({"privateEndpointConnections": left_out} if endpoints else {}),
                }
            case str(kind) if kind == _ACCOUNT:
                return dict.fromkeys(_READ_ONLY, left_out)
            case _:
                return {}

    def known(self, identity: object) -> bool:
        """Whether the what-if says what becomes of a resource."""
        path = identity.lower().rstrip("/") if isinstance(identity, str) else ""
        return path in self._resources or path in self._gone

    def _around(self, path: str) -> Iterator[Resource]:
        parts = path.lower().rstrip("/").split("/")
        for length in range(len(parts), 0, -1):
            if (found := self._resources.get("/".join(parts[:length]))) is not None:
                yield found


def _told(values: Values) -> object:
    match values.raw:
        case dict() as members:
            return {name: _told(values.at(name)) for name in members}
        case list() as items:
            return [_told(values.at(index)) for index in range(len(items))]
        case raw:
            return values.obstacle() or raw
