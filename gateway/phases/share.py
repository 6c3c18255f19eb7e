"""Identical queries in flight are executed once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable

import orjson

from federation.execution.response import Response
from federation.plan import OperationKind
from federation.transport.deadline import DEADLINE_HEADER
from gateway.exchange import Exchange
from gateway.pipeline import Phase

__all__ = ["ShareQueries"]

_CORRELATION = frozenset({"x-request-id", "traceparent", "tracestate", "content-length"})
"""Headers that tell two requests apart without changing their answer."""


class _Flight:
    """One execution, and those who wait for it."""

    def __init__(self, exchange: Exchange, task: asyncio.Task[None]) -> None:
        self.exchange = exchange
        self.task = task
        self.waiting = 0


class ShareQueries:
    """Fills `response` as the phase inside does, once for all identical queries in flight.

    Identical are queries of the same caller with the same document, variables, grants and headers.
    Whoever leaves early disturbs nobody else, and what nobody waits for any more is cancelled.
    When a mutation ends, later queries do not join those asked before it.
    """

    def __init__(
        self, execute: Phase, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take the phase that executes, and the seconds that a request may take."""
        self._execute = execute
        self._seconds = seconds
        self._clock = clock
        self._flights: dict[Hashable, _Flight] = {}

    async def __call__(self, exchange: Exchange) -> None:
        """Execute, or wait for who does."""
        if exchange.prepared.kind is OperationKind.MUTATION:
            await self._write(exchange)
            return
        key = _key(exchange)
        if key is None:
            await self._run(exchange)
            return
        flight = self._flight(key, exchange)
        await self._wait(key, flight)
        if flight.exchange is not exchange:
            await self._take(flight.exchange.response, exchange)

    async def _take(self, response: object, exchange: Exchange) -> None:
        if isinstance(response, Response):
            exchange.response = response
        else:
            # A stream can be read by one alone.
            await self._run(exchange)

    async def _write(self, exchange: Exchange) -> None:
        try:
            await self._run(exchange)
        finally:
            self._flights.clear()

    async def _run(self, exchange: Exchange) -> None:
        waiting = self._execute(exchange)
        if waiting is not None:
            await waiting

    def _flight(self, key: Hashable, exchange: Exchange) -> _Flight:
        flight = self._flights.get(key)
        if flight is None or flight.task.done() or self._is_late(flight):
            task = asyncio.ensure_future(self._run(exchange))
            flight = self._flights[key] = _Flight(exchange, task)
        return flight

    def _is_late(self, flight: _Flight) -> bool:
        """Whether it may be given up long before a newcomer would give up."""
        return self._clock() - flight.exchange.received_at > self._seconds / 2

    async def _wait(self, key: Hashable, flight: _Flight) -> None:
        flight.waiting += 1
        try:
            await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                flight.task.cancel()
                if self._flights.get(key) is flight:
                    del self._flights[key]


def _key(exchange: Exchange) -> Hashable:
    """Everything an answer may depend on; None for what is not shared.

    Queries with a deadline of their own would end for others, too.
    """
    if exchange.prepared.kind is not OperationKind.QUERY or DEADLINE_HEADER in exchange.headers:
        return None
    headers = exchange.headers.items()
    return (
        exchange.prepared,
        orjson.dumps(dict(exchange.request.variables)),
        exchange.caller,
        exchange.grants,
        exchange.media_type,
        frozenset(header for header in headers if header[0] not in _CORRELATION),
    )
