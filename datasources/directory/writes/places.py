"""Writing groups and teams."""

from __future__ import annotations

from typing import Any

import asyncpg
from sqlalchemy import Table, Text, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, is_uuid, tenant_values
from datasources.tables import accounts, groups, teams
from datasources.updates import RowUpdate

__all__ = [
    "count_teams",
    "delete_group",
    "delete_team",
    "insert_group",
    "insert_team",
    "lock_directory",
    "lock_group",
    "update_group",
    "update_team",
]

_id = bindparam("row_id", type_=groups.c.id.type)
_author = bindparam("author", type_=Text())
_here = bindparam(TENANT, type_=Text())

_LOCK_DIRECTORY = Statement(
    select(accounts.c.account_id).where(in_account(accounts)).with_for_update(key_share=True)
)
_LOCK_GROUP = Statement(
    select(groups.c.id).where(in_account(groups), groups.c.id == _id).with_for_update()
)


async def lock_directory(database: Database, caller: Caller) -> None:
    """Let one transaction at a time decide what holds over the whole account.

    That is who administers it, and which group and team everybody starts in.
    """
    await database.fetch(_LOCK_DIRECTORY, **tenant_values(caller))


async def lock_group(database: Database, caller: Caller, group_id: str) -> None:
    """Keep a group from being removed while it gets a team, and the other way round."""
    if is_uuid(group_id):
        await database.fetch(_LOCK_GROUP, row_id=group_id, **tenant_values(caller))


_update_group = RowUpdate(groups)
_update_team = RowUpdate(teams)


# --- groups and teams -----------------------------------------------------------------------------

_COLUMNS = ("name", "description", "owner_id", "contact_email")


def _insertion(table: Table, *more: str) -> Statement:
    columns = {name: bindparam(name, type_=table.c[name].type) for name in (*_COLUMNS, *more)}
    columns |= {"account_id": _here, "created_by": _author, "updated_by": _author}
    return Statement(insert(table).values(columns).on_conflict_do_nothing().returning(table.c.id))


_INSERT_GROUP = _insertion(groups)
_INSERT_TEAM = _insertion(teams, "group_id")
_NOTHING = {"description": None, "owner_id": None, "contact_email": None}


async def insert_group(database: Database, caller: Caller, values: dict[str, Any]) -> str | None:
    """Add a group; its id, or None when its name is taken."""
    return await _insert(database, caller, _INSERT_GROUP, values)


async def insert_team(database: Database, caller: Caller, values: dict[str, Any]) -> str | None:
    """Add a team to a group of the account; its id, or None when its name is taken there."""
    return await _insert(database, caller, _INSERT_TEAM, values)


async def _insert(
    database: Database, caller: Caller, statement: Statement, values: dict[str, Any]
) -> str | None:
    record = await database.fetchrow(
        statement, **(_NOTHING | values), author=caller.id, **tenant_values(caller)
    )
    return None if record is None else str(record[0])


async def update_group(
    database: Database, caller: Caller, group_id: str, changes: dict[str, Any]
) -> bool:
    """Change a group; False when another one has the name."""
    return await _unless_taken(_update_group, database, caller, group_id, changes)


async def update_team(
    database: Database, caller: Caller, team_id: str, changes: dict[str, Any]
) -> bool:
    """Change a team; False when another one of its group has the name."""
    return await _unless_taken(_update_team, database, caller, team_id, changes)


async def _unless_taken(
    update: RowUpdate, database: Database, caller: Caller, id: str, changes: dict[str, Any]
) -> bool:
    try:
        return await update(database, caller, id, changes)
    except asyncpg.UniqueViolationError:
        return False


_COUNT_TEAMS = Statement(
    select(func.count()).select_from(teams).where(in_account(teams), teams.c.group_id == _id)
)
_DELETE_GROUP = Statement(delete(groups).where(in_account(groups), groups.c.id == _id))
_DELETE_TEAM = Statement(delete(teams).where(in_account(teams), teams.c.id == _id))


async def count_teams(database: Database, caller: Caller, group_id: str) -> int:
    """How many teams a group has."""
    record = await database.fetchrow(_COUNT_TEAMS, row_id=group_id, **tenant_values(caller))
    return 0 if record is None else int(record[0])


async def delete_group(database: Database, caller: Caller, group_id: str) -> None:
    """Remove a group that has no teams."""
    await database.execute(_DELETE_GROUP, row_id=group_id, **tenant_values(caller))


async def delete_team(database: Database, caller: Caller, team_id: str) -> None:
    """Remove a team whose people have been moved."""
    await database.execute(_DELETE_TEAM, row_id=team_id, **tenant_values(caller))
