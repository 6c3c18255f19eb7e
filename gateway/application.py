"""The ASGI application around an engine: the GraphQL endpoint, and everything else as lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.csrf import GUARD_HEADERS
from gateway.endpoint import GraphQLEndpoint, HttpLimits
from gateway.health import health_routes
from gateway.lifespan import Opening, lifespan_of
from gateway.middleware.request_id import RequestId
from gateway.protocol.head import REQUEST_ID
from gateway.socket import SocketEndpoint, SocketLimits

__all__ = ["HttpLimits", "build_application"]

PATH = "/graphql"


class _Application(Starlette):
    """Starlette, with a door of its own for GraphQL over HTTP.

    PERF: bench/list; routing and middleware of their own cost a request as much as all phases.
    """

    def __init__(self, endpoint: ASGIApp, **options: Any) -> None:
        super().__init__(**options)
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what no page has sent at once; what concerns CORS goes through middleware."""
        if scope["type"] == "http" and scope["path"] == PATH and not _is_from_page(scope):
            await self._endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _is_from_page(scope: Scope) -> bool:
    return any(name == b"origin" for name, _ in scope["headers"])


def build_application(
    opening: Opening, limits: HttpLimits, routes: Sequence[BaseRoute] = ()
) -> Starlette:
    """Serve what `opening` opens at `/graphql`, with health and readiness, beside other routes."""
    endpoint = GraphQLEndpoint(limits)
    return _Application(
        endpoint,
        routes=[
            Route(PATH, endpoint),
            WebSocketRoute(PATH, SocketEndpoint(_socket_limits(limits))),
            *health_routes(),
            *routes,
        ],
        middleware=[
            Middleware(RequestId),
            Middleware(
                CORSMiddleware,
                allow_origins=limits.cors_origins,
                allow_methods=("GET", "POST"),
                allow_headers=("Authorization", "Content-Type", *GUARD_HEADERS, REQUEST_ID),
                allow_credentials=True,
                expose_headers=(REQUEST_ID,),
                max_age=600,
            ),
        ],
        exception_handlers={HTTPException: _http_error},
        lifespan=lifespan_of(opening),
    )


def _socket_limits(limits: HttpLimits) -> SocketLimits:
    return SocketLimits(
        max_message_bytes=limits.max_body_bytes,
        first_payload_seconds=limits.request_timeout_seconds,
        allowed_origins=limits.cors_origins,
    )


async def _http_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    body = {"errors": [{"message": f"{error.detail}.", "extensions": {"code": "NOT_FOUND"}}]}
    return JSONResponse(body, status_code=error.status_code, headers=error.headers)
