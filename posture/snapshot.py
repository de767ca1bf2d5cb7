"""A saved run: the answers at the reading boundary, with the settings, policies, waivers and clock that used them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from posture.errors import SnapshotError
from posture.frozen import dataclass
from posture.model.logic import Severity
from posture.model.settings import Settings
from posture.reading import Json, Kept, canonical, digest

SCHEMA = "audit-log-posture/snapshot/3"
_NO_CALLS = '"kept": []'  # the first member of a body, where the calls go

_TIME = "%Y-%m-%dT%H:%M:%SZ"  # of every time in a snapshot
_ON_ONE_LINE = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
_MEMBERS = tuple(member.name for member in dataclasses.fields(Kept))

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text that took part in a run, under the name the user knows it by."""

    file: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterSetting:
    """A parameter set by the user: a typed value, or one that is `spelled` on a command line. `origin` says where."""

    name: str
    value: Json
    spelled: bool
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Everything that decides a run, apart from the answers of the providers."""

    settings: Settings
    policies: tuple[Document, ...]
    controls: tuple[str, ...] = ()  # the only ones, by id; all of the policies where none is named
    waivers: tuple[Document, ...] = ()
    baseline: Document | None = None
    parameters: tuple[ParameterSetting, ...] = ()
    fail_on: Severity = Severity.LOW
    allow_unknown: bool = False
    as_of: str  # UTC, ISO 8601, to the second


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A request, and every answer that it got. The digest of each original answer stands beside the masked one."""

    request: Request
    kept: tuple[Kept, ...]
    version: str  # of posture


def dump(snapshot: Snapshot) -> str:
    """The snapshot as JSON text; equal snapshots give equal texts."""
    return "".join(pieces(snapshot))


def pieces(snapshot: Snapshot, kept: Collection[Kept] | None = None) -> Iterator[str]:
    """The text of `dump`, one call after the other and each on a line.

    All calls at once take many times their room: a snapshot without any can be given them as `kept`, which is gone
    over twice.
    """
    calls = snapshot.kept if kept is None else kept
    body = encode(_without_secrets(dataclasses.replace(snapshot, kept=())))
    whole = {"schema": SCHEMA, "sha256": _digest(body, calls), "snapshot": body}
    before, _, after = json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True).partition(_NO_CALLS)
    yield before + '"kept": ['
    for place, call in enumerate(calls):
        yield ("," if place else "") + "\n   " + _ON_ONE_LINE.encode(_members(call))
    yield ("\n  ]" if calls else "]") + after + "\n"


def _digest(body: Json, calls: Iterable[Kept]) -> str:
    """What `digest` says of the body with these calls in it."""
    before, _, after = canonical(body).partition(_NO_CALLS.replace(" ", ""))
    whole = hashlib.sha256(f'{before}"kept":['.encode())
    for place, kept in enumerate(calls):
        whole.update((("," if place else "") + canonical(_members(kept))).encode("utf-8", "surrogatepass"))
    whole.update(f"]{after}".encode("utf-8", "surrogatepass"))
    return whole.hexdigest()


def _members(kept: Kept) -> Json:
    """The call as JSON writes it; its answer is JSON already."""
    return {name: getattr(kept, name) for name in _MEMBERS}


def _without_secrets(snapshot: Snapshot) -> Snapshot:
    """External ids open roles, and a replay assumes none."""
    settings = snapshot.request.settings
    accounts = tuple(dataclasses.replace(access, external_id="") for access in settings.accounts)
    request = dataclasses.replace(snapshot.request, settings=dataclasses.replace(settings, accounts=accounts))
    return dataclasses.replace(snapshot, request=request)


def load(text: str, file: str) -> Snapshot:
    """Refuses what `dump` did not write: another schema, another shape, a changed body."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = "this is not JSON" if isinstance(error, ValueError) else "this is nested too deeply"
        raise SnapshotError(message, file=file, help="a snapshot is what `posture scan --save FILE` wrote") from error
    if not isinstance(whole, dict) or whole.get("schema") != SCHEMA:
        seen = whole.get("schema") if isinstance(whole, dict) else None
        raise SnapshotError(
            f"schema `{seen}` is not `{SCHEMA}`", file=file, help="a snapshot is what `posture scan --save FILE` wrote"
        )
    body = whole.get("snapshot")
    if whole.get("sha256") != digest(body):
        raise SnapshotError("the snapshot was changed after it was written", file=file, help="save a new one")
    snapshot: Snapshot = _decode(Snapshot, body, "$.snapshot", file)
    for time in dict.fromkeys((snapshot.request.as_of, *(call.read_at for call in snapshot.kept))):
        _check_time(time, file)
    return snapshot


def _check_time(time: str, file: str) -> None:
    try:
        datetime.strptime(time, _TIME)  # noqa: DTZ007 - its Z is one of the characters
    except ValueError as error:
        raise SnapshotError(f"`{time}` is not a time, such as 2026-11-01T09:30:00Z", file=file) from error


def encode(value: object) -> Json:
    """Any of our records as JSON: dataclasses as objects, enums by value, dates in ISO 8601."""
    match value:
        case Enum():
            return encode(value.value)
        case None | bool() | int() | float() | str():
            return value
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): encode(inner) for key, inner in value.items()}
        case frozenset():
            return sorted(str(inner) for inner in value)
        case tuple() | list():
            return [encode(inner) for inner in value]
        case _ if dataclasses.is_dataclass(value):
            return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
        case _:
            message = f"a snapshot cannot hold {type(value)}"
            raise TypeError(message)


def _decode(kind: Any, value: Json, path: str, file: str) -> Any:  # noqa: ANN401 - any of our types
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        choices = [argument for argument in arguments if argument is not type(None)]
        if len(choices) > 1 or (value is None and len(choices) < len(arguments)):
            return value  # any JSON, or the None of an optional
        return _decode(choices[0], value, path, file)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise SnapshotError("an object is expected", file=file, path=path)
        return value
    if origin in (tuple, frozenset):
        return _sequence(origin, arguments, value, path, file)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _record(kind, value, path, file)
    return _scalar(kind, value, path, file)


def _record(kind: type, value: Json, path: str, file: str) -> object:
    if not isinstance(value, Mapping):
        raise SnapshotError("an object is expected", file=file, path=path)
    fields = _fields(kind)
    if odd := sorted(set(value) ^ set(fields)):
        raise SnapshotError(f"`{odd[0]}` is missing or unknown", file=file, path=path)
    return kind(**{name: _decode(hint, value[name], f"{path}.{name}", file) for name, hint in fields.items()})


@cache
def _fields(kind: Hashable) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}  # type: ignore[arg-type] # a record


def _sequence(origin: type, arguments: tuple[Any, ...], value: Json, path: str, file: str) -> object:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise SnapshotError("a list is expected", file=file, path=path)
    if origin is tuple and arguments[-1] is not Ellipsis:
        if len(value) != len(arguments):
            raise SnapshotError(f"{len(arguments)} values are expected", file=file, path=path)
        kinds = arguments
    else:
        kinds = (arguments[0],) * len(value)
    items = (
        _decode(kind, item, f"{path}[{at}]", file) for at, (kind, item) in enumerate(zip(kinds, value, strict=True))
    )
    return origin(items)


def _scalar(kind: Any, value: Json, path: str, file: str) -> object:  # noqa: ANN401 - any of our types
    try:
        if issubclass(kind, Enum):
            return kind(value)
        if kind is date and isinstance(value, str):
            return date.fromisoformat(value)
    except ValueError as error:
        raise SnapshotError(f"`{value}` is not a {kind.__name__}", file=file, path=path) from error
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise SnapshotError(f"a {kind.__name__} is expected", file=file, path=path)
    return value
