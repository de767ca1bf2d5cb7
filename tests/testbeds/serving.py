"""A threaded HTTP server inside this process, for the stand-ins and the fault proxy."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

__all__ = ["Handler", "Server", "override", "serving"]

if TYPE_CHECKING:
    from typing_extensions import override
else:

    def override(method: object) -> object:  # typing has its own only from Python 3.12 on
        return method


class Handler(BaseHTTPRequestHandler):
    """One request, handed to the server's `answer`, and one segment back: else the kernel delays each by 40 ms."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Server

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Every method comes to one place: http.server looks for one `do_GET`, `do_POST` … each."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        self.server.answer(self)

    @override
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name that http.server uses
        pass  # the record of requests is what tests look at

    def body(self) -> bytes:
        """The request's body, which must be read before an answer on a kept connection."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def send(
        self, status: int, headers: tuple[tuple[str, str], ...], body: bytes, *, length: int | None = None
    ) -> None:
        """Answer whole; `length` promises a different size than is sent, and then the connection ends."""
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()
        if length is not None:
            self.close_connection = True


class Server(ThreadingHTTPServer):
    """A server on a free port whose threads never keep the process alive, and that takes a burst of connections."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, answer: Callable[[Handler], None]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer

    @property
    def url(self) -> str:
        """Where it listens; the address rather than a name, so that nothing is looked up."""
        return f"http://127.0.0.1:{self.server_port}"

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a client that went away is no error here
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # typed as the socket's own types


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Serve from a thread until the block ends."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
