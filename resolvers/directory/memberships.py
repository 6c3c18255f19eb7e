"""Roles and teams of people."""

from __future__ import annotations

from typing import Any, NamedTuple, TypedDict, Unpack

from datasources.defaults import ensure_defaults
from datasources.directory.rows import MembershipRow
from datasources.directory.writes import belonging
from datasources.directory.writes.belonging import Place
from datasources.directory.writes.places import lock_directory
from resolvers.auditing import changes
from resolvers.directory.administrators import checked_role, keeping_an_administrator
from resolvers.directory.auditing import directory_event
from resolvers.directory.lookups import membership_of, team_of, user_of
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = [
    "ChangedMembership",
    "MembershipChanges",
    "add_team_member",
    "remove_team_member",
    "update_membership",
]


class ChangedMembership(NamedTuple):
    """A membership after a change."""

    membership: MembershipRow


class MembershipChanges(TypedDict, total=False):
    """What to change about a membership; what is left out stays."""

    role: str | None
    team_id: str | None
    is_active: bool | None


async def update_membership(
    context: WriteContext, *, id: str, **given: Unpack[MembershipChanges]
) -> ChangedMembership:
    """Change role, team or state; the account keeps an administrator."""
    async with keeping_an_administrator(context, *[name for name in given if name != "team_id"]):
        before = await membership_of(context, id, "id")
        values = await _checked(context, given)
        found = changes(_seen(before), values)
        if not found["after"]:
            context.changed_nothing()
            return ChangedMembership(before)
        await _store(context, before, found["after"])
    after = await membership_of(context, id)
    await context.audit(
        directory_event(
            "update",
            "membership",
            after.id,
            "A membership was changed.",
            {"user_id": after.user_id, **found},
            severity="warning" if before.is_active and not after.is_active else "info",
        )
    )
    context.end_access()
    return ChangedMembership(after)


async def add_team_member(
    context: WriteContext, *, team_id: str, user_id: str
) -> ChangedMembership:
    """Put a person into a team, besides those they are in; the default team gives way."""
    team = await team_of(context, team_id, "team_id")
    place = await _place_of(context, user_id)
    if not place.is_active:
        raise refuse("INVALID_STATE", "The person's membership is not active.", "user_id")
    await lock_directory(context.database, context.caller)
    defaults = await ensure_defaults(context.database, context.caller)
    membership_id = await _existing(context, place, team.id)
    if membership_id is not None:
        context.changed_nothing()
        return ChangedMembership(await membership_of(context, membership_id))
    if place.team_id in {None, defaults.team_id}:
        await belonging.update_membership(
            context.database, context.caller, place.id, {"team_id": team.id}
        )
        membership_id = place.id
    else:
        membership_id = await belonging.add_further_team(
            context.database, context.caller, place.user_id, team.id
        )
    await context.audit(_event("add_member", team.id, place.user_id, "A person joined a team."))
    context.end_access()
    return ChangedMembership(await membership_of(context, membership_id or ""))


async def remove_team_member(
    context: WriteContext, *, team_id: str, user_id: str
) -> ChangedMembership:
    """Take a person out of a team they are in; without another one they move to the default."""
    async with keeping_an_administrator(context, "user_id"):
        team = await team_of(context, team_id, "team_id")
        place = await _place_of(context, user_id)
        if await _existing(context, place, team.id) is None:
            raise refuse("NOT_FOUND", "The person is not in this team.", "user_id")
        defaults = await ensure_defaults(context.database, context.caller)
        await belonging.leave_team(
            context.database, context.caller, place.user_id, team.id, defaults.team_id
        )
        left = await _place_of(context, user_id)
        if left == place and place.team_id == team.id:
            raise refuse("INVALID_STATE", "Whoever has no other team is in this one.", "team_id")
    message = "A person left a team."
    await context.audit(_event("remove_member", team.id, place.user_id, message, "warning"))
    context.end_access()
    return ChangedMembership(await membership_of(context, place.id))


async def _place_of(context: WriteContext, user_id: str) -> Place:
    """The person's row in the account, locked. Refuses with NOT_FOUND."""
    user = await user_of(context, user_id, "user_id")
    place = await belonging.first_membership(context.database, context.caller, user.id)
    if place is None:
        raise refuse("NOT_FOUND", "The person has no membership in the account.", "user_id")
    return place


async def _existing(context: WriteContext, place: Place, team_id: str) -> str | None:
    """Id of the person's membership in a team; None when they are not in it."""
    if place.team_id == team_id:
        return place.id
    return await belonging.place_in_team(context.database, context.caller, place.user_id, team_id)


async def _checked(context: WriteContext, given: MembershipChanges) -> dict[str, Any]:
    """The given values as they are stored."""
    values: dict[str, Any] = {}
    if "role" in given:
        if given["role"] is None:
            raise refuse("REQUIRED", "A membership has a role.", "role")
        values["role"] = checked_role(context, given["role"], "role")
    if "is_active" in given:
        if given["is_active"] is None:
            raise refuse("REQUIRED", "A membership is active or not.", "is_active")
        values["is_active"] = given["is_active"]
    if "team_id" in given:
        values["team_id"] = await _team(context, given["team_id"])
    return values


async def _team(context: WriteContext, team_id: str | None) -> str:
    if team_id is not None:
        return (await team_of(context, team_id, "team_id")).id
    return (await ensure_defaults(context.database, context.caller)).team_id


async def _store(context: WriteContext, before: MembershipRow, values: dict[str, Any]) -> None:
    """Write into whichever table holds the membership."""
    database, caller = context.database, context.caller
    place = await _place_of(context, before.user_id)
    if "team_id" in values and await _existing(context, place, values["team_id"]) is not None:
        raise refuse("TAKEN", "The person is in this team already.", "team_id")
    if place.id != before.id:
        await belonging.update_further_membership(database, caller, before.id, values)
        return
    columns = {("app_role" if name == "role" else name): value for name, value in values.items()}
    await belonging.update_membership(database, caller, before.id, columns)


def _seen(membership: MembershipRow) -> dict[str, Any]:
    return {
        "role": membership.role,
        "is_active": membership.is_active,
        "team_id": membership.team_id,
    }


def _event(action: str, team_id: str, user_id: str, message: str, severity: str = "info") -> Any:
    details = {"user_id": user_id}
    return directory_event(action, "team", team_id, message, details, severity=severity)
