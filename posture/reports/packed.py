"""Text that is kept compressed until what stands before it is known, such as how much of it was cut."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

_HELD_BACK = 100_000  # bytes that a compressor may have taken in and not given out: it holds 64 KB


class Packed:
    """Pieces of ASCII, at most so many, and as many as are no larger than `size` when they are compressed."""

    def __init__(self, *, most: int, size: int) -> None:
        self.number = 0
        self._most, self._room = most, size - _HELD_BACK
        self._length = 0
        self._compressor = zlib.compressobj()
        self._chunks: list[bytes] = []

    def add(self, piece: str) -> bool:
        """Whether the piece had room; after one that had none nothing may follow."""
        if self.number == self._most:
            return False
        chunk = self._compressor.compress(piece.encode("ascii"))
        self._chunks.append(chunk)
        self._room -= len(chunk)
        if self._room < 0:
            return False
        self.number += 1
        self._length += len(piece)
        return True

    def pieces(self) -> Iterator[str]:
        """The text of those that had room."""
        decompressor, left = zlib.decompressobj(), self._length
        for chunk in (*self._chunks, self._compressor.flush()):
            text = decompressor.decompress(chunk)[:left].decode("ascii")
            left -= len(text)
            yield text
