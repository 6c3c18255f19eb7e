"""What a mutation of the directory may refer to: rows of the cockpit's own directory."""

from __future__ import annotations

from typing import TypeVar

from datasources.directory.reads import (
    groups_in_directory,
    memberships_by_id,
    teams_in_account,
    users_in_account,
)
from datasources.directory.rows import COPILOT, GroupRow, MembershipRow, TeamRow, UserRow
from datasources.directory.writes.places import lock_group
from resolvers.errors import refuse
from resolvers.writing import WriteContext

RowT = TypeVar("RowT")

__all__ = ["group_of", "locked_group_of", "membership_of", "owner_of", "team_of", "user_of"]


async def user_of(context: WriteContext, id: str, *path: str) -> UserRow:
    """A person of the account. Refuses with NOT_FOUND."""
    key = (context.account_id, id)
    (row,) = await users_in_account(context.database, context.caller, [key])
    return _found(row, "The account has no such person.", *path)


async def team_of(context: WriteContext, id: str, *path: str) -> TeamRow:
    """A team of the account. Refuses with NOT_FOUND."""
    key = (context.account_id, id)
    (row,) = await teams_in_account(context.database, context.caller, [key])
    return _found(row, "The account has no such team.", *path)


async def group_of(context: WriteContext, id: str, *path: str) -> GroupRow:
    """A group of the account. Refuses with NOT_FOUND."""
    key = (context.account_id, COPILOT, id)
    (row,) = await groups_in_directory(context.database, context.caller, [key])
    return _found(row, "The account has no such group.", *path)


async def locked_group_of(context: WriteContext, id: str, *path: str) -> GroupRow:
    """A group of the account that stays while this transaction lasts. Refuses with NOT_FOUND."""
    await lock_group(context.database, context.caller, id)
    return await group_of(context, id, *path)


async def membership_of(context: WriteContext, id: str, *path: str) -> MembershipRow:
    """A membership of the account. Refuses with NOT_FOUND."""
    (row,) = await memberships_by_id(context.database, context.caller, [id])
    own = row if row is not None and row.source == COPILOT else None
    return _found(own, "The account has no such membership.", *path)


async def owner_of(context: WriteContext, id: str | None) -> str | None:
    """The person responsible, who must be of the account; None for nobody."""
    return None if id is None else (await user_of(context, id, "owner_id")).id


def _found(row: RowT | None, message: str, *path: str) -> RowT:
    if row is None:
        raise refuse("NOT_FOUND", message, *path)
    return row
