"""The own budget of a group, team or person in the running cycle."""

from __future__ import annotations

import typing
from collections.abc import Hashable, Sequence
from typing import Any

from sqlalchemy import Select, Text, and_, any_, cast, func, select, union_all
from sqlalchemy.types import Uuid

from auth.caller import Caller
from datasources.base import Database
from datasources.budgets.expressions import BUDGET, open_budgets
from datasources.budgets.rows import BudgetRow
from datasources.budgets.scope_ids import stored_scope_ids
from datasources.budgets.tables import budget_details
from datasources.expressions import word
from datasources.reads import One
from datasources.tables import credit_budgets
from datasources.trees import Key, Related, Unwritable, belongs

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
    """Keys are worked out for all at once; beside one row that has the scope, see `related`."""

    def __init__(self, level: str) -> None:
        super().__init__(
            BudgetRow,
            select(_open).where(_open.c.is_active, _open.c.level == word(level.lower())),
            key=("account_id", "scope_id", "stored_scope_id"),
        )
        self._level = level

    def related(self, keys: Sequence[Key], *_request: Any) -> Related:
        """The budget of a scope, beside the scope's row; of ids that are UUIDs alone.

        Raises `Unwritable`.
        """
        account, id = (typing.cast("Any", key.column) for key in keys)
        if not isinstance(id.type, Uuid):
            raise Unwritable("What is stored for other ids is not worked out in SQL.")
        source = self._origin.subquery()
        itself = select(id).correlate(id.table)
        stored = func.array(union_all(itself, _named(account, id)).scalar_subquery())
        is_its_own = and_(
            belongs(source, ("account_id",), keys[:1], self._tenant),
            source.c.scope_id == cast(id, Text),
            source.c.stored_scope_id == any_(stored),
        )
        return Related(source, is_its_own, self._tenant)

    async def __call__(
        self, database: Database, caller: Caller, keys: Sequence[Hashable]
    ) -> list[BudgetRow | None]:
        stored = [
            (place, (account_id, id, one))
            for place, (account_id, id) in enumerate(typing.cast("Sequence[Any]", keys))
            for one in stored_scope_ids(account_id, self._level, id)
        ]
        rows = await super().__call__(database, caller, [key for _, key in stored])
        found: list[BudgetRow | None] = [None] * len(keys)
        for (place, _), row in zip(stored, rows, strict=True):
            found[place] = row or found[place]
        return found


def _named(account: Any, id: Any) -> Select[Any]:
    """What is stored for a scope that could not be stored under its own id."""
    budget, details = credit_budgets.alias(), budget_details.alias()
    return (
        select(budget.c.scope_id)
        .join_from(details, budget, budget.c.id == details.c.budget_id)
        .where(details.c.account_id == account, details.c.scope_id == cast(id, Text))
        .correlate(id.table)
    )


running_group_budgets = _Running("GROUP")
running_team_budgets = _Running("TEAM")
running_user_budgets = _Running("USER")
