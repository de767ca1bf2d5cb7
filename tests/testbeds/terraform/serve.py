"""Serves every table as a provider, each on a socket of its own, and prints what Terraform wants to know of them."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc
from tf.gen.tfplugin_pb2_grpc import add_ProviderServicer_to_server

from tests.testbeds.terraform.provider import StandIn
from tests.testbeds.terraform.schema import providers, read_table

_MOST_BYTES = 256 * 1024 * 1024
_OPTIONS = [("grpc.max_receive_message_length", _MOST_BYTES), ("grpc.max_send_message_length", _MOST_BYTES)]


def main() -> None:
    """Run until this process is ended."""
    with TemporaryDirectory(prefix="providers-") as folder:
        told, servers = {}, []
        for name in providers():
            table, socket = read_table(name), str(Path(folder) / name)
            server = grpc.server(ThreadPoolExecutor(max_workers=4), options=_OPTIONS)
            add_ProviderServicer_to_server(StandIn(table), server)
            server.add_insecure_port(f"unix:{socket}")
            server.start()
            servers.append(server)
            told[f"registry.terraform.io/{table.source}"] = _attachment(socket)
        sys.stdout.write(f"providers: {json.dumps(told)}\n")
        sys.stdout.flush()
        servers[0].wait_for_termination()


def _attachment(socket: str) -> dict[str, object]:
    address = {"Network": "unix", "String": socket}
    return {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": os.getpid(), "Test": True, "Addr": address}


if __name__ == "__main__":
    main()
