"""One operation on a WebSocket: from its message to the last one that answers it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from starlette.websockets import WebSocketDisconnect

from federation.execution.response import Payload, Response
from gateway.errors import RequestTimeout, TooManyOperations, refusal_of
from gateway.exchange import Exchange
from gateway.pipeline import Pipeline
from gateway.protocol.incremental import payload_body
from gateway.protocol.response import body_of
from gateway.protocol.transport_ws import ClientMessage, Kind, message, request_of
from gateway.streams import deliver

__all__ = ["Peer", "SocketOperation"]


class Peer(NamedTuple):
    """What is known about the client of a connection."""

    headers: Mapping[str, str]
    """Of the handshake, with the credentials of `connection_init`."""
    cookies: Mapping[str, str]
    address: str | None = None


def _nothing() -> None:
    return None


class SocketOperation:
    """Answers one `subscribe` message."""

    def __init__(
        self,
        asked: ClientMessage,
        peer: Peer,
        *,
        request_id: str,
        send: Callable[[str], Awaitable[None]],
        seconds: float,
    ) -> None:
        """Take what is asked, by whom, how to answer, and how long the first answer may take."""
        self._asked = asked
        self._peer = peer
        self._request_id = request_id
        self._send = send
        self._seconds = seconds
        self.on_last: Callable[[], None] = _nothing
        """Called before the last message."""

    async def run(self, pipeline: Pipeline, stopping: asyncio.Event) -> None:
        """Answer to the end; an error that ends the operation is the last message."""
        try:
            await self._answer(self._exchange(), pipeline, stopping)
        except WebSocketDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - faults are logged and answered as INTERNAL
            await self._fail(error)
        else:
            await self._last(Kind.COMPLETE)

    async def refuse(self, most: int) -> None:
        """Answer that the connection carries as many operations as it may."""
        await self._fail(TooManyOperations(f"{most} operations at a time are allowed."))

    def _exchange(self) -> Exchange:
        return Exchange(
            request=request_of(self._asked.payload),
            # No link or form of another page can send it: mutations are as welcome as by POST.
            method="POST",
            headers=self._peer.headers,
            cookies=self._peer.cookies,
            request_id=self._request_id,
            media_type=None,
            is_socket=True,
            peer_address=self._peer.address,
        )

    async def _answer(
        self, exchange: Exchange, pipeline: Pipeline, stopping: asyncio.Event
    ) -> None:
        await self._begin(exchange, pipeline)
        response = exchange.response
        if isinstance(response, Response):
            await self._next(response)
        else:
            await deliver(exchange, response, self._next, stopping)

    async def _begin(self, exchange: Exchange, pipeline: Pipeline) -> None:
        try:
            async with asyncio.timeout(self._seconds) as timeout:
                await pipeline.run(exchange)
        except TimeoutError:
            # A TimeoutError of a phase's own is not the bound's.
            if not timeout.expired():
                raise
            raise RequestTimeout(
                f"The request took longer than {self._seconds:g} seconds and was stopped."
            ) from None

    async def _next(self, response: Response | Payload) -> None:
        if isinstance(response, Response):
            body = body_of(response, self._request_id)
        else:
            body = payload_body(response, self._request_id)
        await self._send(message(Kind.NEXT, self._asked.id, body))

    async def _fail(self, error: Exception) -> None:
        await self._last(Kind.ERROR, list(refusal_of(error, self._request_id).errors))

    async def _last(self, kind: Kind, payload: object = None) -> None:
        self.on_last()
        # The client may have gone, which the reader of the connection learns by itself.
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self._send(message(kind, self._asked.id, payload))
