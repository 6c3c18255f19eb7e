"""Budgets of many scopes at once: added, given other shares, and closed; a statement each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import Text, any_, bindparam, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, is_uuid, tenant_values
from datasources.budgets.scope_ids import derived_scope_id
from datasources.budgets.tables import budget_details
from datasources.expressions import word
from datasources.recordsets import given, rows_of
from datasources.scopes import ScopeRow
from datasources.tables import credit_budgets

__all__ = ["Closing", "NewBudget", "Share", "change_shares", "close_budgets", "insert_budgets"]

_account = bindparam(TENANT, type_=Text())
_NOW = func.statement_timestamp()


# --- added ----------------------------------------------------------------------------------------


class NewBudget(NamedTuple):
    """A budget to be added to a cycle."""

    scope: ScopeRow
    allocated: int
    limit: int
    overflow_cap: int | None
    strategy: str
    parent_id: str | None = None
    plan_id: str | None = None


_COLUMNS = (
    "id",
    "scope_id",
    "scope_type",
    "allocated",
    "limit_amount",
    "overflow_cap",
    "allocation_strategy",
    "parent_budget_id",
    "budget_plan_id",
)
_CYCLE = ("cycle_start", "cycle_end")
_cycle = [bindparam(name, type_=credit_budgets.c[name].type) for name in _CYCLE]
_INSERT = Statement(
    insert(credit_budgets)
    .from_select(
        [*_COLUMNS, *_CYCLE, "account_id"],
        rows_of(credit_budgets, _COLUMNS).add_columns(*_cycle, _account),
    )
    .on_conflict_do_nothing()
    .returning(credit_budgets.c.id)
)
_NAMED = ("budget_id", "scope_id")
_NAME_SCOPES = Statement(
    insert(budget_details).from_select(
        [*_NAMED, "account_id"], rows_of(budget_details, _NAMED).add_columns(_account)
    )
)
_OWN = Statement(
    select(credit_budgets.c.scope_type, credit_budgets.c.scope_id).where(
        in_account(credit_budgets),
        credit_budgets.c.scope_id == any_(bindparam("ids", type_=ARRAY(credit_budgets.c.id.type))),
        credit_budgets.c.cycle_start == _cycle[0],
    )
)


async def insert_budgets(
    database: Database,
    caller: Caller,
    cycle: tuple[datetime, datetime],
    budgets: Sequence[NewBudget],
) -> list[str | None]:
    """Add budgets; the id of each, or None where the scope has one in this cycle."""
    plain = [budget for budget in budgets if is_uuid(budget.scope.id)]
    added = await _insert(database, caller, cycle, [(b, b.scope.id) for b in plain])
    if len(added) < len(budgets):
        # Production keys budgets without the account, so another tenant's row may be in the way.
        refused = [budget for budget in plain if budget.scope not in added]
        own = await _own(database, caller, cycle, refused)
        left = [b for b in budgets if b.scope not in added and b.scope not in own]
        derived = [(b, derived_scope_id(b.scope.account_id, *b.scope[:2])) for b in left]
        others = await _insert(database, caller, cycle, derived)
        await _name_scopes(database, caller, others)
        added |= others
    return [added.get(budget.scope) for budget in budgets]


async def _insert(
    database: Database,
    caller: Caller,
    cycle: tuple[datetime, datetime],
    stored: Sequence[tuple[NewBudget, str]],
) -> dict[ScopeRow, str]:
    """Add budgets under these ids of their scopes; those that nothing stood in the way of."""
    if not stored:
        return {}
    new = {str(uuid4()): (budget, scope_id) for budget, scope_id in stored}
    rows = [_row(id, budget, scope_id) for id, (budget, scope_id) in new.items()]
    records = await database.fetch(
        _INSERT,
        **given(_COLUMNS, rows),
        **dict(zip(_CYCLE, cycle, strict=True)),
        **tenant_values(caller),
    )
    return {new[record[0]][0].scope: record[0] for record in records}


def _row(id: str, budget: NewBudget, scope_id: str) -> tuple[Any, ...]:
    scope, allocated, limit, overflow_cap, strategy, parent_id, plan_id = budget
    amounts = (allocated, limit, overflow_cap)
    return (id, scope_id, scope.type.lower(), *amounts, strategy.lower(), parent_id, plan_id)


async def _own(
    database: Database,
    caller: Caller,
    cycle: tuple[datetime, datetime],
    budgets: Sequence[NewBudget],
) -> set[ScopeRow]:
    """Scopes that have a budget of their own in the cycle."""
    if not budgets:
        return set()
    records = await database.fetch(
        _OWN,
        ids=[budget.scope.id for budget in budgets],
        cycle_start=cycle[0],
        **tenant_values(caller),
    )
    found = {(record[0].upper(), record[1].lower()) for record in records}
    return {b.scope for b in budgets if (b.scope.type, b.scope.id.lower()) in found}


async def _name_scopes(database: Database, caller: Caller, added: Mapping[ScopeRow, str]) -> None:
    """Keep the ids of scopes that stand under another in production's column."""
    if added:
        rows = [(budget_id, scope.id) for scope, budget_id in added.items()]
        await database.execute(_NAME_SCOPES, **given(_NAMED, rows), **tenant_values(caller))


# --- given other shares ---------------------------------------------------------------------------


class Share(NamedTuple):
    """What a budget gets; one that was closed opens again with an end and a cap."""

    budget_id: str
    amount: int
    cycle_end: datetime | None = None
    overflow_cap: int | None = None


_SHARE = ("id", "allocated", "cycle_end", "overflow_cap")
_share = rows_of(credit_budgets, _SHARE).subquery("share")
_CHANGE = Statement(
    update(credit_budgets)
    .where(in_account(credit_budgets), credit_budgets.c.id == _share.c[0])
    .values(
        allocated=_share.c[1],
        limit_amount=_share.c[1],
        cycle_end=func.coalesce(_share.c[2], credit_budgets.c.cycle_end),
        overflow_cap=func.coalesce(_share.c[3], credit_budgets.c.overflow_cap),
        allocation_strategy=word("equal_distribution"),
        parent_budget_id=bindparam("parent_id", type_=credit_budgets.c.id.type),
        updated_at=func.now(),
    )
)
_REOPEN = Statement(
    update(budget_details)
    .where(
        in_account(budget_details),
        budget_details.c.budget_id
        == any_(bindparam("ids", type_=ARRAY(budget_details.c.budget_id.type))),
    )
    .values(closed_at=None, cycle_end=None)
)


async def change_shares(
    database: Database, caller: Caller, parent_id: str, shares: Sequence[Share]
) -> None:
    """Give budgets an equal or weighted share of their parent's credits."""
    if not shares:
        return
    await database.execute(
        _CHANGE,
        **given(_SHARE, shares),
        parent_id=parent_id,
        **tenant_values(caller),
    )
    reopened = [share.budget_id for share in shares if share.cycle_end is not None]
    if reopened:
        await database.execute(_REOPEN, ids=reopened, **tenant_values(caller))


# --- closed ---------------------------------------------------------------------------------------


class Closing(NamedTuple):
    """A budget that ends before its cycle; `kept` stays handed to it for what it used."""

    budget_id: str
    cycle_end: datetime
    kept: int


_CLOSED = ("id", "allocated")
_closed = rows_of(credit_budgets, _CLOSED).subquery("closed")
_CLOSE = Statement(
    update(credit_budgets)
    .where(in_account(credit_budgets), credit_budgets.c.id == _closed.c[0])
    .values(
        allocated=_closed.c[1],
        limit_amount=_closed.c[1],
        cycle_end=func.least(
            credit_budgets.c.cycle_end,
            func.greatest(
                _NOW, credit_budgets.c.cycle_start + literal_column("interval '1 microsecond'")
            ),
        ),
        updated_at=_NOW,
    )
)
_ENDED = ("budget_id", "cycle_end", "closed_at", "pooled")
_ended = insert(budget_details).from_select(
    [*_ENDED, "account_id"], rows_of(budget_details, _ENDED).add_columns(_account)
)
_END = Statement(
    _ended.on_conflict_do_update(
        index_elements=["budget_id"],
        set_={name: _ended.excluded[name] for name in _ENDED[1:]},
    )
)


async def close_budgets(database: Database, caller: Caller, budgets: Sequence[Closing]) -> None:
    """End budgets before their cycle does."""
    if not budgets:
        return
    ended = [(id, cycle_end, datetime.now(UTC), 0) for id, cycle_end, _ in budgets]
    kept = [(id, kept) for id, _, kept in budgets]
    await database.execute(_END, **given(_ENDED, ended), **tenant_values(caller))
    await database.execute(_CLOSE, **given(_CLOSED, kept), **tenant_values(caller))
