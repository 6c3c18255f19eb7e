"""What the steps of one running plan share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from federation.execution.response import ResponsePath
from federation.execution.types import AbstractTypes
from federation.plan import Fetch, OperationKind
from federation.subgraph import (
    EventSource,
    Subgraph,
    SubgraphError,
    SubgraphEvents,
    SubgraphRequest,
    SubgraphResponse,
)

__all__ = ["Execution", "Occurrence", "fault"]


_NOTHING: frozenset[tuple[str, ...]] = frozenset()


class Occurrence(NamedTuple):
    """A subgraph's error at one position of the data tree."""

    error: SubgraphError
    path: ResponsePath | None


class Execution:
    """The data tree of one request as it grows, and the errors met on the way."""

    __slots__ = (
        "abstract",
        "context",
        "data",
        "errors",
        "event",
        "shares",
        "subgraphs",
        "variables",
        "whole",
    )

    def __init__(
        self,
        *,
        data: dict[str, Any],
        variables: Mapping[str, Any],
        context: Any,
        subgraphs: Mapping[str, Subgraph],
        abstract: AbstractTypes,
        shares: bool = True,
        whole: Mapping[int, frozenset[tuple[str, ...]]] = MappingProxyType({}),
    ) -> None:
        self.data = data
        self.variables = variables
        self.context = context
        self.subgraphs = subgraphs
        self.abstract = abstract
        self.shares = shares
        """Whether equal entities may share what they hold: all is the same wherever they stand."""
        self.whole = whole
        """What of each fetch's answer reaches the client as it is, by the `id()` of the fetch."""
        self.event: SubgraphResponse | None = None
        """Of a subscription: what its trigger has answered this time."""
        self.errors: list[Occurrence] = []

    async def ask(
        self, fetch: Fetch, own: Mapping[str, Any] = MappingProxyType({})
    ) -> SubgraphResponse:
        """Send one fetch with the client's variables that it uses, and variables of its own."""
        if self.event is not None and fetch.kind is OperationKind.SUBSCRIPTION:
            return self.event
        variables = self._variables(fetch)
        variables.update(own)
        request = SubgraphRequest(
            fetch, variables, self.context, whole=self.whole.get(id(fetch), _NOTHING)
        )
        try:
            return await self.subgraphs[fetch.subgraph].execute(request)
        except Exception as error:  # noqa: BLE001 - a host's transport must not end the request
            return fault(error)

    async def subscribe(
        self, fetch: Fetch, event_context: Callable[[], Any]
    ) -> SubgraphEvents | SubgraphResponse:
        """Ask for the events of a trigger, or learn why there are none."""
        source = self.subgraphs[fetch.subgraph]
        if not isinstance(source, EventSource):
            return SubgraphResponse(None, (_no_events(fetch.subgraph),))
        request = SubgraphRequest(fetch, self._variables(fetch), self.context, event_context)
        try:
            return await source.subscribe(request)
        except Exception as error:  # noqa: BLE001 - as above
            return fault(error)

    def _variables(self, fetch: Fetch) -> dict[str, Any]:
        given = self.variables
        return {name: given[name] for name in fetch.variables if name in given}


def fault(error: Exception) -> SubgraphResponse:
    """What a transport's own fault reads as."""
    failure = SubgraphError("Internal error.", None, {"code": "INTERNAL"}, error)
    return SubgraphResponse(None, (failure,))


def _no_events(name: str) -> SubgraphError:
    message = f"Subgraph '{name}' cannot be subscribed to."
    return SubgraphError(message, None, {"code": "UPSTREAM_ERROR"})
