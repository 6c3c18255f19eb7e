"""Lists of the directory. Parents are `(account, source)`, or a person, group or team in it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from auth.caller import Caller
from datasources.base import Database
from datasources.directory import copilot, identity
from datasources.directory.both import PagesBySource
from datasources.paging import Listing

__all__ = [
    "Counted",
    "account_groups",
    "account_invites",
    "account_memberships",
    "account_teams",
    "account_users",
    "active_members",
    "group_teams",
    "team_members",
    "teams_of_groups",
    "user_memberships",
]


@dataclass(frozen=True, slots=True)
class Counted:
    """A list's length as a batch read, under fixed filters."""

    listing: Listing
    filters: tuple[tuple[str, Hashable], ...] = ()

    async def __call__(
        self, database: Database, caller: Caller, keys: Sequence[Hashable]
    ) -> list[int]:
        """How many rows each parent's list has, in the order of the parents."""
        return await self.listing.count(database, caller, self.filters, keys)


account_users = PagesBySource(copilot.users.user_pages(), identity.users.user_pages())

account_groups = PagesBySource(copilot.groups.group_pages(), identity.groups.group_pages())

account_teams = PagesBySource(copilot.teams.team_pages(), identity.teams.team_pages())
group_teams = PagesBySource(
    copilot.teams.team_pages("group_id"), identity.teams.team_pages("group_id")
)
teams_of_groups = Counted(group_teams)

account_memberships = PagesBySource(
    copilot.memberships.membership_pages(), identity.memberships.membership_pages()
)
user_memberships = PagesBySource(
    copilot.memberships.membership_pages("user_id"),
    identity.memberships.membership_pages("user_id"),
)
team_members = PagesBySource(
    copilot.memberships.membership_pages("team_id"),
    identity.memberships.membership_pages("team_id"),
)
active_members = Counted(team_members, (("is_active", True),))

account_invites = copilot.invites.invite_pages()
