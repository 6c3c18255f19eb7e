"""A bound on the time one request may take."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import RequestTimeout
from gateway.protocol.media import StreamType
from gateway.protocol.refusing import reply_to

__all__ = ["Timeout"]


class Timeout:
    """Cancels a request after `seconds` and answers 504, unless the answer is on its way.

    A stream must begin within the time, and then lasts as long as it likes.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request within the time."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_started = False

        async def noting_start(message: Message) -> None:
            nonlocal has_started
            has_started = True
            if _begins_stream(message):
                timeout.reschedule(None)
            await send(message)

        try:
            async with asyncio.timeout(self.seconds) as timeout:
                await self.app(scope, receive, noting_start)
        except TimeoutError:
            # A TimeoutError of the application's own is not ours to answer.
            if has_started or not timeout.expired():
                raise
            error = RequestTimeout(
                f"The request took longer than {self.seconds:g} seconds and was stopped."
            )
            await reply_to(error, scope)(scope, receive, send)


def _begins_stream(message: Message) -> bool:
    if message["type"] != "http.response.start":
        return False
    content_type = Headers(raw=message["headers"]).get("content-type", "")
    return content_type.startswith(tuple(StreamType))
