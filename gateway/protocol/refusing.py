"""Any error, at any layer, as the response to the request it ended."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.errors import refusal_of
from gateway.protocol.media import MediaType, wanted_by
from gateway.protocol.reply import Reply
from gateway.protocol.response import refuse

__all__ = ["reply_to"]


def reply_to(error: BaseException, headers: Mapping[str, str], request_id: str) -> Reply:
    """The response, of the media type the client wants where it wants one of ours."""
    wanted = wanted_by(headers.get("accept"))
    media_type = wanted.single
    if media_type is None:
        # Whoever wants a stream tells by the status that there will be none.
        media_type = MediaType.GRAPHQL_RESPONSE if wanted.stream else MediaType.JSON
    return refuse(refusal_of(error, request_id), media_type, request_id)
