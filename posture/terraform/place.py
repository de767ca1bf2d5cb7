"""A place in the values of a resource, with the way back to the resource: what is not known there can be followed."""

from __future__ import annotations

from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Unknown
from posture.terraform.resources import Resource
from posture.terraform.values import Path, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`resource` is None for values of the past, from which no reference leads on."""

    values: Values
    resource: Resource | None = None
    path: Path = ()

    def at(self, *path: str | int) -> Place:
        """One place further in; an attribute that this version of the provider lacks is null."""
        return Place(values=self.values.optional(*path), resource=self.resource, path=(*self.path, *path))

    def each(self, *path: str | int) -> Fact[tuple[Place, ...]]:
        """The blocks or elements at a place."""
        place = self.at(*path)

        def inside(elements: tuple[Values, ...]) -> tuple[Place, ...]:
            if isinstance(place.values.raw, dict):
                return (place,)
            return tuple(
                Place(values=values, resource=self.resource, path=(*place.path, index))
                for index, values in enumerate(elements)
            )

        return place.values.each().map(inside)

    def block(self, *path: str | int) -> Fact[Place | None]:
        """The one block at a place; None where there is none."""
        return self.each(*path).map(lambda places: places[0] if places else None)

    def text(self, *path: str | int) -> Fact[str]:
        """A text; empty for null."""
        return self.values.optional(*path).text().map(lambda text: text or "")

    def flag(self, *path: str | int) -> Fact[bool]:
        """True or false; null is false, and so are the texts of older providers."""
        return self.values.optional(*path).flag().map(bool)

    def number(self, *path: str | int) -> Fact[int]:
        """A whole number; 0 for null."""
        return self.values.optional(*path).number().map(lambda number: number or 0)

    def texts(self, *path: str | int) -> Fact[tuple[str, ...]]:
        """A list or set of texts; none for null."""

        def all_of(places: tuple[Place, ...]) -> Fact[tuple[str, ...]]:
            found: list[str] = []
            for place in places:
                match place.values.text():
                    case Known(value=text):
                        found.append(text or "")
                    case Unknown() as unknown:
                        return unknown
            return Known(value=tuple(found), sources=(self.values.source,))

        return self.each(*path).then(all_of)
