"""How an amount is booked along a chain of budgets: within limits first, the rest beyond them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from datasources.budgets.rows import BudgetRow
from resolvers.budgets.standing import Standing

__all__ = ["MOST_CREDITS", "Split", "credits_of", "split"]

MOST_CREDITS = 2**31 - 1
"""The most that one budget can hold, be charged or be allocated."""


class Split(NamedTuple):
    """Where the parts of an amount go; every budget of the chain is charged the same."""

    within: int
    overflow: int
    refused: int = 0

    @property
    def outcome(self) -> str:
        """How it is booked."""
        if self.refused:
            return "REFUSED"
        if not self.overflow:
            return "WITHIN_LIMIT"
        return "SPLIT" if self.within else "OVERFLOW"


def split(amount: int, chain: Sequence[BudgetRow | Standing]) -> Split:
    """The parts of an amount, or all of it refused where a limit or cap of the chain is passed."""
    within, ceiling = amount, MOST_CREDITS
    for budget in chain:
        left = budget.limit - budget.used - budget.reserved
        cap = MOST_CREDITS if budget.overflow_cap is None else budget.overflow_cap
        beyond = cap - budget.overflow_used - budget.reserved_overflow
        # PERF: bench/usage; `min` takes three times as long.
        if left < within:  # noqa: PLR1730
            within = left
        if beyond < ceiling:  # noqa: PLR1730
            ceiling = beyond
    within = max(0, within)
    overflow = amount - within
    return Split(0, 0, amount) if overflow > max(0, ceiling) else Split(within, overflow)


def credits_of(cost: Decimal, factor: Decimal) -> int:
    """Credits for a cost: cost times factor, rounded up to whole credits once per event."""
    return int((cost * factor).to_integral_value(ROUND_CEILING))
