"""Work that nobody asks for: looked for again and again beside the requests, in every process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

__all__ = ["scheduled"]

_LOG = logging.getLogger(__name__)


@asynccontextmanager
async def scheduled(work: Callable[[], Awaitable[object]], seconds: float) -> AsyncIterator[None]:
    """Do some work every so many seconds for the length of a block; what fails is tried again."""
    task = asyncio.create_task(_repeat(work, seconds))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _repeat(work: Callable[[], Awaitable[object]], seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception:  # noqa: BLE001 - mostly a database that is away; the next time comes soon
            _LOG.exception("Scheduled work failed and is tried again in %s seconds.", seconds)
