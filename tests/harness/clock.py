"""Time that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["Clock"]


class Clock:
    """A wall clock and a timer that move together."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime.now(UTC)
        self._seconds = 0.0

    def now(self) -> datetime:
        """The time in UTC."""
        return self._now

    def seconds(self) -> float:
        """Seconds since the clock was made."""
        return self._seconds

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)
        self._seconds += seconds
