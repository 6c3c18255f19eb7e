"""GraphQL over WebSocket: many operations on one connection, each through the same pipeline."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from auth.credentials import API_KEY_HEADER, credentials_of
from auth.csrf import refusal_of_cookie_on_socket
from gateway.lifespan import opened_of, stopping_of
from gateway.protocol.head import request_id_of
from gateway.protocol.transport_ws import SUBPROTOCOL, ClientMessage, Close, Kind, parse_message
from gateway.protocol.transport_ws import message as message_of
from gateway.socket_operation import Peer, SocketOperation

__all__ = ["SocketEndpoint", "SocketLimits"]

_CREDENTIALS = ("authorization", API_KEY_HEADER)


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketLimits:
    """What one connection may cost, and whose pages may open it with a session."""

    max_message_bytes: int
    first_payload_seconds: float
    """Longest time until a query is answered, or a subscription begins."""
    allowed_origins: tuple[str, ...] = ()
    init_seconds: float = 10.0
    """Longest time until the client has introduced itself."""
    max_operations: int = 100
    """Operations at a time."""


class SocketEndpoint:
    """An ASGI application that answers one WebSocket with the pipeline that was opened."""

    def __init__(self, limits: SocketLimits) -> None:
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection until either side ends it."""
        socket = WebSocket(scope, receive, send)
        if SUBPROTOCOL not in scope["subprotocols"]:
            await socket.accept()
            await socket.close(4406, f"Ask for the subprotocol {SUBPROTOCOL}.")
            return
        await socket.accept(SUBPROTOCOL)
        await _Connection(socket, self._limits).serve()


class _Connection:
    """One connection, and the operations on it."""

    def __init__(self, socket: WebSocket, limits: SocketLimits) -> None:
        self._socket = socket
        self._limits = limits
        address = None if socket.client is None else socket.client.host
        self._peer = Peer(dict(socket.headers), socket.cookies, address)
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0

    async def serve(self) -> None:
        """Read messages until the client goes or breaks the protocol."""
        try:
            await self._introduce()
            while True:
                await self._take(await self._receive())
        except WebSocketDisconnect:
            pass
        except Close as close:
            with contextlib.suppress(WebSocketDisconnect):
                await self._socket.close(close.code, close.reason)
        finally:
            await self._end_all()

    async def _introduce(self) -> None:
        try:
            async with asyncio.timeout(self._limits.init_seconds):
                first = await self._receive()
                while first.kind in {Kind.PING, Kind.PONG}:
                    await self._take(first)
                    first = await self._receive()
        except TimeoutError:
            raise Close(4408, "Connection initialisation timeout") from None
        if first.kind is not Kind.INIT:
            raise Close(4401, "Unauthorized")
        self._identify(first.payload)
        await self._socket.send_text(message_of(Kind.ACK))

    def _identify(self, payload: Any) -> None:
        """Take a token from the payload, since a browser can put none into a header."""
        headers, cookies, address = self._peer
        given = _credentials_in(payload)
        if given and not any(name in headers for name in _CREDENTIALS):
            headers, cookies = {**headers, **given}, {}
        credentials = credentials_of(headers, cookies)
        if credentials is not None and credentials.is_cookie:
            refusal = refusal_of_cookie_on_socket(headers, self._limits.allowed_origins)
            if refusal is not None:
                raise Close(4403, refusal)
        self._peer = Peer(headers, cookies, address)

    async def _receive(self) -> ClientMessage:
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1005))
        text = received.get("text")
        if text is None:
            raise Close(4400, "A message must be text.")
        if len(text) > self._limits.max_message_bytes:
            raise Close(1009, "The message is too large.")
        return parse_message(text)

    async def _take(self, received: ClientMessage) -> None:
        match received.kind:
            case Kind.PING:
                await self._socket.send_text(message_of(Kind.PONG, payload=received.payload))
            case Kind.SUBSCRIBE:
                self._begin(received)
            case Kind.COMPLETE:
                self._end(received.id)
            case Kind.INIT:
                raise Close(4429, "Too many initialisation requests")
            case _:
                pass

    def _begin(self, received: ClientMessage) -> None:
        id = received.id
        if id in self._operations:
            raise Close(4409, f"Subscriber for {id[:64]} already exists")
        self._count += 1
        operation = SocketOperation(
            received,
            self._peer,
            request_id=f"{request_id_of(self._socket.scope, self._socket.headers)}-{self._count}",
            send=self._socket.send_text,
            seconds=self._limits.first_payload_seconds,
        )
        # Those that are ending count too: beginning and ending in turns must stay bounded.
        most = self._limits.max_operations
        task = asyncio.create_task(
            operation.refuse(most) if len(self._tasks) >= most else self._run(operation)
        )
        self._tasks.add(task)
        self._operations[id] = task
        operation.on_last = lambda: self._forget(id, task)
        task.add_done_callback(lambda _: self._finished(id, task))

    async def _run(self, operation: SocketOperation) -> None:
        scope = self._socket.scope
        async with opened_of(scope).live.held() as pipeline:
            await operation.run(pipeline, stopping_of(scope))

    def _end(self, id: str) -> None:
        task = self._operations.pop(id, None)
        if task is not None:
            task.cancel()

    def _forget(self, id: str, task: asyncio.Task[None]) -> None:
        """The client may use the id again."""
        if self._operations.get(id) is task:
            del self._operations[id]

    def _finished(self, id: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._forget(id, task)

    async def _end_all(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _credentials_in(payload: Any) -> Mapping[str, str]:
    """Credentials of `connection_init`, as headers; whatever else it holds is not believed.

    Other names could overrule what a proxy has put into the handshake.
    """
    if not isinstance(payload, dict):
        return {}
    nested = payload.get("headers")
    given = {**(nested if isinstance(nested, dict) else {}), **payload}
    return {
        name.lower(): value
        for name, value in given.items()
        if name.lower() in _CREDENTIALS and isinstance(value, str)
    }
