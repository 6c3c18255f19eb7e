"""Subscriptions over a network: how they are asked for, and what their breaking means.

A stream that breaks ends with an error and is not taken up again: what happened in between would be
missed silently. Clients subscribe again, and read what they may have missed.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import aiohttp

from federation.subgraph import (
    Subgraph,
    SubgraphEvents,
    SubgraphRequest,
    SubgraphResponse,
)
from federation.transport.errors import (
    TimedOutError,
    TransportError,
    UnreachableError,
    UnsendableError,
    failed,
)
from federation.transport.layer import Layer

__all__ = [
    "STARTED",
    "NetworkEvents",
    "Subscribable",
    "SubscriptionPolicy",
    "SubscriptionProtocol",
    "Wire",
]

STARTED = SubgraphResponse(None)
"""What a wire yields once its subgraph has taken the subscription on; stands for no event."""


class SubscriptionProtocol(StrEnum):
    """What a subgraph speaks."""

    SSE = "sse"
    """GraphQL over server-sent events, distinct connections mode."""
    WEBSOCKET = "websocket"
    """graphql-transport-ws, one connection a subscription."""
    MULTIPART = "multipart"
    """`multipart/mixed` with `subscriptionSpec=1.0`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionPolicy:
    """How one subgraph is subscribed to."""

    protocol: SubscriptionProtocol = SubscriptionProtocol.SSE
    url: str | None = None
    """Where, if not where queries go; `ws:` or `wss:` for WebSockets."""
    start_seconds: float = 10.0
    """Longest wait until the subgraph has taken a subscription on."""
    heartbeat_seconds: float = 30.0
    """How often a WebSocket is pinged; one that does not answer is broken."""
    silence_seconds: float | None = None
    """After how long without a byte a stream over HTTP is broken, for subgraphs that send
    heartbeats; None waits for ever."""
    connections: int = 1000
    """Subscriptions at a time, of this process."""

    @property
    def is_socket(self) -> bool:
        """Whether subscriptions are WebSockets."""
        return self.protocol is SubscriptionProtocol.WEBSOCKET

    def __post_init__(self) -> None:
        seconds = (self.start_seconds, self.heartbeat_seconds, self.silence_seconds or 1.0)
        if min(seconds) <= 0 or self.connections < 1:
            raise ValueError("seconds and connections must be above 0")


class Wire(Protocol):
    """One protocol for one subscription a connection."""

    def events(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        """Yield `STARTED`, then each event; or a response that says why there are none.

        Raises `TransportError` and what aiohttp raises. Closing the generator ends the
        subscription.
        """

    async def aclose(self) -> None:
        """Release what the wire holds."""


class NetworkEvents:
    """Subscribes over a wire; what goes wrong on it becomes an error that names the subgraph."""

    def __init__(self, name: str, wire: Wire) -> None:
        self.name = name
        self._wire = wire

    async def subscribe(self, request: SubgraphRequest) -> SubgraphEvents | SubgraphResponse:
        """Start a subscription."""
        events = self._events(request)
        started = await anext(events)
        if started is STARTED:
            return events
        await events.aclose()
        return started

    async def aclose(self) -> None:
        """Release what the wire holds."""
        await self._wire.aclose()

    async def _events(self, request: SubgraphRequest) -> SubgraphEvents:
        try:
            async with aclosing(self._wire.events(request)) as events:
                async for event in events:
                    yield event
        except TransportError as error:
            yield failed(self.name, error)
        except TimeoutError as error:
            yield self._failed(TimedOutError("has been silent for too long"), error)
        except (aiohttp.ClientError, OSError) as error:
            yield self._failed(UnreachableError("could not be reached"), error)
        except (ValueError, TypeError) as error:
            yield self._failed(UnsendableError("could not be sent the request"), error)

    def _failed(self, error: TransportError, cause: Exception) -> SubgraphResponse:
        error.__cause__ = cause
        return failed(self.name, error)


class Subscribable(Layer):
    """Asks a subgraph one way and subscribes to it another way."""

    def __init__(self, inner: Subgraph, events: NetworkEvents) -> None:
        super().__init__(inner)
        self._events: NetworkEvents = events

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Answer one fetch."""
        return await self._inner.execute(request)

    async def subscribe(self, request: SubgraphRequest) -> SubgraphEvents | SubgraphResponse:
        """Start a subscription."""
        return await self._events.subscribe(request)

    async def aclose(self) -> None:
        """Close both ways."""
        await self._events.aclose()
        await super().aclose()
