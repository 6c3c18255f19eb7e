"""Room for so many at once."""

from __future__ import annotations

import asyncio
from collections import deque

__all__ = ["Slots"]


class Slots:
    """So many slots, given out in the order of asking; for one event loop.

    PERF: bench/list; a semaphore under a timeout costs as much as the statement that waits for it.
    """

    __slots__ = ("_free", "_waiting")

    def __init__(self, number: int) -> None:
        self._free = number
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take_at_once(self) -> bool:
        """Take a slot if one is free and nobody waits for it."""
        if self._free == 0:
            return False
        self._free -= 1
        return True

    async def take(self, seconds: float) -> None:
        """Take a slot, waiting for it so long. Raises `TimeoutError`."""
        if self.take_at_once():
            return
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        timer = loop.call_later(seconds, _give_up, turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.exception() is None:
                # The slot came together with the end of whoever waited for it.
                self.give()
            raise
        finally:
            timer.cancel()

    def give(self) -> None:
        """Give a slot back: to who has waited longest, if anybody does."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


def _give_up(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_exception(TimeoutError())
