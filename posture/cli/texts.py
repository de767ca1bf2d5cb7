"""Reading the text files that a command names."""

from __future__ import annotations

from pathlib import Path

from posture.errors import InputError, SnapshotError
from posture.snapshot import Document, Snapshot, load

MOST_BYTES = 1 << 20  # of a policy or waiver file
MOST_SNAPSHOT_BYTES = 4 << 30


def document(file: str, refusal: type[InputError], most: int = MOST_BYTES) -> Document:
    """The text of a file, with the name that the user knows it by; a file that cannot be read is refused."""
    try:
        with Path(file).open("rb") as stream:
            data = stream.read(most + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise refusal(f"cannot be read: {reason.lower()}", file=file) from error
    if len(data) > most:
        raise refusal(f"the file is larger than {most:,} bytes", file=file)
    try:
        return Document(file=file, text=data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise refusal("the file is not UTF-8 text", file=file, line=line) from error


def snapshot(file: str) -> Snapshot:
    """The snapshot in a file; raises SnapshotError."""
    return load(document(file, SnapshotError, MOST_SNAPSHOT_BYTES).text, file)
