"""Every account's own running budget, added up by how close it is to its limit."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from auth.caller import Caller
from datasources.base import Database, Statement, owned, tenant_values
from datasources.budgets.expressions import open_budgets
from datasources.budgets.rows import BudgetRow
from datasources.reads import row_columns

__all__ = ["RiskLevelRow", "Risks", "account_risks"]


class RiskLevelRow(NamedTuple):
    """Accounts at one level of risk."""

    level: str | None
    account_count: int
    allocated: int
    used: int
    overflow_used: int


class Risks(NamedTuple):
    """The levels, and the budgets behind them."""

    levels: list[RiskLevelRow]
    running: list[BudgetRow]


_open = open_budgets().subquery("open_budgets")


async def account_risks(database: Database, caller: Caller) -> Risks:
    """The running budgets of the accounts the caller reaches, one an account."""
    query = (
        select(*row_columns(BudgetRow, _open))
        .where(owned(_open, caller), _open.c.is_active, _open.c.scope_type == "ACCOUNT")
        .ext(distinct_on(_open.c.account_id))
        .order_by(_open.c.account_id, _open.c.cycle_start.desc())
    )
    records = await database.fetch(Statement(query), **tenant_values(caller))
    running = [BudgetRow._make(record) for record in records]
    levels: dict[str | None, RiskLevelRow] = {}
    for budget in running:
        level = budget.alert_level
        known = levels.get(level) or RiskLevelRow(level, 0, 0, 0, 0)
        levels[level] = RiskLevelRow(
            level,
            known.account_count + 1,
            known.allocated + budget.allocated,
            known.used + budget.used,
            known.overflow_used + budget.overflow_used,
        )
    return Risks(list(levels.values()), running)
