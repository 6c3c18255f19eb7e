"""Any error, at any layer, as the response to the request it ended."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import Response as HttpResponse
from starlette.types import Scope

from gateway.errors import refusal_of
from gateway.middleware.request_id import request_id_of
from gateway.protocol.media import MediaType, accepted, accepted_stream
from gateway.protocol.response import refuse

__all__ = ["reply_to"]


def reply_to(error: BaseException, scope: Scope) -> HttpResponse:
    """The response, of the media type the client wants where it wants one of ours."""
    accept = Headers(scope=scope).get("accept")
    media_type = accepted(accept)
    if media_type is None:
        # Whoever wants a stream tells by the status that there will be none.
        media_type = MediaType.GRAPHQL_RESPONSE if accepted_stream(accept) else MediaType.JSON
    return refuse(refusal_of(error, request_id_of(scope)), media_type)
