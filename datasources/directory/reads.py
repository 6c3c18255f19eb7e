"""Batch reads of the directory.

`…_by_id` take ids, whichever directory they belong to; `…_in_directory` and what is read of a
person, group or team take `(account, source, id)`, so that another account's id reads as absent
also for a caller who spans accounts.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from auth.caller import Caller
from datasources.base import Database, is_uuid
from datasources.derived import DerivedOne, Value
from datasources.directory import copilot, identity
from datasources.directory.both import BySource, EitherDirectory
from datasources.directory.rows import GroupRow, InviteRow, MembershipRow, TeamRow, UserRow
from datasources.reads import One

__all__ = [
    "external_ids",
    "groups_by_id",
    "groups_in_directory",
    "invites_by_id",
    "invites_in_account",
    "memberships_by_id",
    "people_of_groups",
    "roles_of_users",
    "teams_by_id",
    "teams_in_account",
    "teams_in_directory",
    "users_by_email",
    "users_by_id",
    "users_in_account",
    "users_in_directory",
]

_OF_ACCOUNT = ("account_id", "id")

users_by_id = EitherDirectory(UserRow, copilot.users.user_rows(), identity.users.user_rows())
groups_by_id = EitherDirectory(GroupRow, copilot.groups.group_rows(), identity.groups.group_rows())
teams_by_id = EitherDirectory(TeamRow, copilot.teams.team_rows(), identity.teams.team_rows())
invites_by_id = One(InviteRow, copilot.invites.invite_rows())

users_in_account = One(UserRow, copilot.users.user_rows(), key=_OF_ACCOUNT)
"""People of the cockpit's own directory by `(account, id)`."""
teams_in_account = One(TeamRow, copilot.teams.team_rows(), key=_OF_ACCOUNT)
"""Teams of the cockpit's own directory by `(account, id)`."""

users_in_directory = BySource(
    users_in_account,
    One(UserRow, identity.users.user_rows(), key=_OF_ACCOUNT),
)
groups_in_directory = BySource(
    One(GroupRow, copilot.groups.group_rows(), key=_OF_ACCOUNT),
    DerivedOne(GroupRow, identity.groups.group_rows(), key=_OF_ACCOUNT),
)
teams_in_directory = BySource(
    teams_in_account,
    One(TeamRow, identity.teams.team_rows(), key=_OF_ACCOUNT),
)
invites_in_account = One(
    InviteRow, copilot.invites.invite_rows(), key=("account_id", "source", "id")
)


_by_email = One(UserRow, copilot.users.user_rows(), key=("account_id", "email_order"))


async def users_by_email(
    database: Database, caller: Caller, keys: Sequence[tuple[str, str]]
) -> list[UserRow | None]:
    """People of the cockpit's own directory by `(account, e-mail address)`, ignoring case."""
    lowered = [(account, email.strip().lower()) for account, email in keys]
    return await _by_email(database, caller, lowered)


class _Role(NamedTuple):
    role: str | None


class _People(NamedTuple):
    people: int


class _ExternalId(NamedTuple):
    external_id: str


external_ids = Value(
    _ExternalId, identity.users.external_ids(), key=("account_id", "email"), derived=True
)
"""Subject at the identity provider by `(account, lower-cased e-mail address)`."""


roles_of_users = BySource(
    Value(_Role, copilot.users.user_roles(), key=_OF_ACCOUNT),
    Value(_Role, identity.users.user_roles(), key=_OF_ACCOUNT, derived=True),
)
"""Strongest role over a person's active memberships, None without one."""

people_of_groups = BySource(
    Value(_People, copilot.groups.people_of_groups(), key=_OF_ACCOUNT, otherwise=0, derived=True),
    Value(_People, identity.groups.people_of_groups(), key=_OF_ACCOUNT, otherwise=0, derived=True),
)
"""How many people have an active membership in a team of the group."""

_copilot_memberships = One(MembershipRow, copilot.memberships.membership_rows())
_identity_memberships = DerivedOne(
    MembershipRow, identity.memberships.membership_rows(), key=("user_id", "team_id")
)
_IDENTITY_PREFIX = "identity:"


async def memberships_by_id(
    database: Database, caller: Caller, keys: Sequence[Hashable]
) -> list[MembershipRow | None]:
    """Memberships of either directory by id, at most one statement a directory."""
    found: dict[Hashable, MembershipRow | None] = {}
    own = [key for key in keys if is_uuid(key)]
    if own:
        found.update(zip(own, await _copilot_memberships(database, caller, own), strict=True))
    pairs = [pair for key in keys for pair in _pairs(str(key))]
    if pairs:
        for row in await _identity_memberships(database, caller, pairs):
            if row is not None:
                found[row.id] = row
    return [found.get(key) for key in keys]


def _pairs(id: str) -> list[tuple[str, str]]:
    """The (person, team) an identity membership's id can mean; either may contain a colon."""
    if not id.startswith(_IDENTITY_PREFIX):
        return []
    rest = id.removeprefix(_IDENTITY_PREFIX)
    colons = [i for i, character in enumerate(rest) if character == ":"]
    return [(rest[:i], rest[i + 1 :]) for i in colons]
