"""Access control lists of a planned bucket, where uniform access is off: its own, and the one that new objects get."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from posture.adapters.gcp.config import AclEntry, Uniform
from posture.adapters.gcp.terraform.defaults import NEW_LIST, PREDEFINED
from posture.adapters.gcp.terraform.identities import BUCKET
from posture.adapters.gcp.terraform.projects import Project
from posture.frozen import dataclass
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Unknown
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Departure, Resource

_BUCKET_LIST, _OBJECT_LIST = "google_storage_bucket_acl", "google_storage_default_object_acl"
_ENTRIES = {
    _BUCKET_LIST: "google_storage_bucket_access_control",
    _OBJECT_LIST: "google_storage_default_object_access_control",
}
_TEAM = re.compile(r"project-(owners|editors|viewers)-(\d+)")


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of one bucket."""

    plan: Plan
    bucket: Resource
    project: Project

    def own(self, uniform: Fact[Uniform], was: Listing[AclEntry]) -> Listing[AclEntry]:
        """The list of the bucket."""
        return self._counting(uniform, lambda: self._listing(_BUCKET_LIST, "predefined_acl", was))

    def of_new_objects(self, uniform: Fact[Uniform], was: Listing[AclEntry]) -> Listing[AclEntry]:
        """The list that new objects get; the resource of the bucket's list can set it as well."""

        def read() -> Listing[AclEntry]:
            for place in self._setting(_BUCKET_LIST).items:
                match place.text("default_acl"):
                    case Known(value=name) if not name:
                        pass
                    case Known(value=name):
                        return self._predefined(name, place)
                    case unknown:
                        return Listing.unread(unknown)
            return self._listing(_OBJECT_LIST, "predefined_acl", was)

        return self._counting(uniform, read)

    @staticmethod
    def _counting(uniform: Fact[Uniform], read: Callable[[], Listing[AclEntry]]) -> Listing[AclEntry]:
        match uniform:
            case Unknown():
                return Listing.unread(uniform)
            case Known(value=state, sources=sources):
                return Listing(items=(), sources=sources) if state.enabled else read()

    def _listing(self, kind: str, predefined: str, was: Listing[AclEntry]) -> Listing[AclEntry]:
        whole = self._whole(kind, predefined, was)
        taken = self._taken(_ENTRIES[kind])
        found, gaps = [each for each in whole.items if each.entity not in taken], list(whole.gaps)
        beside = self._setting(_ENTRIES[kind])
        for place in beside.items:
            self._take(place.text("role"), place.text("entity"), place, found, gaps)
        return Listing(items=tuple(found), gaps=(*gaps, *beside.gaps), sources=(*whole.sources, *beside.sources))

    def _whole(self, kind: str, predefined: str, was: Listing[AclEntry]) -> Listing[AclEntry]:
        setting = self._setting(kind)
        if setting.gaps:
            return Listing.unread(setting.gaps[0].unknown)
        if len(setting.items) > 1:
            detail = f"{len(setting.items)} resources of type {kind} set the same list, and the last one applied wins"
            return Listing.unread(Unknown(reason=Reason.UNDETERMINED, sources=setting.sources, detail=detail))
        if not setting.items:
            place = Place(values=self.bucket.after, resource=self.bucket)
            return self._predefined(NEW_LIST, place) if self.bucket.made else was
        (place,) = setting.items
        name = place.text(predefined)
        if isinstance(name, Unknown):
            return Listing.unread(name)
        return self._predefined(name.value, place) if name.value else self._written(place)

    def _setting(self, kind: str) -> Listing[Place]:
        """The resources of a kind. A whole list that this plan destroys may leave anything of what it set."""
        attached = self.plan.attached(self.bucket, kind, "bucket", identity=BUCKET)
        left = [] if self.bucket.made else [each for each in self.plan.departures if each.address.kind == kind]
        ours = [each for each in left if kind in _ENTRIES and self._names(each)]
        detail = "what is left of a list that the plan destroys is not documented"
        gone = (
            Gap(unknown=Unknown(reason=Reason.UNDETERMINED, sources=(each.before.source,), detail=detail))
            for each in ours
        )
        items = tuple(Place(values=each.after, resource=each) for each in attached.items)
        return Listing(items=items, gaps=(*attached.gaps, *gone), sources=attached.sources)

    def _taken(self, kind: str) -> frozenset[str]:
        """The entities of single entries that the plan destroys, for good or to make them anew with something else."""
        if self.bucket.made:
            return frozenset()
        gone = [each for each in self.plan.departures if each.address.kind == kind and each.action is Action.DELETE]
        anew = [each for each in self.plan.of_kind(kind) if each.action is Action.REPLACE]
        left: tuple[Departure | Resource, ...] = (*gone, *anew)
        former = (each.before for each in left if self._names(each) and each.before is not None)
        return frozenset(text.value or "" for each in former if isinstance(text := each.text("entity"), Known))

    def _names(self, entry: Resource | Departure) -> bool:
        """Whether what was there before was about this bucket."""
        return self.bucket in self.plan.formerly(entry, "bucket", identity=BUCKET)

    def _predefined(self, name: str, place: Place) -> Listing[AclEntry]:
        if name not in PREDEFINED:
            return Listing.unread(place.values.misfit("a predefined list"))
        return Listing(items=tuple(self._entries(name, place)), sources=(place.values.source,))

    def _entries(self, name: str, place: Place) -> Iterator[AclEntry]:
        for team, role in PREDEFINED[name]:
            entity = f"{team}-{self.project.key}" if team.startswith("project-") else team
            yield AclEntry(entity=entity, role=role, source=place.values.source)

    def _written(self, place: Place) -> Listing[AclEntry]:
        elements = place.each("role_entity")
        if isinstance(elements, Unknown):
            return Listing.unread(elements)
        found: list[AclEntry] = []
        gaps: list[Gap] = []
        for element in elements.value:
            text = element.text()
            role, entity = text.map(lambda pair: pair.partition(":")[0]), text.map(lambda pair: pair.partition(":")[2])
            self._take(role, entity, element, found, gaps)
        return Listing(items=tuple(found), gaps=tuple(gaps), sources=(place.values.source,))

    def _take(self, role: Fact[str], entity: Fact[str], place: Place, found: list[AclEntry], gaps: list[Gap]) -> None:
        for part in (role, entity, *self._whose(entity)):
            if isinstance(part, Unknown):
                gaps.append(Gap(unknown=part))
                return
        if isinstance(role, Known) and isinstance(entity, Known):
            found.append(AclEntry(entity=entity.value, role=role.value.upper(), source=place.values.source))

    def _whose(self, entity: Fact[str]) -> Iterable[Fact[str]]:
        """The number of our own project, without which nobody can say whose team a number names."""
        named = isinstance(entity, Known) and _TEAM.fullmatch(entity.value)
        return (self.project.number,) if named else ()
