"""The account's own budgets, cycle by cycle."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select

from auth.caller import Caller
from datasources.base import Database, Statement, in_account, tenant_values
from datasources.budgets.expressions import BUDGET, DETAILS, open_budgets
from datasources.budgets.rows import BudgetRow
from datasources.reads import row_columns

__all__ = ["LastCycle", "last_cycle", "running_root"]

_roots = open_budgets().where(BUDGET.c.scope_type == "account").subquery("roots")
_ROOTS = select(*row_columns(BudgetRow, _roots)).where(in_account(_roots))

_before = (
    open_budgets()
    .add_columns(DETAILS.c.cycle_closed_at)
    .where(BUDGET.c.scope_type == "account")
    .subquery("roots")
)
_LAST = Statement(
    select(*row_columns(BudgetRow, _before), _before.c.cycle_closed_at)
    .where(
        in_account(_before),
        _before.c.cycle_start < bindparam("start", type_=BUDGET.c.cycle_start.type),
    )
    .order_by(_before.c.cycle_start.desc())
    .limit(1)
)
_RUNNING = Statement(
    _ROOTS.where(_roots.c.is_active).order_by(_roots.c.cycle_start.desc()).limit(1)
)


class LastCycle(NamedTuple):
    """The account's budget of the cycle before, and when that was closed."""

    root: BudgetRow
    closed_at: datetime | None


async def last_cycle(database: Database, caller: Caller, start: datetime) -> LastCycle | None:
    """The cycle before the one that starts at a moment."""
    record = await database.fetchrow(_LAST, start=start, **tenant_values(caller))
    return None if record is None else LastCycle(BudgetRow._make(record[:-1]), record[-1])


async def running_root(database: Database, caller: Caller) -> BudgetRow | None:
    """The account's budget of the running cycle."""
    record = await database.fetchrow(_RUNNING, **tenant_values(caller))
    return None if record is None else BudgetRow._make(record)
