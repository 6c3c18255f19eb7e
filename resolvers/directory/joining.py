"""How a person becomes a member of an account by an invite."""

from __future__ import annotations

from typing import NamedTuple

from auth.caller import Caller
from datasources.defaults import ensure_defaults
from datasources.directory.reads import memberships_by_id, users_by_email
from datasources.directory.rows import MembershipRow, UserRow
from datasources.directory.writes import belonging, people
from datasources.directory.writes.places import lock_directory
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = ["Joined", "join", "name_from_address"]


class Joined(NamedTuple):
    """A person and their place in the account."""

    user: UserRow
    membership: MembershipRow


async def join(
    context: WriteContext, caller: Caller, *, email: str, role: str, team_id: str | None
) -> Joined:
    """Make the caller, bound to the account, a member of it; members keep role and team.

    Refuses people whom the account has deactivated: an invite does not open what was closed.
    """
    database = context.database
    await lock_directory(database, caller)
    defaults = await ensure_defaults(database, caller)
    user = await _person(context, caller, email)
    place = await belonging.first_membership(database, caller, user.id)
    if not user.is_active or (place is not None and not place.is_active):
        raise refuse("INVALID_STATE", "The account has deactivated you; ask its administrator.")
    membership_id = None if place is None else place.id
    if membership_id is None:
        membership_id = await belonging.insert_membership(
            database, caller, user_id=user.id, team_id=team_id or defaults.team_id, role=role
        )
    (membership,) = await memberships_by_id(database, caller, [membership_id])
    if membership is None:
        raise LookupError("The membership that was written is gone.")
    return Joined(user, membership)


async def _person(context: WriteContext, caller: Caller, email: str) -> UserRow:
    """The person with this address in the account's directory, added if they are new."""
    key = (caller.account_id or "", email)
    (user,) = await users_by_email(context.database, caller, [key])
    if user is not None:
        return user
    name = caller.name if caller.name != caller.email else name_from_address(email)
    user_id = await people.insert_user(
        context.database, caller, email=email, name=name[:255], profile_image=None
    )
    if user_id is None:
        raise refuse("CONFLICT", "Somebody with this address joined meanwhile; try again.")
    (added,) = await users_by_email(context.database, caller, [key])
    if added is None:
        raise LookupError("The person who was added is gone.")
    return added


def name_from_address(email: str) -> str:
    """A name to show for somebody who has none: `jane.doe@…` is Jane Doe."""
    local = email.partition("@")[0].partition("+")[0]
    return " ".join(local.replace(".", " ").replace("_", " ").split()).title() or "User"
