"""Where a planned row is mended: addresses, files and lines, as people and CI systems name them."""

from __future__ import annotations

from urllib.parse import quote

from posture.frozen import dataclass
from posture.model.assessment import Finding, Place
from posture.model.subjects import Mode

LOCK = ".terraform.lock.hcl"  # committed beside every root module
NO_LINE = "No line is known: the plan came without its files (give --source DIR), or they have the block no more"
STAND_IN = f"{NO_LINE}. {LOCK} stands for it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A line that a code review can show. Where there is none, a path that is the same in every run stands for it."""

    path: str
    line: int
    real: bool


def anchor(finding: Finding) -> Anchor:
    """The line of the block to change. Never the plan file: no repository has it."""
    if finding.places and finding.places[0].file:
        return block(finding.places[0])
    if finding.subject.mode is Mode.PLANNED:
        return Anchor(path=LOCK, line=1, real=False)
    return Anchor(path=address_path(finding.subject.uri), line=1, real=False)


def block(place: Place) -> Anchor:
    """Where a block begins."""
    return Anchor(path=place.file.removeprefix("./"), line=place.line or 1, real=True)


def address_path(uri: str) -> str:
    """A relative path made from an address, as URIs spell paths: `s3/bucket/prefix`."""
    steps = [quoted(part) for part in uri.replace("://", "/").split("/") if part]
    return "/".join(step.replace(".", "_") if not step.strip(".") else step for step in steps) or "unnamed"


def quoted(text: str, safe: str = "") -> str:
    """Text as a part of a URI."""
    return quote(text.encode("utf-8", "backslashreplace"), safe=safe)


def spot(place: Place) -> str:
    """`main.tf:12`; empty where the plan came without its files."""
    return f"{place.file}:{place.line}" if place.file and place.line else place.file


def shown(place: Place) -> str:
    """The spot and the address, or the address alone."""
    return f"{spot(place)} ({place.address})" if place.file else place.address


def further(place: Place, name: str) -> str:
    """The same beside a name: where that is the address, the spot alone, and nothing where there is none."""
    return spot(place) if place.address == name else shown(place)


def told(places: tuple[Place, ...]) -> str:
    """The first place, with the calls that lead to it from outside; empty for what is running."""
    calls = "".join(f", called at {shown(place)}" for place in places[1:])
    return f"{shown(places[0])}{calls}" if places else ""
