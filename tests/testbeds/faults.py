"""A proxy before any peer that breaks chosen answers, and counts what is asked."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from tests.testbeds.broken import Answer, Fault, broken
from tests.testbeds.operations import OPERATIONS, Call, recognise
from tests.testbeds.serving import Handler, Server, serving
from tests.testbeds.tls import over_tls

_NOT_PASSED_ON = frozenset({"connection", "content-length", "expect", "transfer-encoding"})
_HANG_SECONDS = 120.0


@dataclass(slots=True, kw_only=True)
class Rule:
    """Which requests are met, by what, and how often; `times` None is for ever, `met` counts.

    Every part that is given must match: `path` is searched in the path without the query, `header` is a name and a
    pattern, `operation` and `resource` are the recognised ones. `answer` replaces the fault's own.
    """

    fault: Fault | None = None
    answer: Answer | None = None
    operation: str = ""
    resource: str | None = None
    identity: str | None = None
    method: str = ""
    path: str = ""
    query: str = ""
    header: tuple[str, str] = ("", "")
    times: int | None = None
    met: int = 0

    def matches(self, call: Call, method: str, target: str, headers: Mapping[str, str]) -> bool:
        """Whether this request is meant, and the rule not used up."""
        parts = urlsplit(target)
        name, pattern = self.header
        return (
            (self.times is None or self.met < self.times)
            and self.operation in {"", call.operation}
            and self.resource in {None, call.resource}
            and self.identity in {None, call.identity}
            and self.method in {"", method}
            and (not self.query or self.query in dict(parse_qsl(parts.query, keep_blank_values=True)))
            and re.search(self.path, parts.path) is not None
            and (not name or re.search(pattern, headers.get(name, "")) is not None)
        )


@dataclass(kw_only=True)
class FaultProxy:
    """A running proxy; `calls` are the requests in the order in which they arrived.

    With a `memory`, a peer that does not change is asked each question only once.
    """

    peer: tuple[str, int]
    port: int = 0
    scheme: str = "http"
    rules: list[Rule] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended: threading.Event = field(default_factory=threading.Event)
    memory: dict[Call, Answer] | None = None

    @property
    def url(self) -> str:
        """The endpoint; a name, because S3 Control puts an account id before it."""
        return f"{self.scheme}://{'localhost' if self.scheme == 'http' else '127.0.0.1'}:{self.port}"

    def fault(
        self, operation: str, fault: Fault | str, *, resource: str | None = None, times: int | None = None
    ) -> Rule:
        """Break one operation, on one resource or on all; the newest rule that matches wins."""
        if operation not in OPERATIONS:
            near = get_close_matches(operation, OPERATIONS, n=1)
            message = f"unknown operation `{operation}`" + (f", did you mean `{near[0]}`" if near else "")
            raise ValueError(message)
        return self.add(Rule(operation=operation, fault=Fault(fault), resource=resource, times=times))

    def add(self, rule: Rule) -> Rule:
        """Take a rule of any kind; its `met` tells afterwards whether it did anything."""
        with self.lock:
            self.rules.insert(0, rule)
        return rule

    def reset(self) -> None:
        """Forget rules and calls, and let hanging requests go."""
        with self.lock:
            self.rules.clear()
            self.calls.clear()
            self.ended.set()
            self.ended = threading.Event()

    def counts(self) -> Counter[Call]:
        """How often each request was made: same operation, identity, region, resource and page."""
        with self.lock:
            return Counter(self.calls)

    def count(self, operation: str, *, resource: str | None = None) -> int:
        """How many requests of an operation arrived."""
        with self.lock:
            return sum(call.operation == operation and resource in {None, call.resource} for call in self.calls)

    def answer(self, handler: Handler) -> None:
        """Meet one request by the first rule that matches, or hand it to the peer."""
        body = handler.body()
        headers = dict(handler.headers.items())
        call = recognise(handler.command, handler.path, headers, body)
        with self.lock:
            self.calls.append(call)
            rule = next((r for r in self.rules if r.matches(call, handler.command, handler.path, headers)), None)
            if rule is not None:
                rule.met += 1
            ended = self.ended
        if rule is None:
            _send(handler, self._remembered(call, handler, body))
        elif rule.fault is None:
            _send(handler, rule.answer or Answer())
        else:
            self._break(rule.fault, handler, call, body, ended)

    def _break(self, fault: Fault, handler: Handler, call: Call, body: bytes, ended: threading.Event) -> None:
        match fault:
            case Fault.HANG:
                ended.wait(_HANG_SECONDS)
                handler.close_connection = True
            case Fault.RESET:
                at_once_and_without_goodbye = struct.pack("ii", 1, 0)
                handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once_and_without_goodbye)
                handler.close_connection = True
                handler.connection.close()
            case Fault.HALF | Fault.CUT_OFF:
                whole = self._from_peer(handler, body)
                half = whole.body[: len(whole.body) // 2]
                length = len(whole.body) + 1 if fault is Fault.CUT_OFF else None
                _send(handler, Answer(headers=whole.headers, body=half, length=length))
            case _ if call.operation in OPERATIONS:
                _send(handler, broken(OPERATIONS[call.operation], fault))
            case _:
                message = f"`{call.operation}` is in no table: give the rule an answer of its own"
                raise ValueError(message)

    def _remembered(self, call: Call, handler: Handler, body: bytes) -> Answer:
        if self.memory is None or call.operation not in OPERATIONS:
            return self._from_peer(handler, body)
        answer = self.memory.get(call) or self._from_peer(handler, body)
        self.memory[call] = answer
        return answer

    def _from_peer(self, handler: Handler, body: bytes) -> Answer:
        peer = HTTPConnection(*self.peer, timeout=_HANG_SECONDS)
        try:
            peer.putrequest(handler.command, handler.path, skip_host=True, skip_accept_encoding=True)
            for name, value in handler.headers.items():
                if name.lower() not in _NOT_PASSED_ON:
                    peer.putheader(name, value)
            peer.putheader("Content-Length", str(len(body)))
            peer.endheaders(body)
            got = peer.getresponse()
            headers = tuple((name, value) for name, value in got.getheaders() if name.lower() not in _NOT_PASSED_ON)
            return Answer(status=got.status, headers=headers, body=got.read())
        finally:
            peer.close()


@contextmanager
def fault_proxy(peer: str, *, tls: tuple[Path, Path] | None = None) -> Iterator[FaultProxy]:
    """Stand before the peer at the URL `peer` until the block ends; `tls` are the files of a certificate."""
    parts = urlsplit(peer)
    proxy = FaultProxy(peer=("127.0.0.1", parts.port or 80))
    server = Server(proxy.answer)
    if tls is not None:
        over_tls(server, tls)
        proxy.scheme = "https"
    proxy.port = server.server_port
    with serving(server):
        try:
            yield proxy
        finally:
            proxy.ended.set()


def _send(handler: Handler, answer: Answer) -> None:
    handler.send(answer.status, answer.headers, answer.body, length=answer.length)
