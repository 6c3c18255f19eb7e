"""Deleting an account with everything it owns, in every schema.

Which tables hold what an account owns is asked of the database itself: those with a column
`account_id`. So a table added later, here or by another service on the same database, is not
forgotten. Where a foreign key would keep a row in place, the rows behind it that nobody owns go
too; what another account owns is never touched.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from graphlib import TopologicalSorter
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    column,
    delete,
    false,
    or_,
    select,
    table,
    text,
    tuple_,
)

from auth.caller import Caller
from datasources.accounts.rows import TallyRow
from datasources.audit_chain import end_chain
from datasources.base import TENANT, Database, Statement, tenant_values

__all__ = ["StillReferred", "delete_account"]


class StillReferred(Exception):  # noqa: N818 - names the state
    """Rows of another account refer to rows of this one, so that these cannot go."""


class _Table(NamedTuple):
    schema: str
    name: str


class _Link(NamedTuple):
    """A foreign key whose rows go before those they refer to."""

    child: _Table
    child_columns: tuple[str, ...]
    parent: _Table
    parent_columns: tuple[str, ...]
    is_keeping: bool
    """Whether a row stays while another refers to it; otherwise it takes that one with it."""


_ACCOUNTS = _Table("public", "Alchemi_AccountTable")
"""Deleted last."""

_TENANT_TABLES = Statement(
    text(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'account_id'"
        " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND NOT a.attisdropped"
        " AND n.nspname IN ('public', 'copilot', 'gateway') ORDER BY 1, 2"
    )
)
_LINKS = Statement(
    text(
        "SELECT cn.nspname, c.relname, pn.nspname, p.relname,"
        " (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(f.conkey)"
        "  WITH ORDINALITY AS k(num, n) JOIN pg_attribute a"
        "  ON a.attrelid = f.conrelid AND a.attnum = k.num),"
        " (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(f.confkey)"
        "  WITH ORDINALITY AS k(num, n) JOIN pg_attribute a"
        "  ON a.attrelid = f.confrelid AND a.attnum = k.num),"
        " f.confdeltype IN ('a', 'r')"
        " FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid"
        " JOIN pg_namespace cn ON cn.oid = c.relnamespace JOIN pg_class p ON p.oid = f.confrelid"
        " JOIN pg_namespace pn ON pn.oid = p.relnamespace"
        " WHERE f.contype = 'f' AND f.confdeltype IN ('a', 'r', 'c') AND f.conrelid <> f.confrelid"
    )
)


async def delete_account(database: Database, caller: Caller) -> list[TallyRow]:
    """Delete the caller's account and all rows it owns; how many went, by table.

    The caller is narrowed to the account, and holds its row. Raises `StillReferred`.
    """
    owning = {_Table(*record) for record in await database.fetch(_TENANT_TABLES)}
    links = [_link(record) for record in await database.fetch(_LINKS)]
    removed: list[TallyRow] = []
    links = [link for link in links if link.parent in owning]
    for name in _in_order(owning, links):
        statement = _delete(name, owning, links)
        try:
            count = await database.execute(statement, **tenant_values(caller))
        except (asyncpg.ForeignKeyViolationError, asyncpg.RestrictViolationError) as error:
            raise StillReferred(f"{name.schema}.{name.name}") from error
        if count:
            removed.append(TallyRow(name.name, count))
    await end_chain(database, caller)
    return sorted(removed)


def _link(record: asyncpg.Record) -> _Link:
    child_schema, child, parent_schema, parent, child_columns, parent_columns, keeps = record
    return _Link(
        _Table(child_schema, child),
        tuple(child_columns),
        _Table(parent_schema, parent),
        tuple(parent_columns),
        keeps,
    )


def _in_order(owning: Set[_Table], links: Sequence[_Link]) -> list[_Table]:
    """Every table to delete from, those that refer before those referred to, the account last."""
    order: TopologicalSorter[_Table] = TopologicalSorter({name: set() for name in sorted(owning)})
    for link in links:
        order.add(link.parent, link.child)
    return [name for name in order.static_order() if name != _ACCOUNTS] + [_ACCOUNTS]


def _delete(name: _Table, owning: Set[_Table], links: Sequence[_Link]) -> Statement:
    """Rows of the account, and rows that refer to rows of the account and would keep them."""
    account = bindparam(TENANT, type_=Text())
    behind = or_(
        false(),
        *[
            tuple_(*map(column, link.child_columns)).in_(_owned_keys(link))
            for link in links
            if link.child == name and link.parent != _ACCOUNTS and link.is_keeping
        ],
    )
    condition = behind
    if name in owning:
        tenant: ColumnElement[str | None] = column("account_id", Text())
        condition = or_(tenant == account, and_(tenant.is_(None), behind))
    return Statement(delete(table(name.name, schema=name.schema)).where(condition))


def _owned_keys(link: _Link) -> Select[Any]:
    """The keys of the account's rows in the table a foreign key refers to."""
    names = {*link.parent_columns, "account_id"}
    parent = table(link.parent.name, *map(column, names), schema=link.parent.schema)
    return select(*[parent.c[key] for key in link.parent_columns]).where(
        parent.c.account_id == bindparam(TENANT, type_=Text())
    )
