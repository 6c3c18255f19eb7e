"""The GraphQL endpoint: an HTTP request in, the pipeline, an HTTP response out."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response as HttpResponse
from starlette.types import Receive, Scope, Send

from gateway.errors import MethodNotAllowed, NotAcceptable
from gateway.exchange import Exchange
from gateway.lifespan import opened_of
from gateway.middleware.request_id import request_id_of
from gateway.protocol.media import MediaType, accepted
from gateway.protocol.refusing import reply_to
from gateway.protocol.request import (
    GraphQLRequest,
    check_content_type,
    from_body,
    from_query_string,
)

__all__ = ["GraphQLEndpoint"]


class GraphQLEndpoint:
    """An ASGI application that answers GraphQL over HTTP with the pipeline that was opened."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; whatever goes wrong becomes a response in one place."""
        request = Request(scope, receive)
        try:
            reply = await _reply(request)
        except Exception as error:  # noqa: BLE001 - faults are logged and answered as INTERNAL
            reply = reply_to(error, scope)
        await reply(scope, receive, send)


async def _reply(request: Request) -> HttpResponse:
    media_type = accepted(request.headers.get("accept"))
    if media_type is None:
        raise NotAcceptable(f"Accept {' or '.join(MediaType)}: nothing else is written here.")
    exchange = Exchange(
        request=await _read(request),
        method="GET" if request.method == "HEAD" else request.method,
        headers=dict(request.headers),
        cookies=request.cookies,
        request_id=request_id_of(request.scope),
        media_type=media_type,
    )
    await opened_of(request.scope).live.run(exchange)
    return exchange.reply


async def _read(request: Request) -> GraphQLRequest:
    if request.method in {"GET", "HEAD"}:
        return from_query_string(request.scope["query_string"])
    if request.method != "POST":
        raise MethodNotAllowed("Send GraphQL by POST, or queries by GET.", allow="GET, POST")
    check_content_type(request.headers.get("content-type"), request.headers.get("content-encoding"))
    return from_body(await request.body())
