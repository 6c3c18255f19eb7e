"""Writing groups and teams, and the default pair that everybody starts in."""

from __future__ import annotations

from typing import Any, NamedTuple

import asyncpg
from sqlalchemy import Table, Text, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, is_uuid, tenant_values
from datasources.expressions import word
from datasources.tables import accounts, groups, teams
from datasources.updates import RowUpdate

__all__ = [
    "DEFAULT_NAME",
    "Defaults",
    "count_teams",
    "delete_group",
    "delete_team",
    "ensure_defaults",
    "insert_group",
    "insert_team",
    "lock_directory",
    "lock_group",
    "update_group",
    "update_team",
]

DEFAULT_NAME = "Global"
"""What the default group and team are called."""


class Defaults(NamedTuple):
    """The default group of an account and the default team inside it."""

    group_id: str
    team_id: str


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


async def lock_group(database: Database, caller: Caller, group_id: str) -> bool:
    """Keep a group from being removed while it gets a team, and the other way round."""
    if not is_uuid(group_id):
        return False
    row = await database.fetchrow(_LOCK_GROUP, row_id=group_id, **tenant_values(caller))
    return row is not None


# --- the default group and team -------------------------------------------------------------------


def _named_default(table: Table) -> Any:
    """The flagged row, else one that has the name already, the oldest first."""
    is_named = func.lower(table.c.name) == word(DEFAULT_NAME.lower())
    return (
        select(table.c.id, table.c.is_default)
        .where(in_account(table), table.c.is_default | is_named)
        .order_by(table.c.is_default.desc(), table.c.created_at, table.c.id)
        .limit(1)
    )


_in_group = teams.c.group_id == bindparam("group_id", type_=groups.c.id.type)
_DEFAULT_GROUP = Statement(_named_default(groups))
_DEFAULT_TEAM = Statement(_named_default(teams).where(_in_group))
_update_group = RowUpdate(groups)
_update_team = RowUpdate(teams)


async def ensure_defaults(database: Database, caller: Caller) -> Defaults:
    """The account's default group and team, made if they are not there yet.

    A group or team that somebody has called Global becomes the default instead of standing in its
    way. The caller holds `lock_directory`.
    """
    group = await database.fetchrow(_DEFAULT_GROUP, **tenant_values(caller))
    group_id = await _default_of(database, caller, group, _update_group, None)
    team = await database.fetchrow(_DEFAULT_TEAM, group_id=group_id, **tenant_values(caller))
    return Defaults(group_id, await _default_of(database, caller, team, _update_team, group_id))


async def _default_of(
    database: Database,
    caller: Caller,
    found: asyncpg.Record | None,
    change: RowUpdate,
    group_id: str | None,
) -> str:
    if found is None:
        new = {"name": DEFAULT_NAME, "is_default": True}
        made = await (
            insert_group(database, caller, new)
            if group_id is None
            else insert_team(database, caller, {**new, "group_id": group_id})
        )
        if made is None:
            raise LookupError("The default group or team could not be made under the lock.")
        return made
    if not found[1]:
        await change(database, caller, found[0], {"is_default": True})
    return str(found[0])


# --- groups and teams -----------------------------------------------------------------------------

_COLUMNS = ("name", "description", "owner_id", "contact_email", "is_default")


def _insertion(table: Table, *more: str) -> Statement:
    columns = {name: bindparam(name, type_=table.c[name].type) for name in (*_COLUMNS, *more)}
    columns |= {"account_id": _here, "created_by": _author, "updated_by": _author}
    return Statement(insert(table).values(columns).on_conflict_do_nothing().returning(table.c.id))


_INSERT_GROUP = _insertion(groups)
_INSERT_TEAM = _insertion(teams, "group_id")
_NOTHING = {"description": None, "owner_id": None, "contact_email": None, "is_default": False}


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
