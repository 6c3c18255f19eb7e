"""Answers of several payloads, delivered whatever the transport is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from federation.execution.response import IncrementalPayloads, Payload, Response, ResponseEvents
from gateway.exchange import Exchange

__all__ = ["deliver", "first_of"]

_RECHECK_SECONDS = 10.0
"""How often a silent stream asks whether its caller may still listen. Callers are remembered for 30
seconds at most, and every payload asks as well: nothing is ever sent later than that."""

Write = Callable[[Response | Payload], Awaitable[None]]


async def deliver(
    exchange: Exchange,
    events: ResponseEvents | IncrementalPayloads,
    write: Write,
    stopping: asyncio.Event,
) -> None:
    """Write one payload after the other until there are no more or the process stops.

    The next one is asked for when the last is written, so a slow client slows its events down.
    Raises what `recheck` raises when the caller's rights are no longer the same. However it ends,
    the events are closed.
    """
    async with aclosing(events):
        await first_of(_write_all(exchange, events, write), _watch(exchange), _waited_for(stopping))


async def first_of(*works: Awaitable[None]) -> None:
    """Do several things at once until one is done, and end the others; raises what it raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _write_all(
    exchange: Exchange, events: ResponseEvents | IncrementalPayloads, write: Write
) -> None:
    async for response in events:
        await exchange.recheck()
        await write(response)


async def _watch(exchange: Exchange) -> None:
    while True:
        await asyncio.sleep(_RECHECK_SECONDS)
        await exchange.recheck()


async def _waited_for(stopping: asyncio.Event) -> None:
    await stopping.wait()
