"""A budget while an account's books are open: what it has used and holds is counted on."""

from __future__ import annotations

from datasources.budgets.rows import BudgetRow, left_of

__all__ = ["Standing"]


class Standing:
    """The figures of one budget as the decisions so far have left them.

    PERF: bench/usage; a row is made of it where one is shown, not for each of a batch's events.
    """

    __slots__ = (
        "limit",
        "overflow_cap",
        "overflow_used",
        "reserved",
        "reserved_overflow",
        "row",
        "used",
    )

    def __init__(self, row: BudgetRow) -> None:
        """Begin as the row says."""
        self.row = row
        """The budget as it was when the books were opened."""
        self.limit = row.limit
        self.overflow_cap = row.overflow_cap
        self.used = row.used
        self.overflow_used = row.overflow_used
        self.reserved = row.reserved
        self.reserved_overflow = row.reserved_overflow

    @property
    def remaining(self) -> int:
        """What can still be used within the limit."""
        return left_of(self.limit, self.used, self.reserved)

    @property
    def remaining_overflow(self) -> int | None:
        """What can still be used beyond the limit; None without a ceiling."""
        if self.overflow_cap is None:
            return None
        return left_of(self.overflow_cap, self.overflow_used, self.reserved_overflow)

    @property
    def charged(self) -> tuple[int, int]:
        """What was used since, within the limit and beyond it."""
        return self.used - self.row.used, self.overflow_used - self.row.overflow_used

    @property
    def held(self) -> tuple[int, int]:
        """What is held more than before, within the limit and beyond it."""
        before = self.row
        return self.reserved - before.reserved, self.reserved_overflow - before.reserved_overflow

    def now(self) -> BudgetRow:
        """The budget with its figures as they stand."""
        return self.row._replace(
            used=self.used,
            overflow_used=self.overflow_used,
            reserved=self.reserved,
            reserved_overflow=self.reserved_overflow,
        )
