"""What only stands for an account, in the words that a person understands: reports show no id that nobody has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

from posture.model.rewriting import Rewriting

T = TypeVar("T")


class Wording:
    """Puts words in place of ids, in every text of a record. A record without any stays the same object."""

    def __init__(self, words: Mapping[str, str]) -> None:
        ids = "|".join(map(re.escape, words))
        found = re.compile(rf"(?<![\w-])(?:{ids})(?!\w)")  # not at the end of a UUID

        @lru_cache(maxsize=4096)  # most texts stand in every record
        def worded(text: str) -> str:
            return found.sub(lambda match: words[match.group()], text)

        self._texts = Rewriting(str, worded) if words else None

    def of(self, record: T) -> T:
        """The same record, as it is shown."""
        return record if self._texts is None else self._texts.of(record)
