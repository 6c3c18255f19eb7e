"""The default group of an account and the default team inside it, which everybody starts in."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Select, Table, Text, bindparam, func, insert, literal_column, select

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.expressions import word
from datasources.tables import groups, teams
from datasources.updates import RowUpdate

__all__ = ["Defaults", "ensure_defaults"]

_NAME = "Global"
"""What both are called."""


class Defaults(NamedTuple):
    """The default group of an account and the default team inside it."""

    group_id: str
    team_id: str


_group_id = bindparam("group_id", type_=groups.c.id.type)
_author = bindparam("author", type_=Text())
_values: dict[str, Any] = {
    "account_id": bindparam(TENANT, type_=Text()),
    "name": word(_NAME),
    "is_default": literal_column("true"),
    "created_by": _author,
    "updated_by": _author,
}


def _default_of(table: Table) -> Select[Any]:
    """The flagged row, else one that has the name already, the oldest first."""
    is_named = func.lower(table.c.name) == word(_NAME.lower())
    return (
        select(table.c.id, table.c.is_default)
        .where(in_account(table), table.c.is_default | is_named)
        .order_by(table.c.is_default.desc(), table.c.created_at, table.c.id)
        .limit(1)
    )


class _Default:
    """How the default row of one table is found, flagged or made."""

    def __init__(self, table: Table, find: Select[Any], **values: Any) -> None:
        self._find = Statement(find)
        self._insert = Statement(insert(table).values(_values | values).returning(table.c.id))
        self._update = RowUpdate(table)

    async def ensure(self, database: Database, caller: Caller, **values: Any) -> str:
        """Id of the default row, made if there is none."""
        values |= tenant_values(caller)
        found = await database.fetchrow(self._find, **values)
        if found is None:
            made = await database.fetch(self._insert, author=caller.id, **values)
            return str(made[0][0])
        if not found[1]:
            await self._update(database, caller, found[0], {"is_default": True})
        return str(found[0])


_GROUP = _Default(groups, _default_of(groups))
_TEAM = _Default(teams, _default_of(teams).where(teams.c.group_id == _group_id), group_id=_group_id)


async def ensure_defaults(database: Database, caller: Caller) -> Defaults:
    """The account's default group and team, made if they are not there yet.

    A group or team that somebody has called Global becomes the default instead of standing in its
    way. The caller's account is new, or its row is locked.
    """
    group_id = await _GROUP.ensure(database, caller)
    return Defaults(group_id, await _TEAM.ensure(database, caller, group_id=group_id))
