"""Adding and changing people."""

from __future__ import annotations

from typing import Any, NamedTuple, TypedDict, Unpack

from datasources.defaults import ensure_defaults
from datasources.directory.rows import MembershipRow, UserRow
from datasources.directory.writes import belonging, people
from datasources.directory.writes.places import lock_directory
from resolvers.auditing import changes
from resolvers.checks import checked_line, checked_name
from resolvers.directory.administrators import checked_role, keeping_an_administrator
from resolvers.directory.auditing import directory_event
from resolvers.directory.lookups import membership_of, team_of, user_of
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = ["ChangedUser", "CreatedUser", "UserChanges", "create_user", "update_user"]

_LONGEST_EMAIL = 320
_LONGEST_URL = 2048


class CreatedUser(NamedTuple):
    """A person who was added, with their place."""

    user: UserRow
    membership: MembershipRow


class ChangedUser(NamedTuple):
    """A person after a change."""

    user: UserRow


class UserChanges(TypedDict, total=False):
    """What to change about a person; what is left out stays."""

    name: str | None
    profile_image_url: str | None
    is_active: bool | None


async def create_user(
    context: WriteContext,
    *,
    email: str,
    name: str,
    profile_image_url: str | None = None,
    role: str,
    team_id: str | None = None,
) -> CreatedUser:
    """Add a person with a membership, in the default team unless another one is named."""
    checked_role(context, role, "role")
    name = checked_name(name, "name")
    if len(email) > _LONGEST_EMAIL:
        raise refuse("INVALID", f"An address may be {_LONGEST_EMAIL} characters long.", "email")
    image = checked_line(profile_image_url, "profile_image_url", longest=_LONGEST_URL)
    await lock_directory(context.database, context.caller)
    defaults = await ensure_defaults(context.database, context.caller)
    team = defaults.team_id if team_id is None else (await team_of(context, team_id, "team_id")).id
    user_id = await people.insert_user(
        context.database, context.caller, email=email, name=name, profile_image=image
    )
    if user_id is None:
        raise refuse("TAKEN", "The account has a person with this address.", "email")
    place = await belonging.insert_membership(
        context.database, context.caller, user_id=user_id, team_id=team, role=role
    )
    user = await user_of(context, user_id)
    await context.audit(
        directory_event(
            "create",
            "user",
            user.id,
            f"{user.name} was added.",
            {"after": {"email": user.email, "name": user.name, "role": role, "team_id": team}},
        )
    )
    await context.welcome()
    return CreatedUser(user, await membership_of(context, place or ""))


async def update_user(
    context: WriteContext, *, id: str, **given: Unpack[UserChanges]
) -> ChangedUser:
    """Change a person; deactivating ends their access at once."""
    async with keeping_an_administrator(context, "is_active"):
        before = await user_of(context, id, "id")
        wanted = _checked(given)
        found = changes(_seen(before), wanted)
        if not found["after"]:
            context.changed_nothing()
            return ChangedUser(before)
        await people.update_user(context.database, context.caller, before.id, wanted)
    after = await user_of(context, id)
    await context.audit(
        directory_event(
            "update",
            "user",
            after.id,
            f"{after.name} was changed.",
            found,
            severity="warning" if before.is_active and not after.is_active else "info",
        )
    )
    if before.is_active != after.is_active:
        context.end_access()
    return ChangedUser(after)


def _checked(given: UserChanges) -> dict[str, Any]:
    """The given values as they are stored."""
    values: dict[str, Any] = {}
    if "name" in given:
        values["name"] = checked_name(given["name"], "name")
    if "profile_image_url" in given:
        image, path = given["profile_image_url"], "profile_image_url"
        values["profile_image"] = checked_line(image, path, longest=_LONGEST_URL)
    if "is_active" in given:
        if given["is_active"] is None:
            raise refuse("REQUIRED", "A person is active or not.", "is_active")
        values["is_active"] = given["is_active"]
    return values


def _seen(user: UserRow) -> dict[str, Any]:
    return {"name": user.name, "profile_image": user.profile_image, "is_active": user.is_active}
