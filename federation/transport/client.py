"""The seam between a subgraph and the HTTP client that posts for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

__all__ = ["HttpAnswer", "HttpClient"]


class HttpAnswer(NamedTuple):
    """A complete response."""

    status: int
    content_type: str
    """Without parameters, in lower case; empty when there is none."""
    body: bytes


class HttpClient(Protocol):
    """Posts to one URL."""

    async def post(self, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        """Post a body.

        Raises `AnswerError` for what is too large or cannot be read, `TimeoutError`, `OSError` or
        `aiohttp.ClientError` for a connection that is none or breaks, `ValueError` for headers
        that cannot be sent.
        """

    async def aclose(self) -> None:
        """Close the connections."""
