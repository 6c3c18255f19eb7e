"""What a part of usage stands for: its name, and the object behind it while there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    MetaData,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    cast,
    func,
    or_,
    select,
    union_all,
)

from auth.caller import Caller
from datasources.base import Database, Statement
from datasources.budgets.ledger import ModelRef
from datasources.budgets.tables import model_catalog
from datasources.expressions import word
from datasources.keys import parents_of
from datasources.references import AccountRef, GroupRef, TeamRef, UserRef
from datasources.scopes import as_uuid
from datasources.tables import (
    accounts,
    groups,
    identity_organizations,
    identity_teams,
    identity_users,
    teams,
    users,
)

__all__ = ["AgentRef", "ConnectorRef", "SubjectKey", "SubjectRow", "subjects"]


class AgentRef(NamedTuple):
    """An agent by its id."""

    id: str


class ConnectorRef(NamedTuple):
    """A connector by its id."""

    id: str


class SubjectKey(NamedTuple):
    """A value of a dimension in an account."""

    account_id: str
    dimension: str
    value: str


class SubjectRow(NamedTuple):
    """The object a value stands for."""

    label: str
    reference: Any


_METADATA = MetaData()
_agents = Table(
    "agents_def",
    _METADATA,
    Column("agent_id", Uuid(as_uuid=False)),
    Column("account_id", Text),
    Column("name", Text),
    schema="copilot",
)
_connectors = Table(
    "account_connections",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    Column("account_id", Text),
    Column("name", Text),
    schema="copilot",
)
_REFERENCES: dict[str, Any] = {
    "ACCOUNT": AccountRef,
    "GROUP": GroupRef,
    "TEAM": TeamRef,
    "USER": UserRef,
    "AGENT": AgentRef,
    "MODEL": ModelRef,
    "CONNECTOR": ConnectorRef,
}


def _select() -> Select[Any]:
    parent = parents_of([Text(), Text(), Text()])
    account, dimension, value = parent.c.k0, parent.c.k1, parent.c.k2

    def named(kind: str, table: Table, key: ColumnElement[Any], name: Any) -> Select[Any]:
        mine = table.c.account_id == account
        if table is _agents:  # agents of the platform belong to no account
            mine = or_(mine, table.c.account_id.is_(None))
        columns: list[Any] = [cast(key, Text).label("id"), cast(name, Text).label("label")]
        return select(*columns).where(dimension == word(kind), mine).correlate(parent)

    def own(kind: str, table: Table, key: str = "id", name: str = "name") -> Select[Any]:
        return named(kind, table, table.c[key], table.c[name]).where(table.c[key] == as_uuid(value))

    def identity(kind: str, table: Table, key: str, name: str) -> Select[Any]:
        label = func.coalesce(table.c[name], table.c[key])
        return named(kind, table, table.c[key], label).where(table.c[key] == value)

    model = (
        select(
            cast(model_catalog.c.id, Text).label("id"),
            cast(model_catalog.c.model_name, Text).label("label"),
        )
        .where(
            and_(
                dimension == word("MODEL"),
                func.lower(model_catalog.c.model_name) == func.lower(value),
            )
        )
        .correlate(parent)
    )
    tenant = (
        select(accounts.c.account_id.label("id"), accounts.c.account_name.label("label"))
        .where(dimension == word("ACCOUNT"), accounts.c.account_id == value, account == value)
        .correlate(parent)
    )
    every = union_all(
        own("USER", users),
        own("TEAM", teams),
        own("GROUP", groups),
        own("AGENT", _agents, "agent_id"),
        own("CONNECTOR", _connectors),
        model,
        tenant,
        identity("USER", identity_users, "user_id", "user_email"),
        identity("TEAM", identity_teams, "team_id", "team_alias"),
        identity("GROUP", identity_organizations, "organization_id", "organization_alias"),
    ).subquery("every")
    found = select(every.c.id, every.c.label).limit(1).lateral("found")
    return select(parent.c.ordinal, found.c.id, found.c.label).join_from(
        parent, found, onclause=found.c.id.is_not(None)
    )


_SUBJECTS = Statement(_select())


async def subjects(
    database: Database, caller: Caller, keys: Sequence[SubjectKey]
) -> list[SubjectRow | None]:
    """The object of each value; None for what has none, or no longer exists."""
    found: list[SubjectRow | None] = [None] * len(keys)
    wanted = [
        (i, key)
        for i, key in enumerate(keys)
        if key.dimension in _REFERENCES and caller.reaches(key.account_id)
    ]
    if not wanted:
        return found
    records = await database.fetch(
        _SUBJECTS,
        keys_0=[key.account_id for _, key in wanted],
        keys_1=[key.dimension for _, key in wanted],
        keys_2=[key.value for _, key in wanted],
    )
    for record in records:
        position, key = wanted[record[0] - 1]
        found[position] = SubjectRow(record[2], _REFERENCES[key.dimension](record[1]))
    return found
