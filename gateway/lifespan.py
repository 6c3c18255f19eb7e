"""What is opened when the application starts, and closed when it ends."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from starlette.applications import Starlette
from starlette.types import Lifespan, Scope

from gateway.live import Live

if TYPE_CHECKING:
    from gateway.process import Process

__all__ = [
    "Check",
    "Opened",
    "Opening",
    "lifespan_of",
    "opened_of",
    "process_of",
    "spare_anew",
    "spared",
    "stopping_of",
]

Check = Callable[[], Awaitable[None]]
"""Returns when a dependency answers, raises when it does not."""


class Opened(NamedTuple):
    """What requests need: it lives as long as the application."""

    live: Live
    """What answers requests, and may be replaced meanwhile."""
    checks: Mapping[str, Check] = {}
    """Dependencies without which no request can be answered, by name."""
    process: Process | None = None
    """What answers beside the graph; None where there is no database."""


_COLLECTED_AFTER = (10_000, 10, 10)
"""Objects made and not yet gone; how often per look at the next older generation."""

Opening = Callable[[], AbstractAsyncContextManager[Opened]]


class _State(TypedDict):
    opened: Opened
    stopping: asyncio.Event


def lifespan_of(opening: Opening) -> Lifespan[Starlette]:
    """The ASGI lifespan that hands what was opened to every request."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[_State]:
        async with opening() as opened:
            with spared():
                yield {"opened": opened, "stopping": asyncio.Event()}

    return lifespan


def opened_of(scope: Scope) -> Opened:
    """What the application of this request has opened."""
    opened: Opened = scope["state"]["opened"]
    return opened


def process_of(scope: Scope) -> Process:
    """The process of this request's application. Raises `LookupError` where it has opened none."""
    process = opened_of(scope).process
    if process is None:
        raise LookupError("This application has no database.")
    return process


def stopping_of(scope: Scope) -> asyncio.Event:
    """Set by the server when the process is about to stop: streams end, they never would."""
    stopping: asyncio.Event = scope["state"]["stopping"]
    return stopping


@contextmanager
def spared() -> Iterator[None]:
    """Spare what was made so far the garbage collector for the length of a block.

    PERF: bench/nested; the schemas alone are 160,000 objects, and a third of the query's CPU time
    went into finding them in use again and again. What a request makes is gone when it ends, so
    the youngest are looked through less often than by default.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_COLLECTED_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def spare_anew() -> None:
    """Spare what is alive now, and let go of what was spared and has become garbage.

    Looks through every object once: for changes of what the process serves, not for requests.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
