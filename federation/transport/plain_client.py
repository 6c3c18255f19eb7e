"""Requests over plain TCP: kept-alive connections to one server, each with one request at a time.

PERF: bench.federation; a call takes a quarter of what aiohttp's takes (docs/adr/0007).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from yarl import URL

from federation.transport.client import HttpAnswer
from federation.transport.connection import Connection
from federation.transport.pool import PoolLimits

__all__ = ["PlainClient"]


class PlainClient:
    """Posts to an `http://` URL."""

    def __init__(self, url: URL, limits: PoolLimits, *, timeout: float, max_bytes: int) -> None:
        """Describe the server; nothing is opened before the first request."""
        self._host = url.raw_host or ""
        self._port = url.port or 80
        head = f"POST {url.raw_path_qs} HTTP/1.1\r\nhost: {url.raw_authority}\r\n"
        self._head = f"{head}accept-encoding: gzip, deflate\r\n".encode("ascii")
        self._limits = limits
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._slots = asyncio.Semaphore(limits.connections_per_host)
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._sweeping: asyncio.TimerHandle | None = None

    async def post(self, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        """Post a body."""
        length = b"content-length: %d\r\n\r\n" % len(body)
        request = b"".join((self._head, _lines(headers), length, body))
        async with asyncio.timeout(self._timeout), self._slots:
            connection = self._unused() or await self._connect()
            try:
                return await connection.exchange(request, self._max_bytes)
            finally:
                self._keep(connection)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None
        for connection in self._open:
            connection.close()
        self._open.clear()
        self._idle.clear()
        await asyncio.sleep(0)  # closed sockets are let go of in the loop's next turn

    def _unused(self) -> Connection | None:
        """The connection used last, which is the one least likely to have been closed."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_reusable and not self._is_old(connection):
                return connection
            self._drop(connection)
        return None

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._limits.connect_seconds):
            _, connection = await loop.create_connection(Connection, self._host, self._port)
        self._open.add(connection)
        return connection

    def _keep(self, connection: Connection) -> None:
        if not connection.is_reusable or connection not in self._open:
            self._drop(connection)
            return
        loop = asyncio.get_running_loop()
        connection.unused_since = loop.time()
        self._idle.append(connection)
        if self._sweeping is None:
            self._sweeping = loop.call_later(self._limits.keepalive_seconds, self._sweep)

    def _drop(self, connection: Connection) -> None:
        connection.close()
        self._open.discard(connection)

    def _sweep(self) -> None:
        """Close what nobody has used for long, and come again for the rest."""
        self._sweeping = None
        unused, self._idle = self._idle, []
        for connection in unused:
            if connection.is_reusable and not self._is_old(connection):
                self._idle.append(connection)
            else:
                self._drop(connection)
        if self._idle:
            loop = asyncio.get_running_loop()
            self._sweeping = loop.call_later(self._limits.keepalive_seconds, self._sweep)

    def _is_old(self, connection: Connection) -> bool:
        now = asyncio.get_running_loop().time()
        return now - connection.unused_since > self._limits.keepalive_seconds


def _lines(headers: Mapping[str, str]) -> bytes:
    """Header lines. Raises `ValueError` for values that would begin a line of their own."""
    text = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    lines = len(headers)
    if text.count("\r") != lines or text.count("\n") != lines or "\0" in text:
        raise ValueError("a header holds a line break")
    return text.encode()
