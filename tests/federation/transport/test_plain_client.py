"""The client for plain TCP: its pool, and every form an answer may have."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from federation.transport.client import HttpAnswer
from federation.transport.errors import AnswerError
from federation.transport.http import HttpSubgraph
from federation.transport.plain_client import PlainClient
from federation.transport.pool import PoolLimits
from tests.federation.transport.doubles import request, server

BODY = b'{"data": {"me": 1}}'
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n" + BODY


class Scripted:
    """A server that sends scripted bytes, one entry a request, and counts its connections."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.heads: list[str] = []
        self.connections = 0
        self.entries = asyncio.Semaphore(0)
        self.door = asyncio.Event()
        self.door.set()
        self.closed = asyncio.Event()
        self.push = b""
        self.pushing = asyncio.Event()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._answer(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed.set()
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        await reader.readexactly(int(head.lower().partition("content-length: ")[2].split()[0]))
        self.entries.release()
        await self.door.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        writer.write(answer)
        await writer.drain()
        if self.push:
            await self.pushing.wait()
            writer.write(self.push)
        return not answer.startswith(b"HTTP/1.0")


@asynccontextmanager
async def scripted(*answers: bytes, **limits: Any) -> AsyncIterator[tuple[PlainClient, Scripted]]:
    script = Scripted(*answers)
    listening = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    url = URL(f"http://localhost:{port}/graphql?a=%20b")
    client = PlainClient(url, PoolLimits(**limits), timeout=5, max_bytes=1000)
    async with listening:
        yield client, script
        await client.aclose()


async def ask(client: PlainClient, headers: Mapping[str, str] | None = None) -> HttpAnswer:
    return await client.post(headers or {}, b"{}")


async def test_a_request_names_its_host_and_what_it_can_read() -> None:
    async with scripted(PLAIN) as (client, script):
        assert await ask(client, {"x-a": "ä"}) == HttpAnswer(200, "", BODY)
    lines = script.heads[0].split("\r\n")
    assert lines[0] == "POST /graphql?a=%20b HTTP/1.1"
    assert lines[1].startswith("host: localhost:")
    assert lines[2:5] == ["accept-encoding: gzip, deflate", "x-a: ä", "content-length: 2"]


@pytest.mark.parametrize("value", ["a\r\nx-b: c", "a\nb", "a\rb", "a\0b"])
async def test_no_header_can_begin_a_line_of_its_own(value: str) -> None:
    async with scripted(PLAIN) as (client, script):
        with pytest.raises(ValueError, match="line break"):
            await ask(client, {"x-a": value})
    assert script.heads == []


def encoded(body: bytes, encoding: str) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


FORMS = {
    "of a length": PLAIN,
    "in chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"9\r\n" + BODY[:9] + b"\r\na\r\n" + BODY[9:] + b"\r\n0\r\n\r\n"
    ),
    "until the end": b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
    "after interim ones": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + PLAIN
    ),
    "in gzip": encoded(gzip.compress(BODY), "gzip"),
    "in deflate": encoded(zlib.compress(BODY), "deflate"),
    "in raw deflate": encoded(zlib.compress(BODY, wbits=-15), "deflate"),
    "as it is": encoded(BODY, "identity"),
}


@pytest.mark.parametrize("raw", FORMS.values(), ids=FORMS.keys())
async def test_an_answer_may_come_in_every_form(raw: bytes) -> None:
    async with scripted(raw) as (client, _):
        answers = [await ask(client) for _ in range(2)]
    assert [answer.body for answer in answers] == [BODY, BODY]


async def test_a_compressed_body_cut_short_cannot_be_read() -> None:
    async with scripted(encoded(zlib.compress(BODY)[:-6], "deflate")) as (client, _):
        with pytest.raises(AnswerError, match="cannot be decompressed"):
            await ask(client)


async def test_connections_are_used_again_unless_the_server_ends_them() -> None:
    closing = PLAIN.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n")
    async with scripted(PLAIN, PLAIN, closing, PLAIN) as (client, script):
        counts = []
        for _ in range(4):
            await ask(client)
            counts.append(script.connections)
    assert counts == [1, 1, 1, 2]


async def test_what_nobody_asked_for_answers_nobody() -> None:
    foreign = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nforeign"
    async with scripted(PLAIN + foreign, PLAIN) as (client, script):
        bodies = [(await ask(client)).body for _ in range(2)]
    assert bodies == [BODY, BODY]
    assert script.connections == 2


async def test_what_comes_unasked_while_nobody_waits_ends_the_connection() -> None:
    async with scripted(PLAIN) as (client, script):
        script.push = PLAIN
        await ask(client)
        script.pushing.set()
        await script.closed.wait()
        assert (await ask(client)).body == BODY
    assert script.connections == 2


async def test_no_more_connections_are_open_than_the_pool_may_have() -> None:
    async with scripted(PLAIN, connections_per_host=2) as (client, script):
        script.door.clear()
        tasks = [asyncio.ensure_future(ask(client)) for _ in range(6)]
        await script.entries.acquire()
        await script.entries.acquire()
        script.door.set()
        assert [answer.body for answer in await asyncio.gather(*tasks)] == [BODY] * 6
    assert script.connections == 2


async def test_whoever_leaves_early_leaves_no_answer_for_the_next() -> None:
    late = PLAIN.replace(b"1}}", b"0}}")
    async with scripted(late, PLAIN, connections_per_host=1) as (client, script):
        script.door.clear()
        leaving = asyncio.ensure_future(ask(client))
        await script.entries.acquire()
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        script.door.set()
        assert [(await ask(client)).body for _ in range(2)] == [BODY, BODY]
    assert script.connections == 2


async def test_a_connection_that_nobody_uses_is_closed() -> None:
    async with scripted(PLAIN, keepalive_seconds=0.01) as (client, script):
        await asyncio.gather(ask(client), ask(client))
        await script.closed.wait()
        assert (await ask(client)).body == BODY
    assert script.connections == 3


async def test_a_connection_that_is_too_old_is_not_used_again() -> None:
    async with scripted(PLAIN, keepalive_seconds=0) as (client, script):
        for _ in range(3):
            await ask(client)
    assert script.connections == 3


async def test_a_connection_that_is_used_now_and_then_stays_open() -> None:
    async with scripted(PLAIN) as (client, script):
        for _ in range(3):
            await ask(client)
            client._sweep()
    assert script.connections == 1


async def test_a_connection_in_use_ends_when_the_client_is_closed() -> None:
    async with scripted(PLAIN) as (client, script):
        script.door.clear()
        asking = asyncio.ensure_future(ask(client))
        await script.entries.acquire()
        await client.aclose()
        with pytest.raises(ConnectionError):
            await asking
        script.door.set()


async def test_a_name_and_password_in_the_url_are_sent() -> None:
    seen: list[str | None] = []

    async def handler(asked: Any) -> Any:
        seen.append(asked.headers.get("Authorization"))
        return web.json_response({"data": {"me": 1}})

    async with server(handler) as url:
        subgraph = HttpSubgraph("users", url.replace("http://", "http://ada:secret@"))
        response = await subgraph.execute(request())
        await subgraph.aclose()
    assert response.data == {"me": 1}
    assert seen == ["Basic YWRhOnNlY3JldA=="]
