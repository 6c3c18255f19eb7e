"""A subgraph behind GraphQL over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import aiohttp
import orjson
from yarl import URL

from federation.subgraph import SubgraphRequest, SubgraphResponse
from federation.transport.aiohttp_client import AiohttpClient
from federation.transport.answer import RESPONSE_TYPE, ErrorPolicy, read_answer
from federation.transport.client import HttpClient
from federation.transport.errors import (
    TimedOutError,
    TransportError,
    UnreachableError,
    UnsendableError,
    failed,
)
from federation.transport.plain_client import PlainClient
from federation.transport.pool import PoolLimits
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
        limits = pool or PoolLimits()
        address = URL(url)
        self._client: HttpClient
        if session is None and address.scheme == "http" and address.user is None:
            self._client = PlainClient(address, limits, timeout=timeout, max_bytes=max_bytes)
        else:
            self._client = AiohttpClient(
                url, session, limits, tls, timeout=timeout, max_bytes=max_bytes
            )
        self._headers = headers
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
        await self._client.aclose()

    async def _post(self, request: SubgraphRequest) -> SubgraphResponse:
        body = request_body(request)
        answer = await self._client.post(self._headers_of(request, body), body)
        return read_answer(answer.status, answer.content_type, answer.body, self._errors)

    def _headers_of(self, request: SubgraphRequest, body: bytes) -> dict[str, str]:
        given = {} if self._headers is None else self._headers(request.context)
        headers = {**given, **_OWN_HEADERS}
        if self._signer is not None:
            headers.update(self._signer.sign("POST", self._url, headers, body))
        return headers

    def _failed(self, error: TransportError, cause: Exception) -> SubgraphResponse:
        error.__cause__ = cause
        return failed(self.name, error)


def request_body(request: SubgraphRequest) -> bytes:
    """A fetch as JSON. Raises `TypeError` for values that JSON does not have."""
    body: dict[str, Any] = {"query": request.fetch.operation}
    if request.variables:
        body["variables"] = dict(request.variables)
    return orjson.dumps(body)
