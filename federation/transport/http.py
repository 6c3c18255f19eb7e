"""A subgraph behind GraphQL over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import aiohttp
import orjson

from federation.subgraph import SubgraphError, SubgraphRequest, SubgraphResponse

__all__ = ["Headers", "HttpSubgraph"]

Headers = Callable[[Any], Mapping[str, str]]
"""Headers to send, made from the host's context."""

_ACCEPT = "application/graphql-response+json, application/json;q=0.9"
_RESPONSE_TYPE = "application/graphql-response+json"
_CODE = "UPSTREAM_ERROR"
_INSIDES = frozenset({"exception", "stacktrace", "debugMessage", "trace"})


class _AnswerError(Exception):
    """An answer that is no response; the message completes a sentence about the subgraph."""


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
    ) -> None:
        """Describe the subgraph; nothing is opened before the first fetch.

        Args:
            name: As the supergraph knows it.
            url: Where it listens.
            session: A pool to share, which stays open on close; without one the subgraph makes
                its own.
            timeout: Seconds for one fetch, connecting included.
            headers: What to send beside the fetch's own headers.
            max_bytes: Largest body accepted, after decompression.
        """
        self.name = name
        self._url = url
        self._session = session
        self._owns_session = session is None
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._headers = headers
        self._max_bytes = max_bytes

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Answer one fetch."""
        try:
            return _response(await self._post(request))
        except _AnswerError as refusal:
            return self._failure(str(refusal), refusal)
        except TimeoutError as error:
            return self._failure("did not answer in time", error)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return self._failure("could not be reached", error)

    async def aclose(self) -> None:
        """Close the connections, unless they belong to a shared pool."""
        if self._owns_session and self._session is not None:
            await self._session.close()
            self._session = None

    async def _post(self, request: SubgraphRequest) -> dict[str, Any]:
        given = {} if self._headers is None else self._headers(request.context)
        headers = {**given, "Content-Type": "application/json", "Accept": _ACCEPT}
        async with self._pool().post(
            self._url,
            data=_body(request),
            headers=headers,
            timeout=self._timeout,
            allow_redirects=False,
        ) as answer:
            return _parsed(answer, await self._read(answer))

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        chunks: list[bytes] = []
        room = self._max_bytes
        async for chunk in answer.content.iter_any():
            room -= len(chunk)
            if room < 0:
                raise _AnswerError("answered with more than it may")
            chunks.append(chunk)
        return b"".join(chunks)

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None:
            # Cookies of one caller's answer must not go out with another caller's request.
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(), connector=aiohttp.TCPConnector(limit=100)
            )
        return self._session

    def _failure(self, what: str, cause: BaseException) -> SubgraphResponse:
        message = f"Subgraph '{self.name}' {what}."
        return SubgraphResponse(None, (SubgraphError(message, None, {"code": _CODE}, cause),))


def _body(request: SubgraphRequest) -> bytes:
    body: dict[str, Any] = {"query": request.fetch.operation}
    if request.variables:
        body["variables"] = dict(request.variables)
    return orjson.dumps(body)


def _parsed(answer: aiohttp.ClientResponse, body: bytes) -> dict[str, Any]:
    """The response's JSON object.

    Under its own media type a response may have any status; as plain JSON only success is known
    to come from the GraphQL server and not from something before it.
    """
    if not 200 <= answer.status < 300 and answer.content_type != _RESPONSE_TYPE:
        raise _AnswerError(f"answered with status {answer.status}")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _AnswerError("answered with something that is not JSON") from None
    if not isinstance(document, dict) or not ("data" in document or "errors" in document):
        raise _AnswerError("answered with something that is no GraphQL response")
    return document


def _response(document: dict[str, Any]) -> SubgraphResponse:
    data = document.get("data")
    if data is not None and not isinstance(data, dict):
        raise _AnswerError("answered with data that is no object")
    errors = document.get("errors")
    if errors is not None and not isinstance(errors, list):
        raise _AnswerError("answered with errors that are no list")
    extensions = document.get("extensions")
    return SubgraphResponse(
        data,
        tuple(_error(entry) for entry in errors or ()),
        extensions if isinstance(extensions, dict) else {},
    )


def _error(entry: object) -> SubgraphError:
    fields = entry if isinstance(entry, dict) else {}
    message = fields.get("message")
    return SubgraphError(
        message if isinstance(message, str) else "The subgraph reported an error.",
        _path(fields.get("path")),
        _extensions(fields.get("extensions")),
    )


def _extensions(value: object) -> dict[str, Any]:
    """The subgraph's extensions without the insides that servers in development add."""
    given = value if isinstance(value, dict) else {}
    shown = {key: value for key, value in given.items() if key not in _INSIDES}
    return {"code": _CODE, **shown}


def _path(value: object) -> tuple[str | int, ...] | None:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    if any(isinstance(step, bool) or not isinstance(step, (str, int)) for step in value):
        return None
    return tuple(value)
