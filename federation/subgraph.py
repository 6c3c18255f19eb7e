"""The seam between the engine and whatever answers for a subgraph."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

from graphql import GraphQLSchema

from federation.plan import Fetch

__all__ = [
    "EventSource",
    "ExactSubgraph",
    "Subgraph",
    "SubgraphError",
    "SubgraphEvents",
    "SubgraphRequest",
    "SubgraphResponse",
    "WithSchema",
]


class SubgraphError(NamedTuple):
    """An error a subgraph reported, or one the transport met on the way."""

    message: str
    path: tuple[str | int, ...] | None = None
    """Path in the subgraph's own response; None when the whole request failed."""
    extensions: Mapping[str, Any] = {}
    cause: BaseException | None = None
    """The exception behind it, for logs and for masking; None for errors that came over a wire."""


class SubgraphRequest(NamedTuple):
    """One fetch of a plan with the values it needs."""

    fetch: Fetch
    variables: Mapping[str, Any]
    """The fetch's variables, `representations` included for entity fetches."""
    context: Any
    """The host's value for the client's request; opaque to the engine."""
    event_context: Callable[[], Any] | None = None
    """Of a subscription: makes such a value for one event; without it events share `context`."""
    whole: frozenset[tuple[str, ...]] = frozenset()
    """Fields whose entire value reaches the client exactly as it is answered, each as its response
    keys from the root of the fetch's document, list indices left out. In and below them, and
    nowhere else, an exact subgraph may answer `Written` values."""


class SubgraphResponse(NamedTuple):
    """What came back; `data` is None when the whole request failed."""

    data: dict[str, Any] | None
    errors: tuple[SubgraphError, ...] = ()
    extensions: Mapping[str, Any] = {}
    failure: BaseException | None = None
    """What the transport met on the way, for its own decisions; clients see `errors`."""


class Subgraph(Protocol):
    """Answers fetches: in process, over HTTP, or a double in a test.

    `execute` never raises for what a subgraph may do wrong: failures are `SubgraphError`s.
    """

    name: str

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Answer one fetch."""

    async def aclose(self) -> None:
        """Release what the transport holds."""


@runtime_checkable
class ExactSubgraph(Subgraph, Protocol):
    """A subgraph that is trusted to answer what its document says, in types and in order.

    Values that reach the client unchanged are not looked at on the way.
    """

    answers_exactly: bool


@runtime_checkable
class WithSchema(ExactSubgraph, Protocol):
    """An exact subgraph whose executable schema is in this process."""

    schema: GraphQLSchema


SubgraphEvents: TypeAlias = AsyncGenerator[SubgraphResponse, None]
"""The events of a subscription. Nothing is read ahead of whoever iterates, and closing the
generator ends the subscription at the subgraph."""


@runtime_checkable
class EventSource(Protocol):
    """A subgraph that can be subscribed to.

    As with fetches, what a subgraph does wrong is a `SubgraphError`: a response instead of events
    when nothing was subscribed to, and a last event when a stream breaks off.
    """

    async def subscribe(self, request: SubgraphRequest) -> SubgraphEvents | SubgraphResponse:
        """Start a subscription."""
