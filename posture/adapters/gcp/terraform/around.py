"""The resources of a plan that set the policy of one thing: `_iam_policy`, `_iam_binding`, `_iam_member`, and the like.

What is destroyed takes away what it set, also where the same resource is made again with something else. What leaves
Terraform says nothing any more: others may change it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from posture.adapters.gcp.terraform import identities
from posture.adapters.gcp.terraform.hierarchy import Hierarchy
from posture.adapters.gcp.terraform.identities import last
from posture.adapters.gcp.terraform.projects import Projects
from posture.frozen import dataclass
from posture.model.facts import Known, Unknown
from posture.terraform.inventory import Identity, as_written
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Departure, Resource
from posture.terraform.values import Values

_Left: TypeAlias = Departure | Resource
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
    """By part of a family: what is there, what the plan destroys, and why there may be more.

    `former` is what it destroys to make the same resource anew, before or after which nothing of this comes.
    """

    there: Mapping[str, tuple[Place, ...]]
    gone: Mapping[str, tuple[Values, ...]]
    former: Mapping[str, tuple[Values, ...]]
    unsure: Mapping[str, tuple[Unknown, ...]]

    def taken(self, part: str) -> tuple[Values, ...]:
        """All that is destroyed."""
        return (*self.gone[part], *self.former[part])


class Neighbours:
    """Finds what stands around one thing."""

    def __init__(self, plan: Plan, projects: Projects, hierarchy: Hierarchy) -> None:
        self._plan = plan
        self._projects = projects
        self._hierarchy = hierarchy
        self._departed: dict[tuple[str, Identity], dict[Resource, list[_Left]]] = {}

    def of(self, resource: Resource, family: Family, identity: Identity) -> Around:
        """Around a resource of the plan."""
        there: dict[str, tuple[Place, ...]] = {}
        left: dict[str, Iterable[_Left]] = {}
        unsure: dict[str, tuple[Unknown, ...]] = {}
        for part in PARTS:
            kind = family.kind(part)
            listing = self._plan.attached(resource, kind, family.attribute, identity=identity)
            left[part] = self._left(kind, family, identity).get(resource, []) if not resource.made else []
            there[part] = tuple(map(_place, listing.items))
            unsure[part] = tuple(gap.unknown for gap in listing.gaps)
        return _around(there, left, unsure)

    def by_name(self, family: Family, names: frozenset[str]) -> Around:
        """Around what is known by these names only. What names nothing that is known may name it."""
        there: dict[str, tuple[Place, ...]] = {}
        left: dict[str, Iterable[_Left]] = {}
        unsure: dict[str, tuple[Unknown, ...]] = {}
        for part in PARTS:
            kind = family.kind(part)
            found = [(each, self._names(each, family)) for each in self._plan.of_kind(kind)]
            left[part] = [each for each in self._destroyed(kind) if family.spelled(_former(each, family)) in names]
            there[part] = tuple(_place(each) for each, name in found if name in names)
            unsure[part] = (
                *(name for _, name in found if isinstance(name, Unknown)),
                *(gap.unknown for gap in self._plan.joins.gaps),
            )
        return _around(there, left, unsure)

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

    def _left(self, kind: str, family: Family, identity: Identity) -> Mapping[Resource, list[_Left]]:
        asked = (kind, identity)
        if asked not in self._departed:
            found: dict[Resource, list[_Left]] = {}
            for each in self._destroyed(kind):
                for owner in self._plan.formerly(each, family.attribute, identity=identity):
                    found.setdefault(owner, []).append(each)
            self._departed[asked] = found
        return self._departed[asked]

    def _destroyed(self, kind: str) -> Iterator[_Left]:
        """What is destroyed of a kind, for good or to be made anew."""
        for departure in self._plan.departures:
            if departure.address.kind == kind and departure.action is Action.DELETE:
                yield departure
        yield from (each for each in self._plan.of_kind(kind) if each.action is Action.REPLACE)


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
        former={part: tuple(each for each in all_ if named(each) == wanted) for part, all_ in around.former.items()},
        unsure=unsure,
    )


def _place(resource: Resource) -> Place:
    return Place(values=resource.after, resource=resource)


def _around(
    there: Mapping[str, tuple[Place, ...]],
    left: Mapping[str, Iterable[_Left]],
    unsure: Mapping[str, tuple[Unknown, ...]],
) -> Around:
    return Around(
        there=there,
        gone={part: tuple(each.before for each in all_ if isinstance(each, Departure)) for part, all_ in left.items()},
        former={
            part: tuple(each.before for each in all_ if isinstance(each, Resource) and each.before is not None)
            for part, all_ in left.items()
        },
        unsure=unsure,
    )


def _former(left: _Left, family: Family) -> str:
    text = left.before.optional(family.attribute).text() if left.before is not None else None
    return text.value or "" if isinstance(text, Known) else ""
