"""The GraphQL endpoint: an HTTP request in, the pipeline, an HTTP response out.

Its guards stand here, in the order in which they are asked, and not in middleware: what each of
them looks at is read once. PERF: bench/list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from starlette.types import ASGIApp, Receive, Scope, Send

from auth.credentials import credentials_of
from auth.csrf import refusal_of_cookie
from federation.execution.response import Response, ResponseEvents
from gateway.deadlines import Deadlines
from gateway.errors import CrossSiteRequest, MethodNotAllowed, NotAcceptable, RequestTimeout
from gateway.exchange import Exchange
from gateway.lifespan import opened_of
from gateway.live import Served
from gateway.protocol.body import check_length, read_body
from gateway.protocol.head import Head, head_of
from gateway.protocol.media import MediaType, StreamType, wanted_by
from gateway.protocol.refusing import reply_to
from gateway.protocol.request import (
    GraphQLRequest,
    check_content_type,
    from_body,
    from_query_string,
)
from gateway.protocol.response import answer
from gateway.protocol.stream import StreamReply
from gateway.settings import Settings

__all__ = ["GraphQLEndpoint", "HttpLimits"]


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What one HTTP request may cost, and who may send it from a browser."""

    max_body_bytes: int = 1_048_576
    request_timeout_seconds: float = 30.0
    """A stream must begin within the time, and then lasts as long as it likes."""
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may call with credentials; none by default."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The limits that settings ask for."""
        return cls(settings.max_body_bytes, settings.request_timeout_seconds, settings.cors_origins)


class GraphQLEndpoint:
    """An ASGI application that answers GraphQL over HTTP with the pipeline that was opened."""

    def __init__(self, limits: HttpLimits) -> None:
        self._limits = limits
        self._deadlines = Deadlines(limits.request_timeout_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request within its time."""
        head = head_of(scope)
        served = opened_of(scope).live.enter()
        reply: ASGIApp | None = None
        try:
            with self._deadlines.bound() as bound:
                reply = await self._reply(head, scope, receive, served)
                if isinstance(reply, StreamReply):
                    bound.lift()
                await reply(scope, receive, send)
        except TimeoutError:
            # A TimeoutError of the application's own is not ours to answer.
            if reply is not None or not bound.is_over:
                raise
            await reply_to(self._late(), head.headers, head.request_id)(scope, receive, send)
        finally:
            await served.leave()

    async def _reply(self, head: Head, scope: Scope, receive: Receive, served: Served) -> ASGIApp:
        """The response; whatever goes wrong becomes one in this place."""
        try:
            self._admit(head)
            exchange = await self._exchange(head, scope, receive)
            await served.pipeline.run(exchange)
            return _written(exchange)
        except Exception as error:  # noqa: BLE001 - faults are logged and answered as INTERNAL
            return reply_to(error, head.headers, head.request_id)

    def _admit(self, head: Head) -> None:
        """Judge the headers; nothing has been read or looked up yet.

        A session in the cookie does for our own pages only. Requests whose token stands in a header
        pass: no foreign page can put it there.
        """
        check_length(head.headers, self._limits.max_body_bytes)
        if head.cookies:
            credentials = credentials_of(head.headers, head.cookies)
            if credentials is not None and credentials.is_cookie:
                refusal = refusal_of_cookie(head.headers, self._limits.cors_origins)
                if refusal is not None:
                    raise CrossSiteRequest(refusal)

    async def _exchange(self, head: Head, scope: Scope, receive: Receive) -> Exchange:
        method, headers, cookies, request_id = head
        wanted = wanted_by(headers.get("accept"))
        if wanted.single is None and wanted.stream is None:
            known = " or ".join((*MediaType, *StreamType))
            raise NotAcceptable(f"Accept {known}: nothing else is written here.")
        return Exchange(
            request=await self._read(head, scope, receive),
            method="GET" if method == "HEAD" else method,
            headers=headers,
            cookies=cookies,
            request_id=request_id,
            media_type=wanted.single,
            stream_type=wanted.stream,
            defers_formerly=wanted.defers_formerly,
            peer_address=_peer_of(scope),
        )

    async def _read(self, head: Head, scope: Scope, receive: Receive) -> GraphQLRequest:
        if head.method in {"GET", "HEAD"}:
            return from_query_string(scope["query_string"])
        if head.method != "POST":
            raise MethodNotAllowed("Send GraphQL by POST, or queries by GET.", allow="GET, POST")
        headers = head.headers
        check_content_type(headers.get("content-type"), headers.get("content-encoding"))
        return from_body(await read_body(receive, self._limits.max_body_bytes))

    def _late(self) -> RequestTimeout:
        seconds = self._limits.request_timeout_seconds
        return RequestTimeout(f"The request took longer than {seconds:g} seconds and was stopped.")


def _peer_of(scope: Scope) -> str | None:
    client = scope.get("client")
    return None if client is None else client[0]


def _written(exchange: Exchange) -> ASGIApp:
    """The answer in a form that the client takes."""
    response = exchange.response
    if isinstance(response, Response):
        if exchange.media_type is not None:
            return answer(response, exchange.media_type, exchange.request_id)
        response = _only(response)
    # Without a stream type there are no events: `match_method` has refused the subscription.
    return StreamReply(exchange, exchange.stream_type or StreamType.EVENT_STREAM, response)


async def _only(response: Response) -> ResponseEvents:
    yield response
