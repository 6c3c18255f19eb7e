"""Batch reads of budgets, what hangs off them, and plans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, DateTime, Text, and_, cast, func, select, true

from auth.caller import Caller
from datasources.base import Database, Statement, owned, tenant_values
from datasources.budgets.expressions import budgets, open_budgets
from datasources.budgets.rows import BudgetRow, LevelRow, PlanRow
from datasources.budgets.tables import budget_plans
from datasources.derived import Value
from datasources.keys import parents_of
from datasources.reads import Many, One, row_columns

__all__ = [
    "any_budget_by_id",
    "budgets_by_id",
    "budgets_in_account",
    "distributed",
    "levels_of_cycle",
    "plans_by_id",
    "plans_in_account",
    "root_of_cycle",
    "roots_at",
]

any_budget_by_id = One(BudgetRow, budgets())
"""Budgets, closed ones included: ledger entries name them."""

budgets_by_id = One(BudgetRow, open_budgets())

budgets_in_account = One(BudgetRow, open_budgets(), key=("account_id", "id"))

_open = open_budgets().subquery("open_budgets")


root_of_cycle = One(
    BudgetRow,
    select(_open).where(_open.c.scope_type == "ACCOUNT"),
    key=("account_id", "cycle_start"),
)
"""The account's own budget of the cycle that starts then."""


class _DistributedRow(NamedTuple):
    distributed: int


_all = budgets().subquery("all_budgets")

distributed = Value(
    _DistributedRow,
    select(
        _all.c.account_id,
        _all.c.cycle_start,
        _all.c.parent_id,
        cast(func.sum(_all.c.allocated), BigInteger).label("distributed"),
    ).group_by(_all.c.account_id, _all.c.cycle_start, _all.c.parent_id),
    key=("account_id", "cycle_start", "parent_id"),
    otherwise=0,
    derived=True,
)
"""Credits handed on to children, by account, start of the cycle and budget.

What a closed child had used stays handed on."""

levels_of_cycle = Many(
    LevelRow,
    select(
        _all.c.account_id,
        _all.c.cycle_start,
        _all.c.scope_type,
        cast(func.count(), BigInteger).label("budget_count"),
        cast(func.sum(_all.c.allocated), BigInteger).label("allocated"),
        cast(func.sum(_all.c.used), BigInteger).label("used"),
        cast(func.sum(_all.c.overflow_used), BigInteger).label("overflow_used"),
    ).group_by(_all.c.account_id, _all.c.cycle_start, _all.c.scope_type),
    key=("account_id", "cycle_start"),
    order=("scope_type",),
)


class AlertCountRow(NamedTuple):
    """How many budgets of a cycle stand at a level of alert."""

    key: str
    number: int


alerts_of_cycle = Many(
    AlertCountRow,
    select(
        _open.c.account_id,
        _open.c.cycle_start,
        func.coalesce(_open.c.alert_level, "", type_=Text()).label("key"),
        func.count().label("number"),
    ).group_by(_open.c.account_id, _open.c.cycle_start, _open.c.alert_level),
    key=("account_id", "cycle_start"),
    order=("key",),
)


def plan_rows() -> Any:
    """Plans as stored."""
    return select(*budget_plans.c)


plans_by_id = One(PlanRow, plan_rows())
plans_in_account = One(PlanRow, plan_rows(), key=("account_id", "id"))


def _roots_at(caller: Caller) -> Statement:
    parent = parents_of([Text(), DateTime(timezone=True)])
    roots = (
        select(*row_columns(BudgetRow, _open))
        .where(
            owned(_open, caller),
            and_(_open.c.account_id == parent.c.k0, _open.c.scope_type == "ACCOUNT"),
            and_(_open.c.cycle_start <= parent.c.k1, _open.c.cycle_end > parent.c.k1),
        )
        .order_by(_open.c.cycle_start.desc())
        .limit(1)
        .lateral("root")
    )
    return Statement(
        select(parent.c.ordinal, *row_columns(BudgetRow, roots)).select_from(
            parent.join(roots, true())
        )
    )


_statements: dict[bool, Statement] = {}


async def roots_at(
    database: Database, caller: Caller, keys: Sequence[tuple[str, datetime]]
) -> list[BudgetRow | None]:
    """The account's own budget whose cycle contains a moment, by account and moment."""
    found: list[BudgetRow | None] = [None] * len(keys)
    wanted = [(i, key) for i, key in enumerate(keys) if caller.reaches(key[0])]
    if not wanted:
        return found
    if caller.spans_accounts not in _statements:
        _statements[caller.spans_accounts] = _roots_at(caller)
    records = await database.fetch(
        _statements[caller.spans_accounts],
        keys_0=[key[0] for _, key in wanted],
        keys_1=[key[1] for _, key in wanted],
        **tenant_values(caller),
    )
    for record in records:
        found[wanted[record[0] - 1][0]] = BudgetRow._make(record[1:])
    return found
