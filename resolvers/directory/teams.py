"""Adding, changing and removing teams."""

from __future__ import annotations

from typing import NamedTuple, Unpack

from datasources.defaults import ensure_defaults
from datasources.directory.rows import TeamRow
from datasources.directory.writes import belonging, places
from resolvers.auditing import changes
from resolvers.directory.administrators import keeping_an_administrator
from resolvers.directory.auditing import directory_event
from resolvers.directory.groups import (
    PlaceChanges,
    PlaceDetails,
    checked_place,
    protect_default,
    seen_place,
)
from resolvers.directory.lookups import locked_group_of, team_of
from resolvers.errors import refuse
from resolvers.limits import keep_within
from resolvers.writing import WriteContext

__all__ = ["ChangedTeam", "DeletedTeam", "create_team", "delete_team", "update_team"]


class ChangedTeam(NamedTuple):
    """A team after a change."""

    team: TeamRow


class DeletedTeam(NamedTuple):
    """A team that was removed, and how many people it left without another one."""

    moved_member_count: int
    deleted_id: str


async def create_team(
    context: WriteContext, *, group_id: str, name: str, **details: Unpack[PlaceDetails]
) -> ChangedTeam:
    """Add a team to a group of the account, which may have no more than its limit."""
    await keep_within(context, "max_teams")
    group = await locked_group_of(context, group_id, "group_id")
    values = await checked_place(context, {**details, "name": name})
    values["group_id"] = group.id
    team_id = await places.insert_team(context.database, context.caller, values)
    if team_id is None:
        raise refuse("TAKEN", "The group has a team of this name.", "name")
    team = await team_of(context, team_id)
    await context.audit(
        directory_event(
            "create", "team", team.id, f"Team {team.name} was added.", {"after": values}
        )
    )
    return ChangedTeam(team)


async def update_team(
    context: WriteContext, *, id: str, **given: Unpack[PlaceChanges]
) -> ChangedTeam:
    """Change a team; the default one keeps its name and status."""
    before = await team_of(context, id, "id")
    values = await checked_place(context, given)
    found = changes(seen_place(before), values)
    protect_default(before, found["after"])
    if not found["after"]:
        context.changed_nothing()
        return ChangedTeam(before)
    if not await places.update_team(context.database, context.caller, before.id, values):
        raise refuse("TAKEN", "The group has another team of this name.", "name")
    after = await team_of(context, id, "id")
    await context.audit(
        directory_event("update", "team", after.id, f"Team {after.name} was changed.", found)
    )
    return ChangedTeam(after)


async def delete_team(context: WriteContext, *, id: str) -> DeletedTeam:
    """Remove a team; people without another one are in the default team then."""
    async with keeping_an_administrator(context, "id"):
        team = await team_of(context, id, "id")
        if team.is_default:
            raise refuse("PROTECTED", "The default team cannot be removed.", "id")
        defaults = await ensure_defaults(context.database, context.caller)
        moved = await belonging.move_everybody(
            context.database, context.caller, team.id, defaults.team_id
        )
        await places.delete_team(context.database, context.caller, team.id)
    await context.audit(
        directory_event(
            "delete",
            "team",
            team.id,
            f"Team {team.name} was removed.",
            {"before": seen_place(team), "moved_members": moved},
            severity="warning",
        )
    )
    context.end_access()
    return DeletedTeam(moved, team.id)
