"""Lists of budgets, cycles, plans and alerts."""

from __future__ import annotations

from sqlalchemy import DateTime, Double, Text, case, func, literal_column, select

from datasources.budgets.expressions import BUDGET, DETAILS, SUBJECT_NAME, open_budgets, percent
from datasources.budgets.rows import AlertRow, BudgetRow, CycleRow, PlanRow
from datasources.budgets.tables import budget_plans
from datasources.conditions import Condition, any_of, at_least, contains, equals, flag, matching
from datasources.pages import Pages
from datasources.paging import Order, Sorting

__all__ = [
    "account_alerts",
    "account_budgets",
    "account_cycles",
    "account_plans",
    "all_alerts",
    "child_budgets",
]

_source = open_budgets()
_columns = _source.selected_columns

_CONDITIONS: dict[str, Condition] = {
    "search": contains(SUBJECT_NAME),
    "at": matching(
        DateTime(timezone=True),
        lambda moment: (_columns.cycle_start <= moment) & (_columns.cycle_end > moment),
    ),
    "is_active": flag(_columns.is_active),
    "scope_types": any_of(_columns.scope_type),
    "scope_ids": any_of(_columns.scope_id),
    "parent_id": equals(_columns.parent_id),
    "plan_id": equals(BUDGET.c.budget_plan_id),
    "strategies": any_of(_columns.strategy),
    "alert_levels": any_of(_columns.alert_level),
}

_ORDERS: dict[str, Order] = {
    "CREATED_AT": ("created_at",),
    "CYCLE_START": ("cycle_start",),
    "ALLOCATED": ("allocated",),
    "USED": ("used",),
    "USAGE_PERCENT": ("usage_percent",),
}
_NEWEST = Sorting("CREATED_AT", descending=True)

account_budgets = Pages(BudgetRow, _source, orders=_ORDERS, default=_NEWEST, conditions=_CONDITIONS)
child_budgets = Pages(
    BudgetRow,
    _source,
    parent=("account_id", "cycle_start", "parent_id"),
    orders=_ORDERS,
    default=_NEWEST,
    conditions=_CONDITIONS,
)
account_cycles = Pages(
    CycleRow,
    select(
        _columns.id,
        _columns.account_id,
        _columns.cycle_start.label("start_at"),
        _columns.cycle_end.label("end_at"),
        _columns.is_active,
    )
    .select_from(*_source.get_final_froms())
    .where(DETAILS.c.closed_at.is_(None), BUDGET.c.scope_type == "account"),
    orders={"START": ("start_at",)},
    default=Sorting("START", descending=True),
)
account_plans = Pages(
    PlanRow,
    select(*budget_plans.c, func.lower(budget_plans.c.name, type_=Text()).label("name_order")),
    orders={"CREATED_AT": ("created_at",), "NAME": ("name_order",)},
    default=_NEWEST,
    conditions={
        "search": contains(budget_plans.c.name),
        "is_active": flag(budget_plans.c.is_active),
    },
)

_overflow_percent = case(
    (
        BUDGET.c.overflow_cap > literal_column("0"),
        percent(BUDGET.c.overflow_used, BUDGET.c.overflow_cap),
    ),
    (BUDGET.c.overflow_cap == literal_column("0"), literal_column("0.0", Double())),
)
_alerts = (
    select(
        _columns.id,
        _columns.account_id,
        _columns.alert_level.label("level"),
        _columns.usage_percent,
        _overflow_percent.label("overflow_percent"),
        func.statement_timestamp(type_=DateTime(timezone=True)).label("observed_at"),
    )
    .select_from(*_source.get_final_froms())
    .where(
        DETAILS.c.closed_at.is_(None),
        _columns.is_active,
        _columns.alert_level.is_not(None),
    )
)
_ALERT_CONDITIONS: dict[str, Condition] = {
    "levels": any_of(_columns.alert_level),
    "scope_types": any_of(_columns.scope_type),
    "min_usage_percent": at_least(_columns.usage_percent),
}
_HIGHEST = Sorting("USAGE_PERCENT", descending=True)

account_alerts = Pages(
    AlertRow,
    _alerts,
    orders={"USAGE_PERCENT": ("usage_percent",)},
    default=_HIGHEST,
    conditions=_ALERT_CONDITIONS,
)
all_alerts = Pages(
    AlertRow,
    _alerts,
    parent=None,
    orders={"USAGE_PERCENT": ("usage_percent",)},
    default=_HIGHEST,
    conditions=_ALERT_CONDITIONS,
)
