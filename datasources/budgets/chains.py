"""Which budgets could pay for a chain of scopes, now or later, with all that these come from.

That changes when budgets come and go; what is left of them changes with every use, and is read by
their ids.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    Text,
    Uuid,
    column,
    func,
    literal_column,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from datasources.access_facts import AccessPart
from datasources.access_versions import StandingWith
from datasources.budgets.expressions import BUDGET, DETAILS, figures, open_budgets, parent_of
from datasources.budgets.rows import BudgetRow, FiguresRow
from datasources.scopes import ScopeRow

__all__ = ["PAYERS", "standing_with_figures"]

_CHAIN = table("chain", column("ordinal", Integer), column("account_id", Text), column("id", Text))
_LEVEL: Any = literal_column("(ARRAY['account', 'group', 'team', 'user'])[chain.level + 1]", Text())
_UUID: Any = literal_column(
    "CASE WHEN chain.id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'"
    " THEN CAST(chain.id AS uuid) END",
    Uuid(as_uuid=False),
)


def _rows(ordinal: Any, *conditions: Any) -> Select[Any]:
    """Open budgets with what leads to those above them, which is looked for once for all."""
    shown = [
        BUDGET.c[n] for n in ("id", "account_id", "parent_budget_id", "scope_type", "cycle_start")
    ]
    return open_budgets().with_only_columns(ordinal.label("ordinal"), *shown).where(*conditions)


def _own(*conditions: Any) -> Select[Any]:
    """Budgets of the chain's scopes; a condition says by which index to find them."""
    of = open_budgets().selected_columns
    return _rows(
        _CHAIN.c.ordinal,
        BUDGET.c.account_id == _CHAIN.c.account_id,
        BUDGET.c.scope_type == _LEVEL,
        of.scope_id == _CHAIN.c.id,
        of.cycle_end > func.now(),
        *conditions,
    )


def _payers() -> str:
    """A step `payer`: the budgets of each chain, and those above them, each with its `ordinal`."""
    by_scope = _own(BUDGET.c.scope_id == _UUID)
    by_details = _own(
        DETAILS.c.account_id == _CHAIN.c.account_id, DETAILS.c.scope_id == _CHAIN.c.id
    )
    found = select(union_all(by_scope, by_details).subquery()).cte("found", recursive=True)
    above = _rows(
        found.c.ordinal, BUDGET.c.id == parent_of(found), BUDGET.c.account_id == found.c.account_id
    )
    every = found.union(above)
    of_chain = (
        open_budgets()
        .add_columns(every.c.ordinal)
        .where(BUDGET.c.id == every.c.id, BUDGET.c.account_id == every.c.account_id)
    )
    compiled = of_chain.compile(
        dialect=dialect(),  # type: ignore[no-untyped-call] # SQLAlchemy leaves dialects untyped
        compile_kwargs={"literal_binds": True},
    )
    return f", payer AS ({compiled})".replace(":", r"\:")


_TIMES = [
    BudgetRow._fields.index(name)
    for name in ("cycle_start", "cycle_end", "created_at", "updated_at")
]


def _budgets(_scope: ScopeRow, value: Any, _document: Any) -> list[BudgetRow]:
    for row in value:
        for place in _TIMES:
            if row[place] is not None:
                row[place] = datetime.fromisoformat(row[place])
    return list(map(BudgetRow._make, value))


_COLUMNS = ", ".join(f'payer."{name}"' for name in BudgetRow._fields)
PAYERS = AccessPart(
    f"""(SELECT coalesce(json_agg(json_build_array({_COLUMNS})), '[]')
        FROM payer WHERE payer.ordinal = asked.ordinal)""",  # noqa: S608 - constants of ours
    _budgets,
    steps=_payers(),
)
"""The budgets of a chain's scopes whose cycle is not over, and those above them, as they stand."""

standing_with_figures = StandingWith(FiguresRow, figures())
"""How accounts stand, and what is left of budgets of theirs."""
