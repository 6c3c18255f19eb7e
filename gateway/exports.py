"""`GET /exports/{operation id}`: the file of a finished export, for who could have had it prepared.

Whatever keeps somebody from a file is answered as a path that leads nowhere, so that an id tells
nobody anything. Only credentials are judged aloud, before the id is looked at.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from auth.authenticator import Authenticator
from auth.caller import Caller
from auth.credentials import credentials_of
from auth.csrf import refusal_of_cookie_on_socket
from auth.errors import Unauthenticated
from datasources.observability.exports import FileRow
from gateway.errors import CrossSiteRequest
from gateway.lifespan import process_of
from gateway.protocol.head import Head, head_of
from gateway.protocol.refusing import reply_to
from resolvers.base import RequestContext
from resolvers.observability.export_files import content_of_file, file_of

__all__ = ["export_routes"]

_TYPES = {"NDJSON": "application/x-ndjson", "CSV": "text/csv; charset=utf-8"}


def export_routes(allowed_origins: Collection[str]) -> list[BaseRoute]:
    """The files of exports; `allowed_origins` are those whose pages may use a cookie session."""
    return [Route("/exports/{operation_id}", _Files(allowed_origins).answer, methods=["GET"])]


class _Files:
    def __init__(self, allowed_origins: Collection[str]) -> None:
        self._allowed_origins = allowed_origins

    async def answer(self, request: Request) -> ASGIApp:
        """The file, or why there is none. Raises `HTTPException` where it does not exist."""
        head = head_of(request.scope)
        process = process_of(request.scope)
        try:
            caller = await self._caller(head, process.authenticator)
            context = RequestContext(caller, process.services, head.request_id)
            file = await file_of(context, request.path_params["operation_id"])
        except Exception as error:  # noqa: BLE001 - faults are logged and answered as INTERNAL
            return reply_to(error, head.headers, head.request_id)
        if file is None:
            raise HTTPException(404)
        if head.method == "HEAD":
            return Response(headers=_headers(file))
        content = content_of_file(process.services, caller, file)
        return StreamingResponse(content, headers=_headers(file))

    async def _caller(self, head: Head, authenticator: Authenticator) -> Caller:
        """Who asks. Raises `Unauthenticated`, `Forbidden` and `CrossSiteRequest`."""
        credentials = credentials_of(head.headers, head.cookies)
        if credentials is None:
            raise Unauthenticated("Sign in, or send a token, to fetch a file.")
        # A page's link can carry no header of ours: the browser says where it was followed.
        if credentials.is_cookie and (
            refusal := refusal_of_cookie_on_socket(head.headers, self._allowed_origins)
        ):
            raise CrossSiteRequest(refusal)
        return await authenticator.authenticate(credentials)


def _headers(file: FileRow) -> dict[str, str]:
    """The length is said, so that a file which breaks off is not taken for a whole one."""
    return {
        "content-type": _TYPES[file.format],
        "content-length": str(file.byte_count),
        "content-disposition": (
            f'attachment; filename="audit-events-{file.id}.{file.format.lower()}"'
        ),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
