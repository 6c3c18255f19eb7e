"""Adding, changing and removing groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypedDict, Unpack

from datasources.directory.rows import GroupRow, TeamRow
from datasources.directory.writes import places
from resolvers.auditing import changes
from resolvers.checks import checked_name, checked_text
from resolvers.directory.auditing import directory_event
from resolvers.directory.lookups import group_of, locked_group_of, owner_of
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = [
    "ChangedGroup",
    "Deleted",
    "PlaceChanges",
    "PlaceDetails",
    "checked_place",
    "create_group",
    "delete_group",
    "protect_default",
    "seen_place",
    "update_group",
]


class ChangedGroup(NamedTuple):
    """A group after a change."""

    group: GroupRow


class Deleted(NamedTuple):
    """What was removed."""

    deleted_id: str


class PlaceDetails(TypedDict, total=False):
    """What may be said of a group or team besides its name; what is left out stays."""

    description: str | None
    owner_id: str | None
    contact_email: str | None


class PlaceChanges(PlaceDetails, total=False):
    """What to change about a group or team; what is left out stays."""

    name: str | None
    status: str | None


async def create_group(
    context: WriteContext, *, name: str, **details: Unpack[PlaceDetails]
) -> ChangedGroup:
    """Add a group."""
    values = await checked_place(context, {**details, "name": name})
    group_id = await places.insert_group(context.database, context.caller, values)
    if group_id is None:
        raise refuse("TAKEN", "The account has a group of this name.", "name")
    group = await group_of(context, group_id)
    await context.audit(
        directory_event(
            "create", "group", group.id, f"Group {group.name} was added.", {"after": values}
        )
    )
    return ChangedGroup(group)


async def update_group(
    context: WriteContext, *, id: str, **given: Unpack[PlaceChanges]
) -> ChangedGroup:
    """Change a group; the default one keeps its name and status."""
    before = await group_of(context, id, "id")
    values = await checked_place(context, given)
    found = changes(seen_place(before), values)
    protect_default(before, found["after"])
    if not found["after"]:
        context.changed_nothing()
        return ChangedGroup(before)
    if not await places.update_group(context.database, context.caller, before.id, values):
        raise refuse("TAKEN", "The account has another group of this name.", "name")
    after = await group_of(context, id, "id")
    await context.audit(
        directory_event("update", "group", after.id, f"Group {after.name} was changed.", found)
    )
    return ChangedGroup(after)


async def delete_group(context: WriteContext, *, id: str) -> Deleted:
    """Remove a group that has no teams; the default one stays."""
    group = await locked_group_of(context, id, "id")
    if group.is_default:
        raise refuse("PROTECTED", "The default group cannot be removed.", "id")
    if await places.count_teams(context.database, context.caller, group.id):
        raise refuse("IN_USE", "The group has teams; remove them first.", "id")
    await places.delete_group(context.database, context.caller, group.id)
    await context.audit(
        directory_event(
            "delete",
            "group",
            group.id,
            f"Group {group.name} was removed.",
            {"before": seen_place(group)},
            severity="warning",
        )
    )
    return Deleted(group.id)


async def checked_place(
    context: WriteContext, given: PlaceChanges | Mapping[str, Any]
) -> dict[str, Any]:
    """The given values of a group or team as they are stored."""
    values: dict[str, Any] = {}
    if "name" in given:
        values["name"] = checked_name(given["name"], "name")
    if "description" in given:
        values["description"] = checked_text(given["description"], "description")
    if "owner_id" in given:
        values["owner_id"] = await owner_of(context, given["owner_id"])
    if "contact_email" in given:
        values["contact_email"] = given["contact_email"]
    if "status" in given:
        if given["status"] is None:
            raise refuse("REQUIRED", "It is in use or not.", "status")
        values["status"] = given["status"].lower()
    return values


def seen_place(place: GroupRow | TeamRow) -> dict[str, Any]:
    """A group or team as its changes are told."""
    return {
        "name": place.name,
        "description": place.description,
        "owner_id": place.owner_id,
        "contact_email": place.contact_email,
        "status": place.status.lower(),
    }


def protect_default(place: GroupRow | TeamRow, changed: dict[str, Any]) -> None:
    """Refuse to rename or retire a default group or team."""
    protected = [name for name in ("name", "status") if name in changed]
    if place.is_default and protected:
        raise refuse("PROTECTED", "The default one keeps its name and status.", protected[0])
