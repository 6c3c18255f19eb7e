"""GraphQL responses as they leave over HTTP (GraphQL over HTTP, section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from federation.execution.response import Response
from gateway.errors import Refusal, entry_of
from gateway.protocol.media import MediaType
from gateway.protocol.reply import HeaderLines, Reply

__all__ = ["answer", "body_of", "refuse"]


def answer(response: Response, media_type: MediaType, request_id: str) -> Reply:
    """What execution produced: always 200, errors in parts of the data included."""
    body = orjson.dumps(body_of(response, request_id))
    return Reply(200, _HEADERS[media_type], body, request_id)


def body_of(response: Response, request_id: str) -> dict[str, Any]:
    """A response as it is sent: what was not written for clients is masked."""
    body: dict[str, Any] = {"data": response.data}
    if response.errors:
        body["errors"] = [entry_of(error, request_id) for error in response.errors]
    if response.extensions:
        body["extensions"] = dict(response.extensions)
    return body


def refuse(refusal: Refusal, media_type: MediaType, request_id: str) -> Reply:
    """A request that was not executed: errors and no data.

    Under `application/json` a client cannot tell our status from that of something on the way, so
    a well-formed request is answered 200 there, whatever its document is like (section 6.4.1).
    """
    status = 200 if refusal.is_document and media_type is MediaType.JSON else refusal.status
    headers = [(name.lower().encode(), text.encode()) for name, text in refusal.headers.items()]
    body = orjson.dumps({"errors": refusal.errors})
    return Reply(status, (*_HEADERS[media_type], *headers), body, request_id)


_HEADERS: Mapping[MediaType, HeaderLines] = {
    # A media type of this family is UTF-8 by definition, but clients of the old one look for it.
    media_type: (
        (b"content-type", f"{media_type}; charset=utf-8".encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    )
    for media_type in MediaType
}
