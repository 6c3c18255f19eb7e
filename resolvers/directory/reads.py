"""Fields of the directory that are more than a column, a read or a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from datasources.directory.health import IssueRow, SampleRow, samples
from datasources.directory.reads import (
    external_ids,
    groups_in_directory,
    roles_of_users,
    teams_in_directory,
    users_in_directory,
)
from datasources.directory.rows import (
    IDENTITY,
    GroupRow,
    TeamRow,
    UserRow,
)
from datasources.paging import PageRequest
from resolvers.base import RequestContext
from resolvers.errors import BadUserInput

__all__ = [
    "DirectoryRow",
    "external_id",
    "own",
    "role",
    "samples_of",
    "subject",
]

_MOST_SAMPLES = 200


class DirectoryRow(NamedTuple):
    """One of the two directories of an account."""

    account_id: str
    source: str


def own(_context: RequestContext, row: DirectoryRow, id: str) -> tuple[str, str, str]:
    """The key of somebody or something in the directory."""
    return (*row, id)


async def role(context: RequestContext, row: UserRow) -> str:
    """Strongest role over the person's active memberships."""
    strongest = await context.load(roles_of_users, (row.account_id, row.source, row.id))
    return strongest or row.default_role


async def external_id(context: RequestContext, row: UserRow) -> str | None:
    """Subject at the identity provider; people of the own directory are matched by address."""
    if row.source == IDENTITY or row.email is None:
        return row.external_id
    return await context.load(external_ids, (row.account_id, row.email.strip().lower()))


async def samples_of(context: RequestContext, row: IssueRow, first: int) -> Sequence[SampleRow]:
    """Some of the rows with this issue. Raises `BadUserInput`."""
    if not 0 <= first <= _MOST_SAMPLES:
        raise BadUserInput(f"first may be 0 to {_MOST_SAMPLES}; {first} was asked for.")
    page = await context.load_page(samples, PageRequest(size=first), (row.account_id, row.kind))
    return page.rows


async def subject(context: RequestContext, row: SampleRow) -> UserRow | GroupRow | TeamRow | None:
    """The person, team or group with the issue."""
    key = (row.account_id, IDENTITY, row.id)
    if row.kind.startswith("USER"):
        return await context.load(users_in_directory, key)
    if row.kind.startswith("TEAM"):
        return await context.load(teams_in_directory, key)
    return await context.load(groups_in_directory, key)
