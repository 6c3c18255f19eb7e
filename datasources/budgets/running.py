"""The own budget of a group, team or person in the running cycle."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, cast

from sqlalchemy import select

from auth.caller import Caller
from datasources.base import Database
from datasources.budgets.expressions import BUDGET, open_budgets
from datasources.budgets.rows import BudgetRow
from datasources.budgets.scope_ids import stored_scope_ids
from datasources.expressions import word
from datasources.reads import One

__all__ = ["running_group_budgets", "running_team_budgets", "running_user_budgets"]

_open = (
    open_budgets()
    .add_columns(BUDGET.c.scope_id.label("stored_scope_id"), BUDGET.c.scope_type.label("level"))
    .subquery("open_budgets")
)


class _Running(One[BudgetRow]):
    """The budgets of one level, by account and the scope's id.

    What is stored for the scope is part of the key, so that an index finds the budget: an account
    has as many as it has people, in every cycle.
    """

    _is_relating = False

    def __init__(self, level: str) -> None:
        super().__init__(
            BudgetRow,
            select(_open).where(_open.c.is_active, _open.c.level == word(level.lower())),
            key=("account_id", "scope_id", "stored_scope_id"),
        )
        self._level = level

    async def __call__(
        self, database: Database, caller: Caller, keys: Sequence[Hashable]
    ) -> list[BudgetRow | None]:
        stored = [
            (place, (account_id, id, one))
            for place, (account_id, id) in enumerate(cast("Sequence[Any]", keys))
            for one in stored_scope_ids(account_id, self._level, id)
        ]
        rows = await super().__call__(database, caller, [key for _, key in stored])
        found: list[BudgetRow | None] = [None] * len(keys)
        for (place, _), row in zip(stored, rows, strict=True):
            found[place] = row or found[place]
        return found


running_group_budgets = _Running("GROUP")
running_team_budgets = _Running("TEAM")
running_user_budgets = _Running("USER")
