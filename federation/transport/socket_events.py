"""Subscriptions over WebSocket, in the protocol graphql-transport-ws."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from typing import Any

import aiohttp
import orjson

from federation.subgraph import SubgraphRequest, SubgraphResponse
from federation.transport.answer import ErrorPolicy, response_of
from federation.transport.errors import AnswerError, UnreachableError
from federation.transport.http import Headers
from federation.transport.pool import PoolLimits, open_pool
from federation.transport.subscriptions import STARTED, SubscriptionPolicy
from federation.transport.tls import Tls

__all__ = ["SocketWire", "socket_url"]

_ID = "1"
_CLOSE_SECONDS = 2.0
_Socket = aiohttp.ClientWebSocketResponse


class SocketWire:
    """One connection a subscription: what is told of the client holds for a whole connection."""

    def __init__(
        self,
        url: str,
        policy: SubscriptionPolicy,
        *,
        headers: Headers,
        max_bytes: int,
        errors: ErrorPolicy,
        pool: PoolLimits,
        tls: Tls | None = None,
    ) -> None:
        """Describe the subgraph; `max_bytes` bounds one event.

        Headers go out with the handshake and, for servers that look there, as the payload of
        `connection_init`.
        """
        self._url = url
        self._policy = policy
        self._headers = headers
        self._max_bytes = max_bytes
        self._errors = errors
        self._limits = replace(pool, connections_per_host=policy.connections)
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def events(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        """Yield `STARTED`, then each event."""
        async with asyncio.timeout(self._policy.start_seconds):
            socket = await self._started(request)
        try:
            yield STARTED
            async for event in self._next(socket):
                yield event
        finally:
            await socket.close()

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _started(self, request: SubgraphRequest) -> _Socket:
        headers = dict(self._headers(request.context))
        socket = await self._connect(headers)
        try:
            await self._introduce(socket, headers)
            await _send(socket, "subscribe", _ID, _subscription(request))
        except BaseException:
            await socket.close()
            raise
        return socket

    async def _connect(self, headers: Mapping[str, str]) -> _Socket:
        if self._session is None:
            self._session = open_pool(self._limits, self._tls)
        return await self._session.ws_connect(
            self._url,
            protocols=("graphql-transport-ws",),
            headers=headers,
            heartbeat=self._policy.heartbeat_seconds,
            max_msg_size=self._max_bytes,
            timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_SECONDS),
        )

    async def _introduce(self, socket: _Socket, headers: Mapping[str, str]) -> None:
        if socket.protocol is None:
            raise AnswerError("does not speak graphql-transport-ws")
        await _send(socket, "connection_init", payload=dict(headers))
        received = await _receive(socket)
        if received.get("type") != "connection_ack":
            raise AnswerError("did not accept the connection")

    async def _next(self, socket: _Socket) -> AsyncGenerator[SubgraphResponse, None]:
        while True:
            received = await _receive(socket)
            match received.get("type"), received.get("payload"):
                case "next", payload:
                    yield response_of(payload, self._errors)
                case "error", payload:
                    yield response_of({"errors": payload}, self._errors)
                    return
                case "complete", _:
                    return
                case _:
                    raise AnswerError("sent a message that is none of the protocol's")


def socket_url(url: str) -> str:
    """The address of a WebSocket at the address of an HTTP server."""
    return "ws" + url.removeprefix("http") if url.startswith("http") else url


def _subscription(request: SubgraphRequest) -> dict[str, Any]:
    payload: dict[str, Any] = {"query": request.fetch.operation}
    if request.variables:
        payload["variables"] = dict(request.variables)
    return payload


async def _send(socket: _Socket, kind: str, id: str | None = None, payload: object = None) -> None:
    message: dict[str, object] = {"type": kind}
    if id is not None:
        message["id"] = id
    if payload is not None:
        message["payload"] = payload
    await socket.send_str(orjson.dumps(message).decode())


async def _receive(socket: _Socket) -> dict[str, Any]:
    """The next message that is about the subscription; pings are answered."""
    while True:
        frame = await socket.receive()
        if frame.type is not aiohttp.WSMsgType.TEXT:
            raise _ended(socket, frame)
        message = _parsed(frame.data)
        match message.get("type"):
            case "ping":
                await _send(socket, "pong", payload=message.get("payload"))
            case "pong":
                pass
            case _:
                return message


def _ended(socket: _Socket, frame: aiohttp.WSMessage) -> Exception:
    if frame.type is aiohttp.WSMsgType.BINARY:
        return AnswerError("sent a message that is none of the protocol's")
    if socket.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG:
        return AnswerError("sent an event that is larger than it may be")
    if socket.close_code in {4401, 4403}:
        return AnswerError("refused the connection")
    return UnreachableError("broke off its events")


def _parsed(text: str) -> dict[str, Any]:
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise AnswerError("answered with something that is not JSON") from None
    if not isinstance(message, dict):
        raise AnswerError("sent a message that is none of the protocol's")
    return message
