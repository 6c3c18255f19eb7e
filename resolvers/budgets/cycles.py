"""Periods of credits: they include their start, exclude their end, and follow a fixed anchor."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

__all__ = ["Cycle", "cycle_at", "cycle_before"]

_MONTHS = {"MONTHLY": 1, "QUARTERLY": 3, "YEARLY": 12}


class Cycle(NamedTuple):
    """A period."""

    start_at: datetime
    end_at: datetime


def cycle_at(
    moment: datetime, *, cadence: str, day_of_month: int, anchor_at: datetime
) -> Cycle | None:
    """The cycle that contains a moment; None for a plan that renews only when told to.

    Months are counted from the month of the anchor, so that two moments of one cycle never lead
    to two cycles that overlap.
    """
    length = _MONTHS.get(cadence)
    if length is None:
        return None
    origin = _month_of(anchor_at, day_of_month)
    passed = (_month_of(moment, day_of_month) - origin) // length
    first = origin + passed * length
    return Cycle(_start(first, day_of_month), _start(first + length, day_of_month))


def cycle_before(cycle: Cycle, *, cadence: str, day_of_month: int) -> Cycle:
    """The cycle that ends where this one starts."""
    first = _month_of(cycle.start_at, day_of_month) - _MONTHS[cadence]
    return Cycle(_start(first, day_of_month), cycle.start_at)


def _month_of(moment: datetime, day_of_month: int) -> int:
    """The month, counted from year 0, whose renewal day came last."""
    at = moment.astimezone(UTC)
    return at.year * 12 + at.month - 1 - (at.day < day_of_month)


def _start(month: int, day_of_month: int) -> datetime:
    return datetime(month // 12, month % 12 + 1, day_of_month, tzinfo=UTC)
