"""Any error, at any layer, as the response to the request it ended."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import Response as HttpResponse
from starlette.types import Scope

from gateway.errors import refusal_of
from gateway.middleware.request_id import request_id_of
from gateway.protocol.media import MediaType, accepted
from gateway.protocol.response import refuse

__all__ = ["reply_to"]


def reply_to(error: BaseException, scope: Scope) -> HttpResponse:
    """The response, of the media type the client wants where it wants one of ours."""
    media_type = accepted(Headers(scope=scope).get("accept"))
    return refuse(refusal_of(error, request_id_of(scope)), media_type or MediaType.JSON)
