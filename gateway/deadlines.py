"""An end to whatever takes too long, for many at once.

PERF: bench/list; all have the same time, so that they end in the order in which they began, and
one timer does for all of them. `asyncio.timeout` sets and takes back one a request.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

__all__ = ["Bound", "Deadlines"]


class Deadlines:
    """Gives each block of code the same number of seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ends: dict[Bound, float] = {}
        """When each block is to end, the soonest first."""
        self._timer: asyncio.TimerHandle | None = None

    def bound(self) -> Bound:
        """A block that raises `TimeoutError` once its time is over, as `asyncio.timeout` does."""
        return Bound(self)

    def begin(self, bound: Bound) -> None:
        """Count the time of a block from now on."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._timer = loop, None
        end = loop.time() + self._seconds
        self._ends[bound] = end
        if self._timer is None:
            self._timer = loop.call_at(end, self._end)

    def finish(self, bound: Bound) -> None:
        """Count it no longer."""
        self._ends.pop(bound, None)

    def _end(self) -> None:
        """End what is due, and come back when the next one is."""
        loop = asyncio.get_running_loop()
        self._timer = None
        for bound, end in list(self._ends.items()):
            if end > loop.time():
                self._timer = loop.call_at(end, self._end)
                return
            del self._ends[bound]
            bound.expire()


class Bound:
    """One block, entered by one task."""

    __slots__ = ("_cancelling", "_deadlines", "_is_over", "_task")

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._task: asyncio.Task[Any] | None = None
        self._cancelling = 0
        self._is_over = False

    def __enter__(self) -> Self:
        self._task = asyncio.current_task()
        if self._task is None:
            raise RuntimeError("Only a task can be given a time.")
        self._cancelling = self._task.cancelling()
        self._deadlines.begin(self)
        return self

    def lift(self) -> None:
        """Let the block take as long as it likes."""
        self._deadlines.finish(self)

    def expire(self) -> None:
        """The time is over."""
        if self._task is not None:
            self._is_over = True
            self._task.cancel()

    @property
    def is_over(self) -> bool:
        """Whether the time was over before the block was."""
        return self._is_over

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._deadlines.finish(self)
        if not self._is_over or self._task is None:
            return
        # Whoever else cancels the task meanwhile means it.
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error
