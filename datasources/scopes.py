"""Levels of an account: which account, group, team or person a scope names, and if it exists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, Select, Text, Uuid, case, cast, exists, or_, select

from auth.caller import Caller
from datasources.base import Database, Statement
from datasources.expressions import word
from datasources.keys import parents_of
from datasources.references import AccountRef, GroupRef, TeamRef, UserRef
from datasources.tables import (
    accounts,
    groups,
    identity_organizations,
    identity_teams,
    identity_users,
    teams,
    users,
)

__all__ = [
    "LEVELS",
    "ResolutionRow",
    "ResolutionStepRow",
    "ScopeRow",
    "Subject",
    "as_uuid",
    "existing_subjects",
]

LEVELS = ("ACCOUNT", "GROUP", "TEAM", "USER")
"""From the broadest to the most specific."""


class ScopeRow(NamedTuple):
    """A level of an account."""

    type: str
    id: str
    account_id: str

    @property
    def level(self) -> int:
        """How specific it is: 0 for the account."""
        return LEVELS.index(self.type)


class ResolutionStepRow(NamedTuple):
    """One contribution to an effective value."""

    source: str
    scope: ScopeRow | None
    policy_id: str | None
    effect: str
    is_deciding: bool = False


class ResolutionRow(NamedTuple):
    """Why an effective value is what it is."""

    scope: ScopeRow
    chain: tuple[ScopeRow, ...]
    steps: tuple[ResolutionStepRow, ...]
    """Broadest first; one of them decided."""

    @property
    def decided_by(self) -> ResolutionStepRow:
        """The step whose effect stands."""
        return next(step for step in self.steps if step.is_deciding)


Subject: TypeAlias = AccountRef | GroupRef | TeamRef | UserRef

_REFERENCES: dict[str, type[AccountRef | GroupRef | TeamRef | UserRef]] = {
    "ACCOUNT": AccountRef,
    "GROUP": GroupRef,
    "TEAM": TeamRef,
    "USER": UserRef,
}
_UUID = word("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")


def as_uuid(text: ColumnElement[str]) -> ColumnElement[Any]:
    """A text id as an id of the cockpit's own tables; NULL when it cannot be one."""
    return case((text.op("~")(_UUID), cast(text, Uuid(as_uuid=False))))


def _found(account: ColumnElement[str], kind: ColumnElement[str], id: ColumnElement[str]) -> Any:
    own = {"GROUP": groups, "TEAM": teams, "USER": users}
    identity = {
        "GROUP": (identity_organizations, identity_organizations.c.organization_id),
        "TEAM": (identity_teams, identity_teams.c.team_id),
        "USER": (identity_users, identity_users.c.user_id),
    }
    conditions = [
        (kind == word("ACCOUNT"))
        & (account == id)
        & exists().where(accounts.c.account_id == account)
    ]
    for name, table in own.items():
        here = exists().where(table.c.id == as_uuid(id), table.c.account_id == account)
        conditions.append((kind == word(name)) & here)
    for name, (table, key) in identity.items():
        here = exists().where(key == id, table.c.account_id == account)
        conditions.append((kind == word(name)) & here)
    return or_(*conditions)


def _select() -> Select[Any]:
    parent = parents_of([Text(), Text(), Text()])
    return select(parent.c.ordinal).where(_found(parent.c.k0, parent.c.k1, parent.c.k2))


_EXISTING = Statement(_select())


async def existing_subjects(
    database: Database, caller: Caller, keys: Sequence[ScopeRow]
) -> list[Subject | None]:
    """The object behind each scope; None where it does not exist in its account."""
    found: list[Subject | None] = [None] * len(keys)
    wanted = [(i, key) for i, key in enumerate(keys) if caller.reaches(key.account_id)]
    if not wanted:
        return found
    records = await database.fetch(
        _EXISTING,
        keys_0=[key.account_id for _, key in wanted],
        keys_1=[key.type for _, key in wanted],
        keys_2=[key.id for _, key in wanted],
    )
    for record in records:
        position, key = wanted[record[0] - 1]
        found[position] = _REFERENCES[key.type](key.id)
    return found
