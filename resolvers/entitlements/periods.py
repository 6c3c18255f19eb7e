"""When the period of a quota ends."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime

__all__ = ["after"]

_MONTHS = {"MONTHLY": 1, "QUARTERLY": 3, "YEARLY": 12}


def after(start: datetime, reset: str) -> datetime | None:
    """The end of a period that begins then; None when it starts afresh only when reset.

    Months are counted in UTC; a day that the month lacks is its last.
    """
    months = _MONTHS.get(reset)
    if months is None:
        return None
    begin = start.astimezone(UTC)
    number = begin.year * 12 + begin.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return begin.replace(year=year, month=month, day=min(begin.day, monthrange(year, month)[1]))
