"""One client request on its way through the phases."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from auth.caller import Caller
from federation.execution.response import IncrementalPayloads, Response, ResponseEvents
from federation.operation import Grants
from federation.prepared import PreparedOperation
from gateway.protocol.media import MediaType, StreamType
from gateway.protocol.request import GraphQLRequest

__all__ = ["Exchange"]


async def _nothing() -> None:
    return None


@dataclass(slots=True)
class Exchange:
    """What arrived, and the slots that the phases fill in their order."""

    request: GraphQLRequest
    method: str
    headers: Mapping[str, str]
    """By lower-case name."""
    cookies: Mapping[str, str]
    request_id: str
    media_type: MediaType | None
    """What the client wants an answer of one payload as; None when it takes streams alone."""
    stream_type: StreamType | None = None
    """What it takes an answer of several payloads as."""
    defers_formerly: bool = False
    """Whether it understands `@defer` in the form of 2022 alone."""
    is_socket: bool = False
    """Whether it came as one of many on a WebSocket, where any answer may have several."""
    received_at: float = field(default_factory=time.monotonic)
    """When it arrived, in seconds of `time.monotonic`; for an event, when that began."""
    is_event: bool = False
    """Whether what is being answered is an event of a subscription."""
    peer_address: str | None = None
    """Where it came from, as a trusted proxy or the connection says."""

    caller: Caller | None = None
    """Filled by `authenticate`; stays None for a request without credentials."""
    prepared: PreparedOperation = field(init=False)
    """Filled by `prepare`."""
    variables: dict[str, Any] = field(init=False)
    """Filled by `coerce_variables`."""
    grants: Grants = field(init=False)
    """Filled by `authorize`."""
    recheck: Callable[[], Awaitable[None]] = field(default=_nothing, init=False)
    """Filled by `authenticate`: raises when the caller is no longer who and what they were."""
    response: Response | ResponseEvents | IncrementalPayloads = field(init=False)
    """Filled by `execute`."""

    @property
    def streams(self) -> bool:
        """Whether the answer may have several payloads."""
        return self.is_socket or self.stream_type is not None

    def begin_event(self) -> None:
        """An event takes its own time, however long the subscription has been there."""
        self.received_at = time.monotonic()
        self.is_event = True
