"""A service that sends the events a test tells it to, in every protocol of subscriptions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

COMPLETE = "complete"
BREAK = "break"


class Feed:
    """What the service was asked, who listens to it, and what it is to send next."""

    def __init__(self) -> None:
        self.url = ""
        self.headers: dict[str, str] = {}
        self.init: Any = None
        self.asked: dict[str, Any] = {}
        self.listening = asyncio.Event()
        self.gone = asyncio.Event()
        self.sent = 0
        self.pongs: list[Any] = []
        self._next: asyncio.Queue[Any] = asyncio.Queue()

    def event(self, **data: Any) -> None:
        """Send an event with this data."""
        self.send({"data": data})

    def send(self, content: Any) -> None:
        """Send an event, `COMPLETE`, `BREAK`, or bytes as they are."""
        self._next.put_nowait(content)

    async def sse(self, request: web.Request) -> web.StreamResponse:
        await self._take(request)
        answer = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await answer.prepare(request)
        return await self._send(
            request,
            answer,
            lambda event: b"event: next\ndata: " + orjson.dumps(event) + b"\n\n",
            b"event: complete\ndata:\n\n",
        )

    async def multipart(self, request: web.Request) -> web.StreamResponse:
        await self._take(request)
        kind = "multipart/mixed; boundary=graphql"
        answer = web.StreamResponse(headers={"content-type": kind})
        await answer.prepare(request)
        head = b"\r\nContent-Type: application/json\r\n\r\n"
        await answer.write(b"--graphql" + head + b"{}\r\n--graphql")
        return await self._send(
            request,
            answer,
            lambda event: head + orjson.dumps({"payload": event}) + b"\r\n--graphql",
            b"--\r\n",
        )

    async def socket(self, request: web.Request) -> web.StreamResponse:
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        socket = web.WebSocketResponse(protocols=("graphql-transport-ws",))
        await socket.prepare(request)
        self.init = (await socket.receive_json())["payload"]
        await socket.send_json({"type": "ping"})
        self.pongs.append(await socket.receive_json())
        await socket.send_json({"type": "connection_ack"})
        asked = await socket.receive_json()
        self.asked = asked["payload"]
        self.listening.set()
        writing = asyncio.ensure_future(self._talk(socket, asked["id"]))
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                break
        writing.cancel()
        self.gone.set()
        return socket

    async def _talk(self, socket: web.WebSocketResponse, id: str) -> None:
        while True:
            content = await self._next.get()
            if content == BREAK:
                await socket.close(code=1011)
            elif content == COMPLETE:
                await socket.send_json({"id": id, "type": "complete"})
            elif isinstance(content, bytes):
                await socket.send_str(content.decode())
            else:
                await socket.send_json({"id": id, "type": "next", "payload": content})
            self.sent += 1

    async def _take(self, request: web.Request) -> None:
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        self.asked = orjson.loads(await request.read())

    async def _send(
        self, request: web.Request, answer: web.StreamResponse, frame: Any, end: bytes
    ) -> web.StreamResponse:
        self.listening.set()
        try:
            while (content := await self._next.get()) != COMPLETE:
                if content == BREAK:
                    assert request.transport is not None
                    request.transport.close()
                    return answer
                await answer.write(content if isinstance(content, bytes) else frame(content))
                self.sent += 1
            await answer.write(end)
        finally:
            self.gone.set()
        return answer


@asynccontextmanager
async def feed() -> AsyncIterator[Feed]:
    """The service on a port of this machine, at `/sse`, `/multipart` and `/socket`."""
    state = Feed()
    app = web.Application()
    app.router.add_post("/sse", state.sse)
    app.router.add_post("/multipart", state.multipart)
    app.router.add_get("/socket", state.socket)
    # A client that goes cancels its handler, which is how the service learns of it.
    server = TestServer(app)
    await server.start_server()
    state.url = str(server.make_url("/"))
    try:
        yield state
    finally:
        await server.close()
