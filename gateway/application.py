"""The ASGI application around an engine: routes and middleware as lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from auth.csrf import GUARD_HEADERS
from gateway.endpoint import GraphQLEndpoint
from gateway.health import health_routes
from gateway.lifespan import Opening, lifespan_of
from gateway.middleware.body_limit import BodyLimit
from gateway.middleware.csrf import CsrfGuard
from gateway.middleware.request_id import HEADER, RequestId
from gateway.middleware.timeout import Timeout
from gateway.settings import Settings
from gateway.socket import SocketEndpoint, SocketLimits

__all__ = ["HttpLimits", "build_application"]

PATH = "/graphql"


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What one HTTP request may cost, and who may send it from a browser."""

    max_body_bytes: int = 1_048_576
    request_timeout_seconds: float = 30.0
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may call with credentials; none by default."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The limits that settings ask for."""
        return cls(settings.max_body_bytes, settings.request_timeout_seconds, settings.cors_origins)


def build_application(
    opening: Opening, limits: HttpLimits, routes: Sequence[BaseRoute] = ()
) -> Starlette:
    """Serve what `opening` opens at `/graphql`, with health and readiness, beside other routes."""
    guard = Middleware(CsrfGuard, allowed_origins=limits.cors_origins)
    return Starlette(
        routes=[
            Route(PATH, GraphQLEndpoint(), middleware=[guard]),
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
                allow_headers=("Authorization", "Content-Type", *GUARD_HEADERS, HEADER),
                allow_credentials=True,
                expose_headers=(HEADER,),
                max_age=600,
            ),
            Middleware(Timeout, seconds=limits.request_timeout_seconds),
            Middleware(BodyLimit, max_bytes=limits.max_body_bytes),
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
