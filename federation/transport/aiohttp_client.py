"""Requests through aiohttp: TLS, client certificates, and pools that others own."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp

from federation.transport.client import HttpAnswer
from federation.transport.errors import AnswerError
from federation.transport.pool import PoolLimits, open_pool
from federation.transport.tls import Tls

__all__ = ["AiohttpClient"]


class AiohttpClient:
    """Posts to a URL over a pool of aiohttp's."""

    def __init__(
        self,
        url: str,
        session: aiohttp.ClientSession | None,
        limits: PoolLimits,
        tls: Tls | None,
        *,
        timeout: float,
        max_bytes: int,
    ) -> None:
        """Take a pool to share, which stays open on close; None opens one at the first request."""
        self._url = url
        self._session = session
        self._owns_session = session is None
        self._limits = limits
        self._tls = tls
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=limits.connect_seconds)
        self._max_bytes = max_bytes

    async def post(self, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        """Post a body."""
        async with self._pool().post(
            self._url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
        ) as answer:
            content = await self._read(answer)
            return HttpAnswer(answer.status, answer.content_type, content)

    async def aclose(self) -> None:
        """Close the connections, unless they belong to a shared pool."""
        if self._owns_session and self._session is not None:
            await self._session.close()
            self._session = None

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        chunks: list[bytes] = []
        room = self._max_bytes
        async for chunk in answer.content.iter_any():
            room -= len(chunk)
            if room < 0:
                raise AnswerError("answered with more than it may")
            chunks.append(chunk)
        return b"".join(chunks)

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = open_pool(self._limits, self._tls)
        return self._session
