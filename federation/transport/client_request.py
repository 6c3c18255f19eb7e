"""What the transport may know of the client's request behind a fetch."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple

__all__ = ["ClientRequest", "ClientRequestOf", "no_client_request"]


class ClientRequest(NamedTuple):
    """What the host tells of the client's request."""

    headers: Mapping[str, str] = {}
    """What every subgraph is sent unless its rules say otherwise; names in lower case."""
    received: Mapping[str, str] = {}
    """The client's own headers, which rules may forward; names in lower case."""
    identity: Hashable = None
    """Who is calling; two callers never share an answer."""
    deadline: float | None = None
    """When the client stops waiting, in seconds of `time.monotonic`; None for never."""
    is_ended_by_host: bool = False
    """Whether the host itself ends the request at the deadline, fetches and all."""


ClientRequestOf = Callable[[Any], ClientRequest]
"""Reads the host's context of a fetch, which is opaque to the engine."""


def no_client_request(_context: Any) -> ClientRequest:
    """For hosts without clients of their own, such as tests and scripts."""
    return ClientRequest()
