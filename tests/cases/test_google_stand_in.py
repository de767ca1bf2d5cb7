"""The stand-in for Google's APIs speaks as recorded answers do: each member that posture reads, of the same type."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeAlias

import pytest

from posture.adapters.gcp import calls
from posture.adapters.gcp.calls import Endpoint
from posture.adapters.gcp.live.bucket_answers import acl_entry
from posture.adapters.gcp.live.keys import read_key
from posture.adapters.gcp.live.policies import policy
from posture.adapters.gcp.live.project import _sink
from posture.adapters.gcp.members import listed, setting
from posture.model.facts import Reason, Source, Unknown
from posture.reading import Answered, Pages
from tests.cases.test_google_answers import FILE, PARTS
from tests.testbeds.google import GoogleState, served
from tests.testbeds.google_estate import bad_state

pytestmark = [pytest.mark.cases, pytest.mark.skipif(not FILE.exists(), reason="no cases beside the checkout")]

SOURCE = Source(operation="recorded")
Members: TypeAlias = "defaultdict[str, set[str]]"
"""The JSON types of members, by path; items of a list are `[]`."""


class Noted(dict[str, Any]):
    """A record that notes which of its members are read."""

    def __init__(self, values: Mapping[str, Any], path: str, members: Members) -> None:
        super().__init__({name: _noted(value, f"{path}.{name}", members) for name, value in values.items()})
        self._path = path
        self._members = members

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - JSON
        self._note(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as above
        self._note(name)
        return super().get(name, default)

    def _note(self, name: str) -> None:
        if name in self:
            self._members[f"{self._path}.{name}"].add(_type(super().__getitem__(name)))


def _noted(value: Any, path: str, members: Members) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return Noted(value, path, members)
    return [_noted(item, f"{path}[]", members) for item in value] if isinstance(value, list) else value


def _type(value: object) -> str:
    return {bool: "boolean", int: "number", str: "text", list: "list"}.get(type(value), "record")


class _Recorded:
    """Stands where a caller does, with one answer."""

    def __init__(self, endpoint: Endpoint, answer: Mapping[str, Any]) -> None:
        self._endpoint = endpoint
        self._answer = answer

    def read(self, endpoint: Endpoint, **_: str) -> Answered | Unknown:
        known = endpoint is self._endpoint
        return Answered(value=self._answer, source=SOURCE) if known else Unknown(reason=Reason.NOT_FOUND)

    def read_all(self, endpoint: Endpoint, **_: str) -> Pages:
        items = self._answer.get(endpoint.member, ()) if endpoint is self._endpoint else ()
        return Pages(items=tuple(items), source=SOURCE)


def _bucket(answer: Mapping[str, Any]) -> None:
    for part in PARTS:
        setting(Answered(value=answer, source=SOURCE), part)


def _list(answer: Mapping[str, Any]) -> None:
    listed(Pages(items=tuple(answer["items"]), source=SOURCE), acl_entry, "entry")


def _key(answer: Mapping[str, Any]) -> None:
    read_key("k", _Recorded(calls.GET_KEY, answer))  # type: ignore[arg-type] # in the place of a caller


def _versions(answer: Mapping[str, Any]) -> None:
    read_key("k", _Recorded(calls.LIST_KEY_VERSIONS, answer))  # type: ignore[arg-type] # as above


def _sinks(answer: Mapping[str, Any]) -> None:
    listed(Pages(items=tuple(answer["sinks"]), source=SOURCE), _sink, "sink")


READERS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "bucket": _bucket,
    "list": _list,
    "policy": lambda answer: policy(Answered(value=answer, source=SOURCE)),
    "key": _key,
    "versions": _versions,
    "sinks": _sinks,
}


def recorded(kind: str) -> list[dict[str, Any]]:
    """The bodies of one kind. Projects are of an older version of their API than posture reads."""
    bodies = [each["body"] for each in json.loads(FILE.read_text(encoding="utf-8")) if each["status"] == 200]
    inside = [item for body in bodies for member in ("items", "cryptoKeys") for item in body.get(member, ())]
    return [body for body in _of_lists((*bodies, *inside)) if _kind(body) == kind]


def _of_lists(bodies: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for body in bodies:
        yield body
        yield from ({"items": body[name]} for name in ("acl", "defaultObjectAcl") if body.get(name))


def _kind(body: Mapping[str, Any]) -> str:
    if body.get("kind") == "storage#bucket":
        return "bucket"
    members = {"bindings": "policy", "purpose": "key", "cryptoKeyVersions": "versions", "sinks": "sinks"}
    if "kind" not in body and "items" in body:
        return "list"
    return next((kind for member, kind in members.items() if member in body), "")


@cache
def spoken() -> Mapping[str, Members]:
    """What the stand-in says of an estate, kind by kind."""
    state, found = bad_state(), defaultdict[str, Members](lambda: defaultdict(set))
    for kind, path, method in _asked(state):
        body = {"options": {"requestedPolicyVersion": 3}} if method == "POST" else {}
        answer = json.loads(json.dumps(served(state, method, path, {}, body)))
        _note_all(_noted(answer, "", found[kind]))
    return found


def _asked(state: GoogleState) -> Iterator[tuple[str, str, str]]:
    for name, bucket in state.buckets.items():
        yield "bucket", f"/storage/v1/b/{name}", "GET"
        yield "policy", f"/storage/v1/b/{name}/iam", "GET"
        if bucket.acl:
            yield "list", f"/storage/v1/b/{name}/acl", "GET"
            yield "list", f"/storage/v1/b/{name}/defaultObjectAcl", "GET"
    for name in state.nodes:
        yield "policy", f"/v3/{name}:getIamPolicy", "POST"
        yield "sinks", f"/v2/{name}/sinks", "GET"
    for name in state.keys:
        yield "key", f"/v1/{name}", "GET"
        yield "versions", f"/v1/{name}/cryptoKeyVersions", "GET"
        yield "policy", f"/v1/{name}:getIamPolicy", "GET"


def _note_all(value: object) -> None:
    if isinstance(value, Noted):
        for name in list(value):
            _note_all(value[name])
    for item in value if isinstance(value, list) else ():
        _note_all(item)


@pytest.mark.parametrize("kind", READERS)
def test_what_is_read_of_recorded_answers_the_stand_in_says_too(kind: str) -> None:
    bodies, members = recorded(kind), defaultdict[str, set[str]](set)
    assert bodies
    for body in bodies:
        READERS[kind](Noted(body, "", members))
    assert len(members) >= 2
    said = spoken()[kind]
    assert {path: types - said[path] for path, types in members.items() if types - said[path]} == {}
