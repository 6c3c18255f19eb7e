"""Keys asked for in many places of one request, read together.

Where whole lists of rows are answered at once there are few askers with many keys each. The first
one of a turn of the event loop reads for all of them. PERF: bench/list; most reads have one asker,
which needs neither a task nor a future.
"""

from __future__ import annotations

import types
from collections.abc import Awaitable, Callable, Generator, Hashable, Sequence
from typing import Any

from resolvers.outcome import Outcome

__all__ = ["Collector"]

Read = Callable[[list[Any]], Awaitable[Sequence[Any]]]


class Collector:
    """Answers lists of keys by one read a turn of the event loop, and no key twice.

    The read is the askers', and the same for all of them: kept here, it would keep the request that
    keeps this, and all that was read would wait for the garbage collector. PERF: bench/access.
    """

    def __init__(self) -> None:
        self._found: dict[Hashable, Any] = {}
        self._batches: dict[Hashable, _Batch] = {}
        self._next: _Batch | None = None
        """What is read when this turn of the loop is over."""

    async def load(self, read: Read, keys: Sequence[Hashable]) -> list[Any]:
        """The results of these keys, in their order; raises what the read raises."""
        found = self._found
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        if missing:
            own = self._added([key for key in missing if key not in self._batches])
            others = {self._batches[key] for key in missing} - {own}
            if own is not None:
                await self._run(read, own)
            for batch in others:
                await batch.wait()
        return [found[key] for key in keys]

    def _added(self, keys: Sequence[Hashable]) -> _Batch | None:
        """Have keys read next; a new batch is the asker's own to read."""
        if not keys:
            return None
        own = None
        if self._next is None:
            own = self._next = _Batch()
        self._next.keys += keys
        self._batches.update(dict.fromkeys(keys, self._next))
        return own

    async def _run(self, read: Read, batch: _Batch) -> None:
        try:
            await _turn()
            self._next = None
            results = await read(batch.keys)
            self._found.update(zip(batch.keys, results, strict=True))
        except BaseException as error:
            self._next = None if self._next is batch else self._next
            batch.fail(error)
            raise
        batch.end(None)


class _Batch(Outcome[None]):
    """Keys that are read together, and what comes of it."""

    __slots__ = ("keys",)

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[Hashable] = []


@types.coroutine
def _turn() -> Generator[None, None, None]:
    """Let everybody have their turn once."""
    yield
