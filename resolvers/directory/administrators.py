"""An account keeps somebody who can administer it, whatever is changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from auth.caller import ActorKind
from datasources.directory.writes.people import count_admins
from datasources.directory.writes.places import lock_directory
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = ["checked_role", "keeping_an_administrator"]


@asynccontextmanager
async def keeping_an_administrator(context: WriteContext, *path: str) -> AsyncIterator[None]:
    """Refuse with LAST_ADMIN what would leave the account without an administrator.

    One transaction at a time, so that two people cannot remove each other at once.
    """
    await lock_directory(context.database, context.caller)
    before = await count_admins(context.database, context.caller)
    yield
    if before and not await count_admins(context.database, context.caller):
        message = "The account would be left without an administrator."
        raise refuse("LAST_ADMIN", message, *path)


def checked_role(context: WriteContext, role: str, *path: str) -> str:
    """A role the caller may give: machines appoint no administrators.

    Otherwise a credential that may write the directory could make itself an account's master.
    """
    if role == "ADMIN" and context.caller.kind is ActorKind.SERVICE:
        raise refuse("NOT_ENTITLED", "Machine clients cannot appoint administrators.", *path)
    return role
