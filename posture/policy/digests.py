"""The digest of what decided a row: a waiver and a baseline hold for these facts and no others.

Neither times nor the order of facts count, nor which place an item has in its list; facts of one item stay together.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from json.encoder import encode_basestring
from typing import Final, TypeAlias

from posture.model.assessment import Evidence

_Row: TypeAlias = tuple[str, list[str]]  # the list item that a fact lies in, and what is digested of the fact
_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_HOLE: Final = "\0"  # stands for the operations


def facts_digest(evidence: Iterable[Evidence]) -> str:
    """The digest of these facts."""
    seen = tuple(evidence)
    return FactsDigest(seen).of([[source.operation for source in each.sources] for each in seen])


class FactsDigest:
    """The digest of facts of which only the operations are not said yet: in a plan each resource has its own."""

    def __init__(self, evidence: Sequence[Evidence]) -> None:
        self._rows: list[_Row] = [(_item(seen.path), _words(seen)) for seen in evidence]
        self._text: list[str] = []
        self._order: list[int] = []
        places = {tuple(words): place for place, (_, words) in enumerate(self._rows)}
        alike = len(places) < len(self._rows)  # then operations decide their order
        if not alike and not any(_HOLE in words for words in places):
            groups = _groups((item, [*words, _HOLE]) for item, words in self._rows)
            self._order = [places[tuple(words)] for group in groups for *words, _ in group]
            self._text = _JSON.encode(groups).split(f",{_JSON.encode(_HOLE)}")

    def of(self, operations: Sequence[Sequence[str]]) -> str:
        """The digest, given the operations of each fact."""
        if self._text:
            first, *others = self._text
            pairs = zip(self._order, others, strict=True)
            text = "".join((first, *(f"{_listed(operations[place])}{after}" for place, after in pairs)))
        else:
            rows = zip(self._rows, operations, strict=True)
            text = _JSON.encode(_groups((item, [*words, *sorted(set(of))]) for (item, words), of in rows))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _groups(rows: Iterable[_Row]) -> list[list[list[str]]]:
    return sorted([row for _, row in group] for _, group in groupby(sorted(rows), key=lambda row: row[0]))


def _listed(operations: Sequence[str]) -> str:
    """More members of a JSON list."""
    each = sorted(set(operations)) if len(operations) > 1 else operations
    return "".join([f",{encode_basestring(operation)}" for operation in each])


def _item(path: str) -> str:
    """The list item that a path lies in, with its index; empty outside lists."""
    return path[: path.rfind("]") + 1]


def _words(seen: Evidence) -> list[str]:
    return [re.sub(r"\[[0-9]+\]", "[]", seen.path), seen.item, seen.found, seen.expected]
