"""The GraphQL endpoint: an HTTP request in, the pipeline, an HTTP response out."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from federation.execution.response import Response, ResponseEvents
from gateway.errors import MethodNotAllowed, NotAcceptable
from gateway.exchange import Exchange
from gateway.lifespan import opened_of
from gateway.middleware.request_id import request_id_of
from gateway.pipeline import Pipeline
from gateway.protocol.media import (
    MediaType,
    StreamType,
    accepted,
    accepted_stream,
    defers_formerly,
)
from gateway.protocol.refusing import reply_to
from gateway.protocol.request import (
    GraphQLRequest,
    check_content_type,
    from_body,
    from_query_string,
)
from gateway.protocol.response import answer
from gateway.protocol.stream import StreamReply

__all__ = ["GraphQLEndpoint"]


class GraphQLEndpoint:
    """An ASGI application that answers GraphQL over HTTP with the pipeline that was opened."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; whatever goes wrong becomes a response in one place."""
        async with opened_of(scope).live.held() as pipeline:
            try:
                reply = await _reply(Request(scope, receive), pipeline)
            except Exception as error:  # noqa: BLE001 - faults are logged and answered as INTERNAL
                reply = reply_to(error, scope)
            await reply(scope, receive, send)


async def _reply(request: Request, pipeline: Pipeline) -> ASGIApp:
    accept = request.headers.get("accept")
    media_type, stream_type = accepted(accept), accepted_stream(accept)
    if media_type is None and stream_type is None:
        known = " or ".join((*MediaType, *StreamType))
        raise NotAcceptable(f"Accept {known}: nothing else is written here.")
    exchange = Exchange(
        request=await _read(request),
        method="GET" if request.method == "HEAD" else request.method,
        headers=dict(request.headers),
        cookies=request.cookies,
        request_id=request_id_of(request.scope),
        media_type=media_type,
        stream_type=stream_type,
        defers_formerly=defers_formerly(accept),
    )
    await pipeline.run(exchange)
    return _written(exchange)


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


async def _read(request: Request) -> GraphQLRequest:
    if request.method in {"GET", "HEAD"}:
        return from_query_string(request.scope["query_string"])
    if request.method != "POST":
        raise MethodNotAllowed("Send GraphQL by POST, or queries by GET.", allow="GET, POST")
    check_content_type(request.headers.get("content-type"), request.headers.get("content-encoding"))
    return from_body(await request.body())
