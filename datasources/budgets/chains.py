"""Which budgets could pay for a chain of scopes, now or later, with all that these come from.

That changes when budgets come and go; what is left of them changes with every use, and is read by
their ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, Text, Uuid, func, select, union_all

from auth.caller import Caller
from datasources.base import Database, Statement, is_uuid
from datasources.budgets.expressions import BUDGET, DETAILS, open_budgets
from datasources.reads import parents_of
from datasources.scopes import ScopeRow

__all__ = ["budget_ids_of_chains"]


def _rows(ordinal: Any, *conditions: Any) -> Select[Any]:
    query = open_budgets()
    of = query.selected_columns
    shown = [of[name] for name in ("id", "parent_id", "account_id")]
    return query.with_only_columns(ordinal.label("ordinal"), *shown).where(*conditions)


def _own(asked: Any, *conditions: Any) -> Select[Any]:
    """Budgets of the scopes asked about; a condition says by which index to find them."""
    of = open_budgets().selected_columns
    return _rows(
        asked.c.k0,
        BUDGET.c.account_id == asked.c.k1,
        BUDGET.c.scope_type == asked.c.k2,
        of.scope_id == asked.c.k3,
        of.cycle_end > func.now(),
        *conditions,
    )


@cache
def _statement() -> Statement:
    asked = parents_of([Integer(), Text(), Text(), Text(), Uuid(as_uuid=False)])
    by_scope = _own(asked, BUDGET.c.scope_id == asked.c.k4)
    by_details = _own(asked, DETAILS.c.account_id == asked.c.k1, DETAILS.c.scope_id == asked.c.k3)
    found = select(union_all(by_scope, by_details).subquery()).cte("found", recursive=True)
    above = _rows(
        found.c.ordinal, BUDGET.c.id == found.c.parent_id, BUDGET.c.account_id == found.c.account_id
    )
    every = found.union(above)
    return Statement(select(every.c.ordinal, every.c.id))


async def budget_ids_of_chains(
    database: Database, caller: Caller, chains: Sequence[tuple[ScopeRow, ...]]
) -> list[tuple[str, ...]]:
    """The budgets of each chain's scopes whose cycle is not over, and the budgets above them."""
    found: list[list[str]] = [[] for _ in chains]
    scopes = [
        (place, scope)
        for place, chain in enumerate(chains)
        for scope in chain
        if caller.reaches(scope.account_id)
    ]
    if scopes:
        records = await database.fetch(
            _statement(),
            keys_0=[place for place, _ in scopes],
            keys_1=[scope.account_id for _, scope in scopes],
            keys_2=[scope.type.lower() for _, scope in scopes],
            keys_3=[scope.id for _, scope in scopes],
            keys_4=[scope.id if is_uuid(scope.id) else None for _, scope in scopes],
        )
        for place, id in records:
            found[place].append(id)
    return [tuple(ids) for ids in found]
