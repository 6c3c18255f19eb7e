"""What super admins granted accounts: a version in effect from a moment on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import DateTime, Text, func, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import distinct_on

from datasources.budgets.rows import AllocationRow
from datasources.budgets.tables import account_allocations as granted
from datasources.derived import DerivedOne

__all__ = ["allocations_in_effect"]


def allocation_rows() -> Any:
    """Every version of every account."""
    return select(
        granted.c.account_id,
        granted.c.allocated,
        granted.c.limit_amount.label("limit"),
        granted.c.overflow_cap,
        sql_cast(granted.c.credit_factor, Text).label("credit_factor"),
        granted.c.effective_from_at,
        granted.c.updated_by,
        granted.c.is_applied,
    )


allocations_in_effect = DerivedOne(
    AllocationRow,
    allocation_rows()
    .where(granted.c.effective_from_at <= func.now(type_=DateTime(timezone=True)))
    .ext(distinct_on(granted.c.account_id))
    .order_by(granted.c.account_id, granted.c.effective_from_at.desc()),
    key="account_id",
)
"""The version in effect now, by account."""
