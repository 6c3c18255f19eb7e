"""Where a budget's use is heading, at the rate of its cycle so far."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import NamedTuple

from datasources.budgets.rows import BudgetRow

__all__ = ["ForecastRow", "forecast_of"]

_DAY = timedelta(days=1)
_CENT = Decimal("0.01")


class ForecastRow(NamedTuple):
    """Where a budget's use is heading."""

    daily_average: Decimal
    based_on_days: int
    projected_used: int
    projected_overflow: int
    exhausted_at: datetime | None


def forecast_of(budget: BudgetRow, now: datetime) -> ForecastRow | None:
    """The forecast at this moment; None outside the running cycle.

    A cycle's first day counts as whole, so that one early call does not project a thousand.
    """
    if not (budget.is_active and budget.cycle_start <= now < budget.cycle_end):
        return None
    elapsed = max(now - budget.cycle_start, _DAY)
    consumed = budget.used + budget.overflow_used
    expected = consumed * max(Decimal(1), _ratio(budget.cycle_end - budget.cycle_start, elapsed))
    used = max(budget.used, min(budget.limit, ceil(expected)))
    overflow = max(budget.overflow_used, ceil(expected) - used)
    if budget.overflow_cap is not None:
        overflow = min(overflow, max(budget.overflow_cap, budget.overflow_used))
    return ForecastRow(
        (consumed / _ratio(elapsed, _DAY)).quantize(_CENT),
        ceil(elapsed / _DAY),
        used,
        overflow,
        _exhausted_at(budget, now, elapsed),
    )


def _exhausted_at(budget: BudgetRow, now: datetime, elapsed: timedelta) -> datetime | None:
    left = budget.limit - budget.used
    if left <= 0:
        return now
    consumed = budget.used + budget.overflow_used
    if not consumed:
        return None
    at = now + elapsed * (left / consumed)
    return at if at < budget.cycle_end else None


def _ratio(part: timedelta, whole: timedelta) -> Decimal:
    return Decimal(part // timedelta(microseconds=1)) / Decimal(whole // timedelta(microseconds=1))
