"""The ASGI application around an engine: routes and middleware as lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Lifespan

from gateway.endpoint import GraphQLEndpoint
from gateway.middleware.body_limit import BodyLimit
from gateway.middleware.request_id import HEADER, RequestId
from gateway.middleware.timeout import Timeout
from gateway.pipeline import Pipeline

__all__ = ["HttpLimits", "build_application"]

PATH = "/graphql"


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What one HTTP request may cost, and who may send it from a browser."""

    max_body_bytes: int = 1_048_576
    request_timeout_seconds: float = 30.0
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may call with credentials; none by default."""


def build_application(
    pipeline: Pipeline,
    routes: Sequence[BaseRoute],
    limits: HttpLimits,
    lifespan: Lifespan[Starlette],
) -> Starlette:
    """Serve a pipeline at `/graphql`, beside routes such as health and playground."""
    return Starlette(
        routes=[Route(PATH, GraphQLEndpoint(pipeline)), *routes],
        middleware=[
            Middleware(RequestId),
            Middleware(
                CORSMiddleware,
                allow_origins=limits.cors_origins,
                allow_methods=("GET", "POST"),
                allow_headers=("Authorization", "Content-Type", "X-Cockpit-CSRF", HEADER),
                allow_credentials=True,
                expose_headers=(HEADER,),
                max_age=600,
            ),
            Middleware(Timeout, seconds=limits.request_timeout_seconds),
            Middleware(BodyLimit, max_bytes=limits.max_body_bytes),
        ],
        exception_handlers={HTTPException: _http_error},
        lifespan=lifespan,
    )


async def _http_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    body = {"errors": [{"message": f"{error.detail}.", "extensions": {"code": "NOT_FOUND"}}]}
    return JSONResponse(body, status_code=error.status_code, headers=error.headers)
