"""Identical queries in flight share one answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Mapping
from typing import NamedTuple

import orjson

from federation.plan import OperationKind
from federation.subgraph import Subgraph, SubgraphRequest, SubgraphResponse
from federation.transport.client_request import ClientRequest, ClientRequestOf
from federation.transport.deadline import DEADLINE_HEADER
from federation.transport.layer import Layer

__all__ = ["Deduplication"]

_CORRELATION = frozenset({"x-request-id", "traceparent", "tracestate", DEADLINE_HEADER})
"""Headers that tell two requests apart without changing their answer."""

Outgoing = Callable[[ClientRequest], Mapping[str, str]]


class _Key(NamedTuple):
    """Everything the subgraph is told, and who is calling even where it is not told that."""

    operation: str
    variables: bytes
    headers: frozenset[tuple[str, str]]
    identity: Hashable


class _Flight:
    """One fetch on its way, and those who wait for it."""

    def __init__(self, task: asyncio.Task[SubgraphResponse], deadline: float | None) -> None:
        self.task = task
        self.deadline = deadline
        self.waiting = 0
        self._is_shared = False
        self._body: bytes | None = None

    def board(self) -> None:
        self.waiting += 1
        self._is_shared = self._is_shared or self.waiting > 1

    def answer(self) -> SubgraphResponse:
        """The answer, for one of those who wait alone: executing a plan writes into its data."""
        response = self.task.result()
        if not self._is_shared or response.data is None:
            return response
        if self._body is None:
            self._body = orjson.dumps(response.data)
        data = orjson.loads(self._body)
        return SubgraphResponse(data, response.errors, response.extensions, response.failure)


class Deduplication(Layer):
    """Lets a query wait for the answer to the same query of the same caller.

    A query that waits for nobody's answer any more is cancelled; whoever leaves early disturbs
    nobody else. The subgraph inside must answer data as parsed from JSON.
    """

    def __init__(
        self,
        inner: Subgraph,
        client_request_of: ClientRequestOf,
        outgoing: Outgoing,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take what reads the host's context and what makes of it the headers sent."""
        super().__init__(inner)
        self._client_request_of = client_request_of
        self._outgoing = outgoing
        self._clock = clock
        self._flights: dict[_Key, _Flight] = {}

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Answer one fetch."""
        if request.fetch.kind is not OperationKind.QUERY:
            return await self._write(request)
        client = self._client_request_of(request.context)
        key = self._key(request, client)
        if key is None:
            return await self._inner.execute(request)
        flight = self._flight(key, request, client.deadline)
        flight.board()
        try:
            await asyncio.shield(flight.task)
        finally:
            self._leave(key, flight)
        return flight.answer()

    async def _write(self, request: SubgraphRequest) -> SubgraphResponse:
        try:
            return await self._inner.execute(request)
        finally:
            # What was asked before a write must not answer a read that follows it.
            self._flights.clear()

    def _key(self, request: SubgraphRequest, client: ClientRequest) -> _Key | None:
        try:
            variables = orjson.dumps(dict(request.variables))
        except TypeError:
            return None
        sent = self._outgoing(client).items()
        headers = frozenset(entry for entry in sent if entry[0] not in _CORRELATION)
        return _Key(request.fetch.operation, variables, headers, client.identity)

    def _flight(self, key: _Key, request: SubgraphRequest, deadline: float | None) -> _Flight:
        flight = self._flights.get(key)
        if flight is None or flight.task.done() or not self._lasts(flight, deadline):
            flight = _Flight(asyncio.create_task(self._inner.execute(request)), deadline)
            self._flights[key] = flight
        return flight

    def _lasts(self, flight: _Flight, deadline: float | None) -> bool:
        """Whether the flight may take about as long as the newcomer would wait.

        The subgraph was told the first caller's deadline and may give up by it; a caller in a hurry
        must not fail those who have time.
        """
        if flight.deadline is None:
            return True
        if deadline is None:
            return False
        now = self._clock()
        return flight.deadline - now >= (deadline - now) / 2

    def _leave(self, key: _Key, flight: _Flight) -> None:
        flight.waiting -= 1
        if flight.waiting:
            return
        flight.task.cancel()
        if self._flights.get(key) is flight:
            del self._flights[key]
