"""Writing who belongs where.

A person has one row in `copilot.account_memberships`, with their first team; further teams are rows
of `gateway.team_memberships`. When the first team goes, a further one takes its place.
"""

from __future__ import annotations

from typing import NamedTuple

import asyncpg
from sqlalchemy import (
    Text,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy import update as sql_update
from sqlalchemy.dialects.postgresql import insert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, is_uuid, tenant_values
from datasources.tables import memberships, team_memberships
from datasources.updates import RowUpdate

__all__ = [
    "Place",
    "add_further_team",
    "first_membership",
    "insert_membership",
    "leave_team",
    "move_everybody",
    "place_in_team",
    "update_further_membership",
    "update_membership",
]


class Place(NamedTuple):
    """The row of a person in the account's table of memberships."""

    id: str
    user_id: str
    team_id: str | None
    role: str
    is_active: bool


_user = bindparam("user_id", type_=Uuid(as_uuid=False))
_team = bindparam("team_id", type_=Uuid(as_uuid=False))
_default = bindparam("default_team", type_=Uuid(as_uuid=False))
_author = bindparam("author", type_=Text())
_here = bindparam(TENANT, type_=Text())
_first, _further = memberships.c, team_memberships.c

_INSERT = Statement(
    insert(memberships)
    .values(
        account_id=_here,
        user_id=_user,
        team_id=_team,
        app_role=bindparam("role", type_=Text()),
        created_by=_author,
        updated_by=_author,
    )
    .on_conflict_do_nothing()
    .returning(_first.id)
)

update_membership = RowUpdate(memberships)
"""Changes a person's first membership."""


async def insert_membership(
    database: Database, caller: Caller, *, user_id: str, team_id: str, role: str
) -> str | None:
    """Add a person to the account; the membership's id, or None when they have one."""
    record = await database.fetchrow(
        _INSERT,
        user_id=user_id,
        team_id=team_id,
        role=role,
        author=caller.id,
        **tenant_values(caller),
    )
    return None if record is None else str(record[0])


_FIRST = Statement(
    select(_first.id, _first.user_id, _first.team_id, _first.app_role, _first.is_active)
    .where(in_account(memberships), _first.user_id == _user)
    .with_for_update()
)


async def first_membership(database: Database, caller: Caller, user_id: str) -> Place | None:
    """A person's row in the account, locked: changes of their teams go one after another."""
    if not is_uuid(user_id):
        return None
    record = await database.fetchrow(_FIRST, user_id=user_id, **tenant_values(caller))
    return None if record is None else Place(*record)


# --- further teams --------------------------------------------------------------------------------

_update_further = RowUpdate(team_memberships)
_ADD_FURTHER = Statement(
    insert(team_memberships)
    .values(account_id=_here, user_id=_user, team_id=_team, created_by=_author, updated_by=_author)
    .on_conflict_do_nothing()
    .returning(_further.id)
)
_IN_TEAM = Statement(
    select(_further.id).where(
        in_account(team_memberships), _further.user_id == _user, _further.team_id == _team
    )
)


async def add_further_team(
    database: Database, caller: Caller, user_id: str, team_id: str
) -> str | None:
    """Put a person into one more team; the membership's id, or None when they are in it."""
    record = await database.fetchrow(
        _ADD_FURTHER, user_id=user_id, team_id=team_id, author=caller.id, **tenant_values(caller)
    )
    return None if record is None else str(record[0])


async def place_in_team(
    database: Database, caller: Caller, user_id: str, team_id: str
) -> str | None:
    """Id of a person's further membership in a team; None when they have none there."""
    record = await database.fetchrow(
        _IN_TEAM, user_id=user_id, team_id=team_id, **tenant_values(caller)
    )
    return None if record is None else str(record[0])


async def update_further_membership(
    database: Database, caller: Caller, id: str, changes: dict[str, object]
) -> bool:
    """Change a further membership; False when the person is in that team already."""
    try:
        return await _update_further(database, caller, id, changes)
    except asyncpg.UniqueViolationError:
        return False


# --- leaving --------------------------------------------------------------------------------------

_REMOVE_FURTHER = Statement(
    delete(team_memberships).where(
        in_account(team_memberships), _further.user_id == _user, _further.team_id == _team
    )
)
_REMOVE_ALL_FURTHER = Statement(
    delete(team_memberships).where(in_account(team_memberships), _further.team_id == _team)
)

_same_person = and_(_further.account_id == _first.account_id, _further.user_id == _first.user_id)
_next_team = (
    select(_further.team_id)
    .where(_same_person, _further.team_id != _team)
    .order_by(_further.joined_at, _further.id)
    .limit(1)
    .scalar_subquery()
)
_moved = (
    sql_update(memberships)
    .where(in_account(memberships), _first.team_id == _team)
    .where(or_(_user.is_(None), _first.user_id == _user))
    .values(
        team_id=func.coalesce(_next_team, _default),
        updated_by=_author,
        updated_at=func.now(),
    )
    .returning(_first.user_id, _first.team_id)
    .cte("moved")
)
_MOVE = Statement(select(_moved.c.user_id, _moved.c.team_id))
_TAKE_OVER = Statement(
    delete(team_memberships).where(
        in_account(team_memberships),
        exists(
            select(literal_column("1")).where(
                _same_person, _first.team_id == _further.team_id, in_account(memberships)
            )
        ),
    )
)


async def leave_team(
    database: Database, caller: Caller, user_id: str, team_id: str, default_team: str
) -> None:
    """Take a person out of a team; without another one they are in the default team."""
    values = {"team_id": team_id, **tenant_values(caller)}
    if await database.execute(_REMOVE_FURTHER, user_id=user_id, **values):
        return
    await database.fetch(
        _MOVE, user_id=user_id, default_team=default_team, author=caller.id, **values
    )
    await database.execute(_TAKE_OVER, **tenant_values(caller))


async def move_everybody(
    database: Database, caller: Caller, team_id: str, default_team: str
) -> int:
    """Take everybody out of a team; how many are in the default team for it."""
    values = {"team_id": team_id, **tenant_values(caller)}
    await database.execute(_REMOVE_ALL_FURTHER, **values)
    moved = await database.fetch(
        _MOVE, user_id=None, default_team=default_team, author=caller.id, **values
    )
    await database.execute(_TAKE_OVER, **tenant_values(caller))
    return sum(record[1] == default_team for record in moved)
