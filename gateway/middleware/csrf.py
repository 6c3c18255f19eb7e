"""Cookie sessions only from our own pages."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.credentials import credentials_of
from auth.csrf import refusal_of_cookie
from gateway.errors import CrossSiteRequest
from gateway.protocol.refusing import reply_to

__all__ = ["CsrfGuard"]


class CsrfGuard:
    """Refuses requests that another site could have made the browser send with its cookie.

    Requests whose token stands in a header pass: no foreign page can put it there.
    """

    def __init__(self, app: ASGIApp, allowed_origins: tuple[str, ...]) -> None:
        self.app = app
        self.allowed_origins = allowed_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge the headers; nothing has been read or looked up yet."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        headers = dict(request.headers)
        credentials = credentials_of(headers, request.cookies)
        refusal = None
        if credentials is not None and credentials.is_cookie:
            refusal = refusal_of_cookie(headers, self.allowed_origins)
        if refusal is None:
            await self.app(scope, receive, send)
            return
        await reply_to(CrossSiteRequest(refusal), scope)(scope, receive, send)
