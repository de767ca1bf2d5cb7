"""Google's own host names on loopback: a proxy that ends TLS for them, for clients that are given no other address."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.testbeds.google import account_file
from tests.testbeds.process import base_environment
from tests.testbeds.serving import Handler, Server, serving
from tests.testbeds.tls import certificate

TOKENS = "https://oauth2.googleapis.com/token"


@contextmanager
def google_hosts(answer: Callable[[Handler], None], folder: Path) -> Iterator[dict[str, str]]:
    """Answer for every host of googleapis.com until the block ends; yields a client's whole environment."""
    files = certificate(folder, "*.googleapis.com")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    with _answering(answer) as behind:

        def tunnel(handler: Handler) -> None:
            """One connection to a host; all its requests are answered before this one ends."""
            handler.connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with context.wrap_socket(handler.connection, server_side=True) as inside:
                Handler(inside, handler.client_address, behind)
            handler.close_connection = True

        proxy = Server(tunnel)
        with serving(proxy):
            yield {
                **base_environment(),
                **dict.fromkeys(("HTTPS_PROXY", "https_proxy"), proxy.url),
                **dict.fromkeys(("REQUESTS_CA_BUNDLE", "HTTPLIB2_CA_CERTS"), str(files[0])),
                "GOOGLE_APPLICATION_CREDENTIALS": str(account_file(folder, TOKENS)),
                "NO_GCE_CHECK": "true",
                "HOME": str(folder),
            }


@contextmanager
def _answering(answer: Callable[[Handler], None]) -> Iterator[Server]:
    """Whom handlers of tunnelled connections answer for; it takes no connections of its own."""
    server = Server(answer)
    with closing(server.socket):
        yield server
