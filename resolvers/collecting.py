"""Keys asked for in many places of one request, read together.

Where whole lists of rows are answered at once there are few askers with many keys each, so one
future an asker does, where a data loader makes one a key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any

__all__ = ["Collector"]

Read = Callable[[list[Any]], Awaitable[Sequence[Any]]]


class Collector:
    """Answers lists of keys by one read a turn of the event loop, and no key twice."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._found: dict[Hashable, Any] = {}
        self._batches: dict[Hashable, asyncio.Task[None]] = {}
        self._next: dict[Hashable, None] = {}
        """Keys of the read that is about to begin."""

    async def load(self, keys: Sequence[Hashable]) -> list[Any]:
        """The results of these keys, in their order; raises what their read raises."""
        found = self._found
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        if missing:
            for task in self._reads_of(missing):
                await task
        return [found[key] for key in keys]

    def _reads_of(self, keys: list[Hashable]) -> set[asyncio.Task[None]]:
        """The reads that will have found these keys, one of them new if need be."""
        batches = self._batches
        new = [key for key in keys if key not in batches]
        if new:
            if self._next:
                task = batches[next(iter(self._next))]
            else:
                task = asyncio.get_running_loop().create_task(self._run())
            self._next.update(dict.fromkeys(new))
            batches.update(dict.fromkeys(new, task))
        return {batches[key] for key in keys}

    async def _run(self) -> None:
        keys = list(self._next)
        self._next = {}
        self._found.update(zip(keys, await self._read(keys), strict=True))
