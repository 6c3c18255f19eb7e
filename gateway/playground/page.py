"""The playground's page and files."""

from __future__ import annotations

import html
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

__all__ = ["playground_routes"]

_STATIC = Path(__file__).parent / "static"
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        # The editor writes style attributes as it lays out lines.
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self' data:",
        "img-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def playground_routes(example: str) -> list[BaseRoute]:
    """`GET /` for browsers, and the files the page is made of.

    `example` is the operation the editor starts with.
    """
    template = (_STATIC / "index.html").read_text(encoding="utf-8")
    page = template.replace("{{example}}", html.escape(example))

    async def show(_: Request) -> Response:
        return HTMLResponse(page, headers=_HEADERS)

    return [
        Route("/", show),
        Mount("/playground", StaticFiles(directory=_STATIC), name="playground"),
    ]
