"""What comes of something that the first who asks does, and others wait for.

PERF: bench/list, bench/access; mostly nobody waits, and neither a task nor a future is needed.
"""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar, cast

__all__ = ["Outcome"]

ValueT = TypeVar("ValueT")


class Outcome(Generic[ValueT]):
    """A value or an exception, once there is one."""

    __slots__ = ("_error", "_event", "_has_ended", "_value")

    def __init__(self) -> None:
        """Begin without one."""
        self._has_ended = False
        self._value: ValueT | None = None
        self._error: BaseException | None = None
        self._event: asyncio.Event | None = None

    def end(self, value: ValueT) -> None:
        """Let those who wait go on with a value."""
        self._value = value
        self._end()

    def fail(self, error: BaseException) -> None:
        """Let those who wait go on with an exception."""
        self._error = error
        self._end()

    def _end(self) -> None:
        self._has_ended = True
        if self._event is not None:
            self._event.set()

    async def wait(self) -> ValueT:
        """The value, waited for if need be; raises the exception."""
        if not self._has_ended:
            if self._event is None:
                self._event = asyncio.Event()
            await self._event.wait()
        if self._error is not None:
            raise self._error
        return cast("ValueT", self._value)
