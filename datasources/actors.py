"""Who an author column means: the people, machines and names that `created_by` holds.

The columns mix user ids, e-mail addresses, credential ids, administrators' names and the literal
`super_admin`; what cannot be found is shown as it was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    cast,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)

from auth.caller import Caller
from auth.operator_key import OPERATOR_PREFIX
from datasources.base import Database, Statement, owned, tenant_values
from datasources.keys import parents_of
from datasources.tables import identity_users, service_credentials, users

__all__ = ["ActorRow", "by_author"]

AuthorKey = tuple[str, str]
"""Account (empty for the platform) and author as stored."""


class ActorRow(NamedTuple):
    """Who did something."""

    kind: str
    id: str | None
    name: str
    email: str | None
    user_id: str | None
    """Row of the person in the account's own directory."""


_statements: dict[bool, Statement] = {}
"""Compiled at first use, by whether the caller spans accounts."""

_NOBODY = frozenset({"", "none", "null"})
_OPERATOR = frozenset({"super_admin", "proxy_admin", "master_key"})


async def by_author(
    database: Database, caller: Caller, keys: Sequence[AuthorKey]
) -> list[ActorRow | None]:
    """The actor of each (account, author); None where nobody was recorded."""
    wanted = [(i, key) for i, key in enumerate(keys) if key[1].strip().lower() not in _NOBODY]
    found: list[ActorRow | None] = [None] * len(keys)
    if not wanted:
        return found
    for i, (_, author) in wanted:
        found[i] = _as_written(author)
    records = await database.fetch(
        _statement_for(caller),
        keys_0=[account for _, (account, _) in wanted],
        keys_1=[author for _, (_, author) in wanted],
        **tenant_values(caller),
    )
    for record in records:
        found[wanted[record[0] - 1][0]] = ActorRow(*record[1:6])
    return found


def _as_written(author: str) -> ActorRow:
    if author.strip().lower() in _OPERATOR or author.startswith(OPERATOR_PREFIX):
        return ActorRow("SUPER_ADMIN", None, "Platform operator", None, None)
    if author.strip().lower() == "system":
        return ActorRow("SYSTEM", None, "The platform", None, None)
    return ActorRow("USER", author, author, author.lower() if "@" in author else None, None)


def _people(parent: ColumnElement[str], account: ColumnElement[str], caller: Caller) -> Select[Any]:
    return select(
        literal("USER").label("kind"),
        cast(users.c.id, Text).label("id"),
        users.c.name.label("name"),
        users.c.email.label("email"),
        cast(users.c.id, Text).label("user_id"),
        literal(1).label("rank"),
    ).where(
        owned(users, caller),
        users.c.account_id == account,
        (cast(users.c.id, Text) == func.lower(parent))
        | (func.lower(users.c.email) == func.lower(parent)),
    )


def _identities(
    parent: ColumnElement[str], account: ColumnElement[str], caller: Caller
) -> Select[Any]:
    name = func.coalesce(
        identity_users.c.user_alias, identity_users.c.user_email, identity_users.c.user_id
    )
    return select(
        literal("USER").label("kind"),
        identity_users.c.user_id.label("id"),
        name.label("name"),
        func.lower(identity_users.c.user_email).label("email"),
        cast(null(), Text).label("user_id"),
        literal(2).label("rank"),
    ).where(
        owned(identity_users, caller),
        identity_users.c.account_id == account,
        (identity_users.c.user_id == parent)
        | (func.lower(identity_users.c.user_email) == func.lower(parent)),
    )


def _machines(
    parent: ColumnElement[str], account: ColumnElement[str], caller: Caller
) -> Select[Any]:
    credentials = service_credentials
    mine = credentials.c.account_id.is_(None) | (credentials.c.account_id == account)
    return select(
        literal("SERVICE").label("kind"),
        cast(credentials.c.id, Text).label("id"),
        credentials.c.name.label("name"),
        cast(null(), Text).label("email"),
        cast(null(), Text).label("user_id"),
        literal(3).label("rank"),
    ).where(mine, cast(credentials.c.id, Text) == func.lower(parent))


def _statement_for(caller: Caller) -> Statement:
    statement = _statements.get(caller.spans_accounts)
    if statement is None:
        statement = _statements[caller.spans_accounts] = _statement(caller)
    return statement


def _statement(caller: Caller) -> Statement:
    parent = parents_of([Text(), Text()])
    account, author = parent.c.k0, parent.c.k1
    sources = [build(author, account, caller) for build in (_people, _identities, _machines)]
    any_source = union_all(*[source.correlate(parent) for source in sources]).subquery("any_source")
    actor = select(any_source).order_by(any_source.c.rank).limit(1).lateral("actor")
    return Statement(
        select(
            parent.c.ordinal,
            actor.c.kind,
            actor.c.id,
            actor.c.name,
            actor.c.email,
            actor.c.user_id,
        ).select_from(parent.join(actor, true()))
    )
