"""Changing many people of the caller's account, a few statements however many there are."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    Boolean,
    Text,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from auth.caller import Caller
from datasources.base import Database, Statement, in_account, tenant_values
from datasources.tables import memberships, team_memberships, users

__all__ = ["place_all", "set_active", "set_role"]

_ids = bindparam("ids", type_=ARRAY(Uuid(as_uuid=False)))
_author = bindparam("author", type_=Text())
_active = bindparam("is_active", type_=Boolean())
_role = bindparam("new_role", type_=Text())
_team = bindparam("team_id", type_=Uuid(as_uuid=False))
_stamp = {"updated_by": _author, "updated_at": func.now()}
_of_these = and_(in_account(memberships), memberships.c.user_id == func.any(_ids))
_further_of_these = and_(in_account(team_memberships), team_memberships.c.user_id == func.any(_ids))

_SET_ACTIVE = Statement(
    update(users)
    .where(in_account(users), users.c.id == func.any(_ids), users.c.is_active != _active)
    .values(is_active=_active, updated_at=func.now())
    .returning(users.c.id)
)
_SET_ROLE = Statement(
    update(memberships)
    .where(_of_these, memberships.c.app_role != _role)
    .values(app_role=_role, **_stamp)
    .returning(memberships.c.user_id)
)
_INHERIT_ROLE = Statement(
    update(team_memberships)
    .where(_further_of_these, team_memberships.c.role.is_distinct_from(_role))
    .where(team_memberships.c.role.is_not(None))
    .values(role=null(), **_stamp)
    .returning(team_memberships.c.user_id)
)
_PLACE = Statement(
    update(memberships)
    .where(_of_these, memberships.c.team_id.is_distinct_from(_team))
    .values(team_id=_team, **_stamp)
    .returning(memberships.c.user_id)
)
_same_place = exists(
    select(literal_column("1")).where(
        in_account(memberships),
        memberships.c.user_id == team_memberships.c.user_id,
        memberships.c.team_id == team_memberships.c.team_id,
    )
)
_TAKE_OVER = Statement(delete(team_memberships).where(_further_of_these, _same_place))


async def set_active(
    database: Database, caller: Caller, ids: Sequence[str], *, is_active: bool
) -> frozenset[str]:
    """Let people sign in or not; those for whom it changed."""
    records = await database.fetch(
        _SET_ACTIVE, ids=list(ids), is_active=is_active, **tenant_values(caller)
    )
    return frozenset(record[0] for record in records)


async def set_role(
    database: Database, caller: Caller, ids: Sequence[str], role: str
) -> frozenset[str]:
    """Give people one role in all their teams; those for whom it changed."""
    values = {"ids": list(ids), "new_role": role, "author": caller.id, **tenant_values(caller)}
    records = [
        record
        for statement in (_SET_ROLE, _INHERIT_ROLE)
        for record in await database.fetch(statement, **values)
    ]
    return frozenset(record[0] for record in records)


async def place_all(
    database: Database, caller: Caller, ids: Sequence[str], team_id: str
) -> frozenset[str]:
    """Make a team the first one of people; those for whom it changed."""
    values = {"ids": list(ids), **tenant_values(caller)}
    records = await database.fetch(_PLACE, team_id=team_id, author=caller.id, **values)
    await database.execute(_TAKE_OVER, **values)
    return frozenset(record[0] for record in records)
