"""An HTTP response that is there already."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from starlette.types import Receive, Scope, Send

from gateway.protocol.head import REQUEST_ID

__all__ = ["HeaderLines", "Reply"]

HeaderLines: TypeAlias = tuple[tuple[bytes, bytes], ...]

_REQUEST_ID = REQUEST_ID.encode()


class Reply:
    """An ASGI application that sends status, headers and body, and the request's id with them."""

    __slots__ = ("_body", "_headers", "_request_id", "_status")

    def __init__(
        self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes, request_id: str
    ) -> None:
        self._status = status
        self._headers = headers
        self._body = body
        self._request_id = request_id

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        headers = [
            *self._headers,
            (b"content-length", b"%d" % len(self._body)),
            (_REQUEST_ID, self._request_id.encode()),
        ]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        await send({"type": "http.response.body", "body": self._body})
