"""One HTTP/1.1 connection of a client; httptools, which the gateway's own server uses, parses."""

from __future__ import annotations

import asyncio
import zlib
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from federation.transport.client import HttpAnswer
from federation.transport.errors import AnswerError

__all__ = ["Connection"]

_MAX_HEAD = 65_536
"""Bytes of status line and headers."""

_TOO_MUCH = "answered with more than it may"


class Connection(asyncio.Protocol):
    """Sends one request after the other, each when the answer to the last is complete."""

    def __init__(self) -> None:
        self.unused_since = 0.0
        self.is_reusable = True
        """Whether another request may follow."""
        self._transport: asyncio.Transport
        self._parser: HttpResponseParser
        self._waiter: asyncio.Future[HttpAnswer] | None = None
        self._room = 0
        self._max_bytes = 0

    async def exchange(self, request: bytes, max_bytes: int) -> HttpAnswer:
        """Send a request and wait for the whole answer.

        Raises `AnswerError` for an answer that is too large or cannot be read, `OSError` when the
        connection breaks or what comes is no HTTP.
        """
        self._waiter = asyncio.get_running_loop().create_future()
        self._max_bytes = max_bytes
        self._begin_answer()
        self._transport.write(request)
        # Whoever leaves before the answer is there leaves a connection that none can follow.
        self.is_reusable = False
        try:
            return await self._waiter
        finally:
            self._waiter = None

    def close(self) -> None:
        """Close it at once."""
        self.is_reusable = False
        self._transport.abort()

    def _begin_answer(self) -> None:
        self._parser = HttpResponseParser(self)
        self._room = self._max_bytes
        self._chunks: list[bytes] = []
        self._head_size = 0
        self._has_head = False
        self._has_length = False
        self._content_type = b""
        self._encoding = b""

    def _answered(self, *, is_reusable: bool) -> None:
        waiter = self._waiter
        if waiter is None or waiter.done():
            return
        try:
            body = _decoded(b"".join(self._chunks), self._encoding, self._max_bytes)
        except AnswerError as error:
            self._fail(error)
            return
        self.is_reusable = is_reusable
        media_type = self._content_type.partition(b";")[0].strip().lower().decode("latin-1")
        waiter.set_result(HttpAnswer(self._parser.get_status_code(), media_type, body))

    def _fail(self, error: Exception) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)
        self.close()

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read a part of the answer; what nobody waits for ends the connection."""
        if self._waiter is None or self._waiter.done():
            self.close()
            return
        if not self._has_head:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            broken = ConnectionError("what came is no HTTP")
            broken.__cause__ = error
            self._fail(broken)
            return
        if not self._has_head and self._head_size > _MAX_HEAD:
            self._fail(AnswerError(_TOO_MUCH))

    def eof_received(self) -> None:
        """An answer of unknown length is complete when the server hangs up."""
        self.is_reusable = False
        if self._waiter is not None and self._has_head and not self._has_length:
            self._answered(is_reusable=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing comes any more."""
        self.is_reusable = False
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(exc or ConnectionResetError("the server hung up"))

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Another answer than the one asked for ends the connection."""
        if self._waiter is not None and self._waiter.done():
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take the headers that say how to read the body."""
        name = name.lower()
        if name in {b"content-length", b"transfer-encoding"}:
            self._has_length = True
        elif name == b"content-type":
            self._content_type = value
        elif name == b"content-encoding":
            self._encoding = value.strip().lower()

    def on_headers_complete(self) -> None:
        """The body follows, unless this is an interim answer."""
        self._has_head = self._parser.get_status_code() >= 200

    def on_body(self, data: bytes) -> None:
        """Keep a part of the body while there is room."""
        self._room -= len(data)
        if self._room < 0:
            self._fail(AnswerError(_TOO_MUCH))
        else:
            self._chunks.append(data)

    def on_message_complete(self) -> None:
        """The whole answer is there, or an interim one that another follows."""
        if self._has_head:
            self._answered(is_reusable=self._parser.should_keep_alive())


def _decoded(body: bytes, encoding: bytes, max_bytes: int) -> bytes:
    """A body without its compression. Raises `AnswerError`."""
    if encoding in {b"", b"identity"}:
        return body
    if encoding in {b"gzip", b"x-gzip"}:
        window = 16 + zlib.MAX_WBITS
    elif encoding == b"deflate":
        # The name means zlib's format, but some servers send what is inside of it.
        window = zlib.MAX_WBITS if body[:1] and body[0] & 0xF == 8 else -zlib.MAX_WBITS
    else:
        raise AnswerError("answered in an encoding it was not asked for")
    reader = zlib.decompressobj(window)
    try:
        content = reader.decompress(body, max_bytes + 1)
    except zlib.error:
        raise AnswerError("answered with a body that cannot be decompressed") from None
    if len(content) > max_bytes:
        raise AnswerError(_TOO_MUCH)
    if not reader.eof:
        raise AnswerError("answered with a body that cannot be decompressed")
    return content
