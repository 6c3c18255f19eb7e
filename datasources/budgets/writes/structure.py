"""Writing one budget: added, changed, opened again, and removed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Text, bindparam, delete, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.budgets.tables import budget_details
from datasources.budgets.writes.sharing import NewBudget, insert_budgets
from datasources.scopes import ScopeRow
from datasources.tables import credit_budgets
from datasources.updates import RowUpdate

__all__ = [
    "has_overlap",
    "insert_budget",
    "remove_budget",
    "reopen_budget",
    "set_details",
    "update_budget",
]

_id = bindparam("budget_id", type_=credit_budgets.c.id.type)
_NAMES = {
    "limit": "limit_amount",
    "strategy": "allocation_strategy",
    "parent_id": "parent_budget_id",
    "plan_id": "budget_plan_id",
}
"""Columns whose name differs from what the rest of the code calls them."""


def _stored(changes: Mapping[str, Any]) -> dict[str, Any]:
    stored = {_NAMES.get(name, name): value for name, value in changes.items()}
    if stored.get("allocation_strategy") is not None:
        stored["allocation_strategy"] = stored["allocation_strategy"].lower()
    return stored


async def insert_budget(
    database: Database,
    caller: Caller,
    scope: ScopeRow,
    cycle: tuple[datetime, datetime],
    values: Mapping[str, Any],
) -> str | None:
    """Add a budget; its id, or None when the scope has one in this cycle.

    `values` are `allocated`, `limit`, `overflow_cap`, `strategy`, `parent_id` and `plan_id`.
    """
    added = await insert_budgets(database, caller, cycle, [NewBudget(scope, **values)])
    return added[0]


_update = RowUpdate(credit_budgets)


async def update_budget(
    database: Database, caller: Caller, budget_id: str, changes: Mapping[str, Any]
) -> None:
    """Change columns of a budget, by the names that `BudgetRow` has for them."""
    stored = _stored(changes)
    details = {name: stored.pop(name) for name in ("pooled", "rolled_over") if name in stored}
    if stored:
        await _update(database, caller, budget_id, stored)
    if details:
        await set_details(database, caller, budget_id, **details)


_details: dict[frozenset[str], Statement] = {}


async def set_details(database: Database, caller: Caller, budget_id: str, **values: Any) -> None:
    """Keep what the budget's own table has no column for."""
    names = frozenset(values)
    if names not in _details:
        given = {name: bindparam(name, type_=budget_details.c[name].type) for name in names}
        added = insert(budget_details).values(
            budget_id=_id, account_id=bindparam(TENANT, type_=Text()), **given
        )
        changed = {name: added.excluded[name] for name in names}
        _details[names] = Statement(
            added.on_conflict_do_update(index_elements=["budget_id"], set_=changed)
        )
    await database.execute(_details[names], budget_id=budget_id, **values, **tenant_values(caller))


async def reopen_budget(
    database: Database,
    caller: Caller,
    budget_id: str,
    cycle_end: datetime,
    changes: Mapping[str, Any],
) -> None:
    """Let a closed budget run again to the end of its cycle, its use kept."""
    await update_budget(database, caller, budget_id, {**changes, "cycle_end": cycle_end})
    await set_details(database, caller, budget_id, closed_at=None, cycle_end=None)


_REMOVE = Statement(
    delete(credit_budgets).where(in_account(credit_budgets), credit_budgets.c.id == _id)
)


async def remove_budget(database: Database, caller: Caller, budget_id: str) -> None:
    """Remove a budget whose cycle has not begun, so that nothing was used."""
    await database.execute(_REMOVE, budget_id=budget_id, **tenant_values(caller))


_start = bindparam("start", type_=credit_budgets.c.cycle_start.type)
_end = bindparam("end", type_=credit_budgets.c.cycle_start.type)
_OVERLAPS = Statement(
    select(credit_budgets.c.id).where(
        in_account(credit_budgets),
        credit_budgets.c.scope_type == "account",
        credit_budgets.c.cycle_start < _end,
        credit_budgets.c.cycle_end + literal_column("interval '1 second'") > _start,
        credit_budgets.c.cycle_start != _start,
        credit_budgets.c.cycle_end > _start,
    )
)


async def has_overlap(database: Database, caller: Caller, start: datetime, end: datetime) -> bool:
    """Whether another cycle of the account's own budget overlaps this one."""
    return bool(await database.fetch(_OVERLAPS, start=start, end=end, **tenant_values(caller)))
