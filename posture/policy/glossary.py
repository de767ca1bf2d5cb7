"""Every word a policy can use with its meaning, for the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from posture.frozen import dataclass
from posture.model.subjects import About
from posture.policy.vocabulary import Record, vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryRow:
    """One word, for the catalogue: items of a list are written `grants[].scope`."""

    about: About
    path: str
    sort: str
    members: tuple[str, ...]
    description: str


def glossary() -> tuple[GlossaryRow, ...]:
    """Every word there is, in the order of its declaration."""
    return tuple(row for about in About for row in _rows(about, vocabulary(about), ""))


def _rows(about: About, record: Record, prefix: str) -> Iterator[GlossaryRow]:
    for word in record.fields.values():
        yield GlossaryRow(
            about=about,
            path=prefix + word.path,
            sort=word.sort.value,
            members=word.members,
            description=word.description,
        )
    for each in record.lists.values():
        path = prefix + each.path
        yield GlossaryRow(about=about, path=path, sort="list", members=(), description=each.description)
        yield from _rows(about, each.record, path + "[].")
