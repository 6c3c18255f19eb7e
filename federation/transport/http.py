"""A subgraph behind GraphQL over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import aiohttp
import orjson

from federation.subgraph import SubgraphRequest, SubgraphResponse
from federation.transport.answer import RESPONSE_TYPE, ErrorPolicy, read_answer
from federation.transport.errors import (
    AnswerError,
    TimedOutError,
    TransportError,
    UnreachableError,
    UnsendableError,
    failed,
)
from federation.transport.pool import PoolLimits, open_pool
from federation.transport.signing import Signer
from federation.transport.tls import Tls

__all__ = ["Headers", "HttpSubgraph", "request_body"]

Headers: TypeAlias = Callable[[Any], Mapping[str, str]]
"""Headers to send, made from the host's context; names in lower case."""

_OWN_HEADERS = {
    "content-type": "application/json",
    "accept": f"{RESPONSE_TYPE}, application/json;q=0.9",
}


class HttpSubgraph:
    """Posts fetches to a URL over kept-alive connections.

    Whatever goes wrong on the way becomes an error that names the subgraph and shows nothing of
    what it sent.
    """

    def __init__(
        self,
        name: str,
        url: str,
        session: aiohttp.ClientSession | None = None,
        *,
        timeout: float = 30.0,
        headers: Headers | None = None,
        max_bytes: int = 64 * 1024 * 1024,
        errors: ErrorPolicy = ErrorPolicy.STATED,
        pool: PoolLimits | None = None,
        tls: Tls | None = None,
        signer: Signer | None = None,
    ) -> None:
        """Describe the subgraph; nothing is opened before the first fetch.

        Args:
            name: As the supergraph knows it.
            url: Where it listens.
            session: A pool to share, which stays open on close; without one the subgraph makes
                its own.
            timeout: Seconds for one fetch, waiting for a connection included.
            headers: What to send beside the fetch's own headers.
            max_bytes: Largest body accepted, after decompression.
            errors: What clients see of the errors that the subgraph reports.
            pool: Bounds of its own pool.
            tls: Certificates of its own pool.
            signer: Signs each request.
        """
        self.name = name
        self._url = url
        self._session = session
        self._owns_session = session is None
        self._limits = pool or PoolLimits()
        self._tls = tls
        self._timeout = aiohttp.ClientTimeout(
            total=timeout, sock_connect=self._limits.connect_seconds
        )
        self._headers = headers
        self._max_bytes = max_bytes
        self._errors = errors
        self._signer = signer

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Answer one fetch."""
        try:
            return await self._post(request)
        except TransportError as error:
            return failed(self.name, error)
        except TimeoutError as error:
            return self._failed(TimedOutError("did not answer in time"), error)
        except (aiohttp.ClientError, OSError) as error:
            return self._failed(UnreachableError("could not be reached"), error)
        except (ValueError, TypeError) as error:
            return self._failed(UnsendableError("could not be sent the request"), error)

    async def aclose(self) -> None:
        """Close the connections, unless they belong to a shared pool."""
        if self._owns_session and self._session is not None:
            await self._session.close()
            self._session = None

    async def _post(self, request: SubgraphRequest) -> SubgraphResponse:
        body = request_body(request)
        async with self._pool().post(
            self._url,
            data=body,
            headers=self._headers_of(request, body),
            timeout=self._timeout,
            allow_redirects=False,
        ) as answer:
            content = await self._read(answer)
            return read_answer(answer.status, answer.content_type, content, self._errors)

    def _headers_of(self, request: SubgraphRequest, body: bytes) -> dict[str, str]:
        given = {} if self._headers is None else self._headers(request.context)
        headers = {**given, **_OWN_HEADERS}
        if self._signer is not None:
            headers.update(self._signer.sign("POST", self._url, headers, body))
        return headers

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

    def _failed(self, error: TransportError, cause: Exception) -> SubgraphResponse:
        error.__cause__ = cause
        return failed(self.name, error)


def request_body(request: SubgraphRequest) -> bytes:
    """A fetch as JSON. Raises `TypeError` for values that JSON does not have."""
    body: dict[str, Any] = {"query": request.fetch.operation}
    if request.variables:
        body["variables"] = dict(request.variables)
    return orjson.dumps(body)
