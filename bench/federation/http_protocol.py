"""As little HTTP as a benchmark's own servers need: whole requests in, whole responses out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeAlias, cast

__all__ = ["HttpProtocol", "Respond", "content_length", "http_response"]

Respond: TypeAlias = Callable[[bytes, bytes], bytes]
"""From method and body to a whole response."""

_LENGTH = b"content-length:"
_END = b"\r\n\r\n"


class HttpProtocol(asyncio.Protocol):
    """Answers the requests of one connection, one after the other."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond
        self._received = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer whatever is complete."""
        received = self._received + data if self._received else data
        while (end := received.find(_END)) >= 0:
            size = end + len(_END) + content_length(received[:end])
            if len(received) < size:
                break
            method, _, _ = received.partition(b" ")
            self._transport.write(self._respond(method, received[end + len(_END) : size]))
            received = received[size:]
        self._received = received


def content_length(head: bytes) -> int:
    """The length that a head announces; 0 when it does not."""
    head = head.lower()
    start = head.find(_LENGTH)
    return 0 if start < 0 else int(head[start + len(_LENGTH) :].partition(b"\r\n")[0])


def http_response(body: bytes) -> bytes:
    """A successful response."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % len(body) + body
