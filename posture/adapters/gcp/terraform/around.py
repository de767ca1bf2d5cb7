"""The resources of a plan that set the policy of one thing: `_iam_policy`, `_iam_binding`, `_iam_member`, and the like.

What is destroyed takes away what it set. What leaves Terraform says nothing any more: others may change it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from posture.adapters.gcp.terraform import identities
from posture.adapters.gcp.terraform.hierarchy import Hierarchy
from posture.adapters.gcp.terraform.identities import last
from posture.adapters.gcp.terraform.projects import Projects
from posture.model.facts import Known, Unknown
from posture.terraform.inventory import Identity, as_written
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Departure, Resource
from posture.terraform.values import Values

PARTS = ("policy", "binding", "member", "audit_config")


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The types of resources for one kind of thing, and the attribute that names it."""

    prefix: str
    attribute: str
    spelled: Callable[[str], str] = as_written

    def kind(self, part: str) -> str:
        """The type of one part."""
        return f"{self.prefix}_iam_{part}"


BUCKET = Family(prefix="google_storage_bucket", attribute="bucket")
MANAGED_FOLDER = Family(prefix="google_storage_managed_folder", attribute="bucket")
KEY = Family(prefix="google_kms_crypto_key", attribute="crypto_key_id")
RING = Family(prefix="google_kms_key_ring", attribute="key_ring_id", spelled=identities.RING.spelled)
PROJECT = Family(prefix="google_project", attribute="project", spelled=last)
FOLDER = Family(prefix="google_folder", attribute="folder", spelled=last)
ORGANISATION = Family(prefix="google_organization", attribute="org_id", spelled=last)
LEVELS: Mapping[str, Family] = {"projects": PROJECT, "folders": FOLDER, "organizations": ORGANISATION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """By part of a family: what is there, what the plan destroys, and why there may be more."""

    there: Mapping[str, tuple[Place, ...]]
    gone: Mapping[str, tuple[Values, ...]]
    unsure: Mapping[str, tuple[Unknown, ...]]


class Neighbours:
    """Finds what stands around one thing."""

    def __init__(self, plan: Plan, projects: Projects, hierarchy: Hierarchy) -> None:
        self._plan = plan
        self._projects = projects
        self._hierarchy = hierarchy
        self._departed: dict[tuple[str, Identity], dict[Resource, list[Departure]]] = {}

    def of(self, resource: Resource, family: Family, identity: Identity) -> Around:
        """Around a resource of the plan."""
        there: dict[str, tuple[Place, ...]] = {}
        gone: dict[str, tuple[Values, ...]] = {}
        unsure: dict[str, tuple[Unknown, ...]] = {}
        for part in PARTS:
            kind = family.kind(part)
            listing = self._plan.attached(resource, kind, family.attribute, identity=identity)
            left = self._left(kind, family, identity).get(resource, []) if not resource.made else []
            there[part] = tuple(map(_place, listing.items))
            gone[part] = tuple(each.before for each in left if each.action is Action.DELETE)
            unsure[part] = tuple(gap.unknown for gap in listing.gaps)
        return Around(there=there, gone=gone, unsure=unsure)

    def by_name(self, family: Family, names: frozenset[str]) -> Around:
        """Around what is known by these names only. What names nothing that is known may name it."""
        there: dict[str, tuple[Place, ...]] = {}
        gone: dict[str, tuple[Values, ...]] = {}
        unsure: dict[str, tuple[Unknown, ...]] = {}
        for part in PARTS:
            kind = family.kind(part)
            found = [(each, self._names(each, family)) for each in self._plan.of_kind(kind)]
            left = [each for each in self._plan.departures if each.address.kind == kind]
            ours = [each for each in left if family.spelled(_former(each, family)) in names]
            there[part] = tuple(_place(each) for each, name in found if name in names)
            gone[part] = tuple(each.before for each in ours if each.action is Action.DELETE)
            unsure[part] = (
                *(name for _, name in found if isinstance(name, Unknown)),
                *(gap.unknown for gap in self._plan.joins.gaps),
            )
        return Around(there=there, gone=gone, unsure=unsure)

    def _names(self, resource: Resource, family: Family) -> str | Unknown:
        if family is PROJECT:
            named = self._projects.named(resource, family.attribute)
            whose = named.map(lambda name: name or self._projects.of(resource).name)
        elif family is RING:
            whose = _place(resource).text(family.attribute)
        else:
            identity = identities.FOLDER if family is FOLDER else identities.ORGANISATION
            whose = self._hierarchy.end(_place(resource).at(family.attribute), identity)
        return family.spelled(whose.value) if isinstance(whose, Known) else whose

    def _left(self, kind: str, family: Family, identity: Identity) -> Mapping[Resource, list[Departure]]:
        asked = (kind, identity)
        if asked not in self._departed:
            found: dict[Resource, list[Departure]] = {}
            for departure in self._plan.departures:
                if departure.address.kind == kind:
                    for owner in self._plan.formerly(departure, family.attribute, identity=identity):
                        found.setdefault(owner, []).append(departure)
            self._departed[asked] = found
        return self._departed[asked]


def only(around: Around, attribute: str, name: str) -> Around:
    """Of all that is around, what is about one part, which an attribute names; unsure where that is made by apply."""

    def named(values: Values) -> str | None:
        text = values.optional(attribute).text()
        return (text.value or "").rstrip("/") if isinstance(text, Known) else None

    wanted = name.rstrip("/")
    unsure = {
        part: (
            *around.unsure[part],
            *(text for each in places if isinstance(text := each.text(attribute), Unknown)),
        )
        for part, places in around.there.items()
    }
    return Around(
        there={
            part: tuple(each for each in all_ if named(each.values) == wanted) for part, all_ in around.there.items()
        },
        gone={part: tuple(each for each in all_ if named(each) == wanted) for part, all_ in around.gone.items()},
        unsure=unsure,
    )


def _place(resource: Resource) -> Place:
    return Place(values=resource.after, resource=resource)


def _former(departure: Departure, family: Family) -> str:
    text = departure.before.optional(family.attribute).text()
    return text.value or "" if isinstance(text, Known) else ""
