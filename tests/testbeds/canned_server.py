"""An AWS that answers at once from a table, for any bucket: what a bench measures is then the client.

Run it with `-m`; it needs nothing but the standard library, and takes uvloop where that is installed.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.util
import json
from collections import Counter
from urllib.parse import parse_qsl

from tests.testbeds.canned_answers import JSON, OWNER, QUERY, S3, S3_CONTROL, XMLNS, absent
from tests.testbeds.serving import override


class Canned:
    """The answers, and how often each operation was asked."""

    def __init__(self, buckets: int) -> None:
        self.counts: Counter[str] = Counter()
        self.list_buckets = "".join(
            f"<Bucket><Name>bucket-{number:05}</Name><CreationDate>2026-01-01T00:00:00Z</CreationDate>"
            "<BucketRegion>us-east-1</BucketRegion></Bucket>"
            for number in range(buckets)
        )

    def answer(self, head: str, body: bytes) -> bytes:
        """The whole HTTP answer to one request."""
        request, _, lines = head.partition("\r\n")
        method, target, _ = request.split(" ", 2)
        path, _, query = target.partition("?")
        if path.startswith("/_canned/"):
            return self._about(path)
        name, status, text, extra = self._find(method, path, query, lines, body)
        self.counts[name] += 1
        kind = "application/x-amz-json-1.1" if method == "POST" and text.startswith("{") else "application/xml"
        return _http(status, text, kind, extra, head_only=method == "HEAD")

    def _find(self, method: str, path: str, query: str, lines: str, body: bytes) -> tuple[str, int, str, str]:
        if method == "POST":
            return self._find_post(lines, body)
        if path.startswith("/v20180820/"):
            name, (status, text) = S3_CONTROL.get(path, (f"s3control:{path}", absent("NoSuchAccessPoint")))
            return name, status, text, ""
        bucket = path.strip("/")
        if not bucket:
            listing = f"<ListAllMyBucketsResult {XMLNS}><Owner>{OWNER}</Owner><Buckets>{self.list_buckets}</Buckets>"
            return "s3:ListBuckets", 200, f"{listing}</ListAllMyBucketsResult>", ""
        if method == "HEAD":
            return "s3:HeadBucket", 200, "", "x-amz-bucket-region: us-east-1\r\n"
        asked = next((name for name, _ in parse_qsl(query, keep_blank_values=True) if name in S3), "")
        unknown = (400, "<Error><Code>NotCanned</Code><Message>not in the table</Message></Error>")
        name, (status, text) = S3.get(asked, (f"s3:GET ?{query}", unknown))
        return name, status, text.replace("{bucket}", bucket), ""

    def _find_post(self, lines: str, body: bytes) -> tuple[str, int, str, str]:
        target = next((line for line in lines.split("\r\n") if line.lower().startswith("x-amz-target:")), "")
        if target:
            action = target.rpartition(".")[2].strip()
            name, answer = JSON.get(action, (f"json:{action}", None))
            if answer is not None:
                return name, 200, json.dumps(answer), ""
            return name, 400, json.dumps({"__type": "UnknownOperationException"}), ""
        action = dict(parse_qsl(body.decode())).get("Action", "")
        name, text = QUERY.get(action, (f"query:{action}", ""))
        if text:
            return name, 200, text, ""
        return name, 400, "<ErrorResponse><Error><Code>InvalidAction</Code></Error></ErrorResponse>", ""

    def _about(self, path: str) -> bytes:
        if path == "/_canned/reset":
            self.counts.clear()
        return _http(200, json.dumps(self.counts), "application/json", "", head_only=False)


def _http(status: int, text: str, kind: str, extra: str, *, head_only: bool) -> bytes:
    body = text.encode()
    head = f"HTTP/1.1 {status} canned\r\nContent-Type: {kind}\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + (b"" if head_only else body)


class Connection(asyncio.Protocol):
    """One kept connection; answers come `latency` seconds after their request."""

    def __init__(self, canned: Canned, latency: float) -> None:
        self.canned = canned
        self.latency = latency
        self.waiting = b""
        self.transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to answer."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            head = self.waiting[:end].decode("latin-1")
            size = end + 4 + _length(head)
            if len(self.waiting) < size:
                return
            body, self.waiting = self.waiting[end + 4 : size], self.waiting[size:]
            self._write(self.canned.answer(head, body))

    def _write(self, answer: bytes) -> None:
        assert self.transport is not None
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, self.transport.write, answer)
        else:
            self.transport.write(answer)


def _length(head: str) -> int:
    for line in head.split("\r\n"):
        if line[:15].lower() == "content-length:":
            return int(line[15:])
    return 0


async def serve(canned: Canned, latency: float) -> None:
    """Listen on a free port for ever."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(canned, latency), "127.0.0.1", 0, backlog=512)
    print(f"Running on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201 the ready line
    await server.serve_forever()


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--buckets", type=int, default=20, help="how many ListBuckets names")
    options = parser.parse_args()
    if importlib.util.find_spec("uvloop"):
        importlib.import_module("uvloop").install()
    asyncio.run(serve(Canned(options.buckets), options.latency))


if __name__ == "__main__":
    main()
