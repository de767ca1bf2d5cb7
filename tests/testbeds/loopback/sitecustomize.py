"""Put this folder on a child's PYTHONPATH, and `*.localhost` is loopback there.

S3 Control puts the account id before the host (`111122223333.localhost`), which many resolvers do not know.
"""

import socket
from typing import Any


def loopback_first(resolve: Any) -> Any:  # noqa: ANN401 wraps whatever getaddrinfo is
    """`resolve`, but for names under localhost always the address that the peers listen on."""

    def loopback(host: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 passes everything through
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        local = isinstance(name, str) and (name == "localhost" or name.endswith(".localhost"))
        return resolve("127.0.0.1" if local else host, *args, **kwargs)

    return loopback


if __name__ == "sitecustomize":  # the interpreter imports it under this name alone, at its start
    socket.getaddrinfo = loopback_first(socket.getaddrinfo)
