"""Answers as JSON: what an SDK gives as plain values, with secrets masked, and a digest of what stood there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from posture.reading.calls import Json
from posture.redaction import redact


def clean(value: object) -> Json:
    """Any answer of an SDK as JSON: times in ISO 8601 UTC, bytes as text."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return value
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case Mapping():
            return {str(key): clean(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [clean(inner) for inner in value]
        case _:
            return str(value)


def masked_json(value: Json) -> Json:
    """The same value with every secret in its texts masked."""
    match value:
        case str():
            return redact(value)
        case Mapping():
            return {key: masked_json(inner) for key, inner in value.items()}
        case Sequence():
            return [masked_json(inner) for inner in value]
        case _:
            return value


def digest(value: Json) -> str:
    """sha256 of the one text of a JSON value."""
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def canonical(value: Json) -> str:
    """The one text of a JSON value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
