"""Subscriptions as streams over HTTP: server-sent events, and `multipart/mixed`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from email.message import Message
from typing import Any, Protocol

import aiohttp
import orjson

from federation.subgraph import SubgraphRequest, SubgraphResponse
from federation.transport.answer import RESPONSE_TYPE, ErrorPolicy, read_answer, read_event
from federation.transport.errors import AnswerError, UnreachableError
from federation.transport.http import Headers, request_body
from federation.transport.pool import PoolLimits, open_pool
from federation.transport.signing import Signer
from federation.transport.subscriptions import STARTED, SubscriptionPolicy
from federation.transport.tls import Tls

__all__ = ["Format", "HttpWire", "MultipartFormat", "SseFormat"]


class Format(Protocol):
    """How events are told apart in the body of a response."""

    accept: str
    media_type: str

    def events(self, answer: aiohttp.ClientResponse, max_bytes: int) -> AsyncIterator[bytes]:
        """The JSON of each event, until the subgraph says that there are no more.

        Raises `AnswerError` for an event that is larger than it may be, `UnreachableError` when
        the body ends before the subgraph has said so.
        """


class HttpWire:
    """Posts a subscription and reads its events from the body as they come."""

    def __init__(
        self,
        url: str,
        format: Format,
        policy: SubscriptionPolicy,
        *,
        headers: Headers,
        max_bytes: int,
        errors: ErrorPolicy,
        pool: PoolLimits,
        tls: Tls | None = None,
        signer: Signer | None = None,
    ) -> None:
        """Describe the subgraph, as `HttpSubgraph` does; `max_bytes` bounds one event.

        The pool is the wire's own: a subscription that lasts takes no connection from queries.
        """
        self._url = url
        self._format = format
        self._policy = policy
        self._headers = headers
        self._max_bytes = max_bytes
        self._errors = errors
        self._limits = replace(pool, connections_per_host=policy.connections)
        self._tls = tls
        self._signer = signer
        self._session: aiohttp.ClientSession | None = None

    async def events(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        """Yield `STARTED`, then each event."""
        async with asyncio.timeout(self._policy.start_seconds):
            answer = await self._post(request)
        try:
            if answer.content_type != self._format.media_type or answer.status != 200:
                async with asyncio.timeout(self._policy.start_seconds):
                    yield await self._refusal(answer)
                return
            yield STARTED
            async for event in self._format.events(answer, self._max_bytes):
                yield self._read(event)
        finally:
            # What has not been read is not waited for: this ends the subscription.
            answer.close()

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _post(self, request: SubgraphRequest) -> aiohttp.ClientResponse:
        if self._session is None:
            self._session = open_pool(self._limits, self._tls)
        body = request_body(request)
        headers = {
            **self._headers(request.context),
            "content-type": "application/json",
            "accept": f"{self._format.accept}, {RESPONSE_TYPE};q=0.9, application/json;q=0.8",
        }
        if self._signer is not None:
            headers.update(self._signer.sign("POST", self._url, headers, body))
        return await self._session.post(
            self._url,
            data=body,
            headers=headers,
            timeout=aiohttp.ClientTimeout(
                sock_connect=self._limits.connect_seconds, sock_read=self._policy.silence_seconds
            ),
            allow_redirects=False,
        )

    async def _refusal(self, answer: aiohttp.ClientResponse) -> SubgraphResponse:
        content = await answer.content.read(self._max_bytes)
        response = read_answer(answer.status, answer.content_type, content, self._errors)
        if not response.errors:
            raise AnswerError("answered a subscription with something that is no stream")
        return response

    def _read(self, event: bytes) -> SubgraphResponse:
        return read_event(event, self._errors)


class SseFormat:
    """GraphQL over server-sent events, distinct connections mode."""

    accept = media_type = "text/event-stream"

    async def events(self, answer: aiohttp.ClientResponse, max_bytes: int) -> AsyncIterator[bytes]:
        """The data of each event `next`, until the event `complete`."""
        name, data = "", b""
        async for line in _lines(answer, max_bytes):
            if line:
                field, _, value = line.partition(b":")
                value = value.removeprefix(b" ")
                if field == b"event":
                    name = value.decode("utf-8", "replace")
                elif field == b"data":
                    data = data + b"\n" + value if data else value
                    _check_size(data, max_bytes)
                continue
            if name == "complete":
                return
            if data and name == "next":
                yield data
            name, data = "", b""
        raise UnreachableError("broke off its events")


class MultipartFormat:
    """`multipart/mixed`, each part an object with the event as its `payload`."""

    accept = 'multipart/mixed;subscriptionSpec="1.0"'
    media_type = "multipart/mixed"

    async def events(self, answer: aiohttp.ClientResponse, max_bytes: int) -> AsyncIterator[bytes]:
        """The payload of each part, until the last boundary; parts without one are heartbeats."""
        async for part in _parts(answer, max_bytes):
            payload = _payload(part)
            if payload is not None:
                yield orjson.dumps(payload)


async def _parts(answer: aiohttp.ClientResponse, max_bytes: int) -> AsyncIterator[bytes]:
    """Bodies of the parts, each as soon as the boundary after it is there.

    Not aiohttp's reader: that one waits for the line after the boundary as well, which comes with
    the next event.
    """
    boundary = b"\r\n--" + _boundary(answer)
    rest = b"\r\n"
    async for chunk in answer.content.iter_any():
        *parts, rest = (rest + chunk).split(boundary)
        _check_size(rest, max_bytes)
        for part in parts:
            _check_size(part, max_bytes)
            _, _, body = part.partition(b"\r\n\r\n")
            if body:
                yield body
        if rest.startswith(b"--"):
            return
    raise UnreachableError("broke off its events")


def _boundary(answer: aiohttp.ClientResponse) -> bytes:
    message = Message()
    message["content-type"] = answer.headers.get("content-type", "")
    return (message.get_boundary() or "-").encode()


def _payload(content: bytes) -> Any:
    """The event in a part; errors that stand beside it end the stream and are an event as well."""
    try:
        part = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise AnswerError("answered with something that is not JSON") from None
    if not isinstance(part, dict):
        raise AnswerError("answered with something that is no GraphQL response")
    if part.get("payload") is None and part.get("errors"):
        return {"errors": part["errors"]}
    return part.get("payload")


async def _lines(answer: aiohttp.ClientResponse, max_bytes: int) -> AsyncIterator[bytes]:
    """Lines of a body, without what ends them."""
    rest = b""
    async for chunk in answer.content.iter_any():
        *lines, rest = (rest + chunk.replace(b"\r\n", b"\n")).split(b"\n")
        _check_size(rest, max_bytes)
        for line in lines:
            yield line.removesuffix(b"\r")


def _check_size(content: bytes | bytearray, max_bytes: int) -> None:
    if len(content) > max_bytes:
        raise AnswerError("sent an event that is larger than it may be")
