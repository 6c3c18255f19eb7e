"""Servers that break HTTP itself: one masked error each, whatever the bytes."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from federation.subgraph import SubgraphResponse
from federation.transport.configuration import SubgraphConfig, http_subgraph
from tests.federation.transport.doubles import request

GOOD = b'{"data": {"me": "secret"}}'


@asynccontextmanager
async def sending(answer: bytes) -> AsyncIterator[str]:
    """A server that sends these bytes to whoever asks, and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}/graphql"


def answer(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode("latin-1") + body


async def ask(raw: bytes) -> SubgraphResponse:
    async with sending(raw) as url:
        config = SubgraphConfig(url=url, timeout=2, max_bytes=1000, retry=None)
        subgraph = http_subgraph("users", config)
        try:
            return await subgraph.execute(request())
        finally:
            await subgraph.aclose()


BROKEN = {
    "nothing": b"",
    "no HTTP": b"SSH-2.0-secret\r\n\r\n",
    "no status": b"HTTP/1.1 secret\r\n\r\n",
    "a body cut short": answer(GOOD, length=500),
    "a negative length": answer(GOOD, length=-1),
    "two lengths": answer(GOOD, "Content-Length: 3"),
    "a header without end": b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 100_000,
    "a chunk of nonsense": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nsecret\r\n",
    "no gzip": answer(GOOD, "Content-Encoding: gzip"),
    "gzip cut short": answer(gzip.compress(GOOD * 30)[:40], "Content-Encoding: gzip"),
    "an unknown compression": answer(GOOD + b"\x00", "Content-Encoding: secret"),
    "a bomb in gzip": answer(gzip.compress(b" " * 5_000_000), "Content-Encoding: gzip"),
    "a bomb in deflate": answer(zlib.compress(b" " * 5_000_000), "Content-Encoding: deflate"),
    "an endless body": b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 2_000_000,
    "an upgrade": answer(b"", "Upgrade: websocket", status="101 Switching Protocols"),
    "not modified": answer(b"", status="304 Not Modified"),
    "an interim answer alone": b"HTTP/1.1 100 Continue\r\n\r\n",
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN.keys())
async def test_a_server_that_breaks_http_is_one_masked_error(raw: bytes) -> None:
    response = await ask(raw)
    assert response.data is None
    [error] = response.errors
    assert error.message.startswith("Subgraph 'users' ")
    assert "secret" not in error.message
    assert error.extensions == {"code": "UPSTREAM_ERROR"}


@pytest.mark.parametrize(
    "media_type", ["", ";;;", "secret", "text/html; charset=utf-16", "\xff/\xfe"]
)
async def test_an_odd_media_type_does_not_keep_json_from_being_read(media_type: str) -> None:
    response = await ask(answer(GOOD, f"Content-Type: {media_type}"))
    assert response.data == {"me": "secret"}
