"""Reads of the usage ledger and of reservations."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    DateTime,
    Select,
    Text,
    and_,
    any_,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from datasources.budgets.rows import EntryRow, ReservationRow
from datasources.budgets.tables import model_catalog, usage_ledger, usage_reservations
from datasources.conditions import Condition, any_of, at_least, before, equals, matching
from datasources.expressions import word
from datasources.pages import Pages
from datasources.paging import Order, Sorting
from datasources.reads import One
from datasources.tables import credit_budgets

__all__ = [
    "CONDITIONS",
    "account_usage",
    "budget_usage",
    "entries_by_id",
    "entries_in_account",
    "model_by_name",
    "reservations_by_id",
]


class ModelRef(NamedTuple):
    """A model of the catalogue by its id."""

    id: str


_ledger = usage_ledger
_total = cast(_ledger.c.credits + _ledger.c.overflow_credits, BigInteger)
_cost = func.coalesce(_ledger.c.cost, literal_column("0"), type_=_ledger.c.cost.type)


_currency = func.coalesce(func.nullif(_ledger.c.currency, word("")), word("USD"), type_=Text())


def _entries() -> Select[Any]:
    names = [_ledger.c[name] for name in EntryRow._fields]
    return select(
        *names,
        _total.label("total"),
        _cost.label("cost_order"),
        _currency.label("cost_currency"),
    )


entries_by_id = One(EntryRow, _entries())
entries_in_account = One(EntryRow, _entries(), key=("account_id", "id"))

_LEVEL_COLUMNS = {
    "ACCOUNT": _ledger.c.account_id,
    "GROUP": _ledger.c.group_id,
    "TEAM": _ledger.c.team_id,
    "USER": _ledger.c.user_id,
}


def _has_level(level: Any) -> Any:
    return case(
        *[(level == word(name), column.is_not(None)) for name, column in _LEVEL_COLUMNS.items()],
        else_=literal_column("false"),
    )


CONDITIONS: dict[str, Condition] = {
    "occurred_at_from": at_least(_ledger.c.occurred_at),
    "occurred_at_to": before(_ledger.c.occurred_at),
    "scope_type": matching(Text(), _has_level),
    "scope_id": matching(
        Text(), lambda id: or_(*[column == id for column in _LEVEL_COLUMNS.values()])
    ),
    "budget_id": matching(_ledger.c.budget_id.type, lambda id: id == any_(_ledger.c.chain)),
    "kinds": any_of(_ledger.c.kind),
    "outcomes": any_of(_ledger.c.outcome),
    "user_ids": any_of(_ledger.c.user_id),
    "agent_ids": any_of(_ledger.c.agent_id),
    "model_names": any_of(_ledger.c.model_name),
    "connector_ids": any_of(_ledger.c.connector_id),
    "guards": any_of(_ledger.c.guard),
    "tools": any_of(_ledger.c.tool),
    "workspace_ids": any_of(_ledger.c.workspace_id),
    "thread_id": equals(_ledger.c.thread_id),
    "request_id": equals(_ledger.c.request_id),
}

_ORDERS: dict[str, Order] = {
    "OCCURRED_AT": ("occurred_at",),
    "CREDITS": ("total",),
    "COST": ("cost_order",),
}
_NEWEST = Sorting("OCCURRED_AT", descending=True)

account_usage = Pages(EntryRow, _entries(), orders=_ORDERS, default=_NEWEST, conditions=CONDITIONS)

_booked_to = and_(
    credit_budgets.c.account_id == _ledger.c.account_id,
    credit_budgets.c.id == any_(_ledger.c.chain),
)
budget_usage = Pages(
    EntryRow,
    _entries()
    .add_columns(credit_budgets.c.id.label("of_budget"))
    .select_from(_ledger.join(credit_budgets, _booked_to)),
    parent="of_budget",
    orders=_ORDERS,
    default=_NEWEST,
    conditions=CONDITIONS,
)
"""Entries booked to a budget or below, as the budgets stood when they were booked."""

model_by_name = One(
    ModelRef,
    select(model_catalog.c.id, func.lower(model_catalog.c.model_name, type_=Text()).label("name")),
    key="name",
    tenant=None,
)
"""The catalogue's entry of a model by its name in lower case."""


_status = case(
    (
        and_(
            usage_reservations.c.status == word("HELD"),
            usage_reservations.c.expires_at <= func.now(type_=DateTime(timezone=True)),
        ),
        word("EXPIRED"),
    ),
    else_=usage_reservations.c.status,
)
_reservations = select(
    *[usage_reservations.c[name] for name in ReservationRow._fields if name != "status"],
    _status.label("status"),
)
reservations_by_id = One(ReservationRow, _reservations)
"""Reservations; one that nobody settled in time is expired from then on."""
