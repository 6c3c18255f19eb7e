"""Reading a request's body, never more of it than is allowed."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Receive

from gateway.errors import BadRequest, ContentTooLarge

__all__ = ["check_length", "read_body"]


def check_length(headers: Mapping[str, str], most: int) -> None:
    """Trust an announced length that is too large. Raises `ContentTooLarge`."""
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise _too_large(most)


async def read_body(receive: Receive, most: int) -> bytes:
    """The body, counted while it arrives. Raises `ContentTooLarge`."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        chunks, size = [body], len(body)
        while message.get("more_body") and size <= most:
            message = await receive()
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
        body = b"".join(chunks)
    if message["type"] == "http.disconnect":
        raise BadRequest("The connection ended before the body did.")
    if len(body) > most:
        raise _too_large(most)
    return body


def _too_large(most: int) -> ContentTooLarge:
    return ContentTooLarge(f"The body is larger than {most} bytes.")
