"""Answers of several payloads as they leave over HTTP.

Server-sent events follow the distinct connections mode of GraphQL over SSE; `multipart/mixed` wraps
each payload of a subscription as clients of that protocol expect it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import orjson
from starlette.types import Receive, Scope, Send

from federation.execution.response import IncrementalPayloads, Payload, Response, ResponseEvents
from federation.plan import OperationKind
from gateway.errors import refusal_of
from gateway.exchange import Exchange
from gateway.lifespan import stopping_of
from gateway.protocol.head import REQUEST_ID
from gateway.protocol.incremental import former_payload_body, payload_body
from gateway.protocol.media import StreamType
from gateway.protocol.response import body_of
from gateway.streams import deliver, first_of

__all__ = ["StreamReply"]

_HEARTBEAT_SECONDS = 12.0
"""Below the 15 or more seconds after which proxies take a silent connection for a dead one."""


class _Framing(Protocol):
    """How payloads are told apart."""

    content_type: str
    begin: bytes
    heartbeat: bytes
    end: bytes

    def payload(self, body: Mapping[str, Any]) -> bytes:
        """One whole response."""

    def increment(self, body: Mapping[str, Any]) -> bytes:
        """One payload of several that make one response."""


class _ServerSentEvents:
    content_type = f"{StreamType.EVENT_STREAM}; charset=utf-8"
    begin = heartbeat = b":\n\n"
    end = b"event: complete\ndata:\n\n"

    def payload(self, body: Mapping[str, Any]) -> bytes:
        # JSON holds no line break, so one line of data is enough.
        return b"event: next\ndata: %b\n\n" % orjson.dumps(body)

    increment = payload


def _part(content: Mapping[str, Any]) -> bytes:
    """A part and the boundary after it, without which no client knows that it is complete."""
    head = b"\r\nContent-Type: application/json\r\n\r\n"
    return head + orjson.dumps(content) + b"\r\n--graphql"


class _Multipart:
    content_type = f"{StreamType.MULTIPART}; boundary=graphql"
    begin = b"--graphql"
    heartbeat = _part({})
    end = b"--\r\n"

    def payload(self, body: Mapping[str, Any]) -> bytes:
        return _part({"payload": body})

    def increment(self, body: Mapping[str, Any]) -> bytes:
        return _part(body)


_FRAMINGS: Mapping[StreamType, _Framing] = {
    StreamType.EVENT_STREAM: _ServerSentEvents(),
    StreamType.MULTIPART: _Multipart(),
}


class StreamReply:
    """An ASGI application that sends the events of one exchange until they, or the client, end."""

    def __init__(
        self,
        exchange: Exchange,
        stream_type: StreamType,
        events: ResponseEvents | IncrementalPayloads,
    ) -> None:
        self._exchange = exchange
        self._framing = _FRAMINGS[stream_type]
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send headers at once, then each payload as it comes, and a heartbeat in silence."""
        framing, request_id = self._framing, self._exchange.request_id

        async def chunk(content: bytes, *, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": content, "more_body": more})

        async def write(response: Response | Payload) -> None:
            if isinstance(response, Response):
                await chunk(framing.payload(body_of(response, request_id)))
            elif self._exchange.defers_formerly:
                await chunk(framing.increment(former_payload_body(response, request_id)))
            else:
                await chunk(framing.increment(payload_body(response, request_id)))

        await send({"type": "http.response.start", "status": 200, "headers": self._headers()})
        await chunk(framing.begin)
        try:
            await first_of(
                deliver(self._exchange, self._events, write, stopping_of(scope)),
                _beat(lambda: chunk(framing.heartbeat)),
                _gone(receive),
            )
        except Exception as error:  # noqa: BLE001 - the last payload says what ended the stream
            refusal = refusal_of(error, request_id)
            await chunk(framing.payload({"errors": list(refusal.errors)}))
        await chunk(framing.end, more=False)

    def _content_type(self) -> str:
        content_type = self._framing.content_type
        if self._framing is not _FRAMINGS[StreamType.MULTIPART]:
            return content_type
        if self._exchange.prepared.kind is OperationKind.SUBSCRIPTION:
            return f"{content_type}; subscriptionSpec=1.0"
        return (
            f"{content_type}; deferSpec=20220824"
            if self._exchange.defers_formerly
            else content_type
        )

    def _headers(self) -> list[tuple[bytes, bytes]]:
        return [
            (b"content-type", self._content_type().encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            # Proxies that gather an answer before they pass it on would hold every event back.
            (b"x-accel-buffering", b"no"),
            (REQUEST_ID.encode(), self._exchange.request_id.encode()),
        ]


async def _beat(send: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(_HEARTBEAT_SECONDS)
        await send()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
