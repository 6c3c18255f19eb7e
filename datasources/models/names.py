"""Where models are named: lists and policies of accounts. A name must not change under a writer."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    any_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
    update,
)

from datasources.access_tables import model_lists, model_policies
from datasources.base import Database, Statement
from datasources.models.documents import rename_in_documents
from datasources.models.offers import written_lists
from datasources.tables import accounts

__all__ = ["Renamed", "change_names", "hold_names", "is_named", "rename"]

_KEY: ColumnElement[int] = literal_column("hashtextextended('cockpit model names', 0)")
_HOLD = Statement(select(func.pg_advisory_xact_lock_shared(_KEY)))
_CHANGE = Statement(select(func.pg_advisory_xact_lock(_KEY)))


async def hold_names(database: Database) -> None:
    """Keep the names of models to the end of the transaction: before any row is locked."""
    await database.fetch(_HOLD)


async def change_names(database: Database) -> None:
    """Let one transaction change names or remove models, while nobody writes lists of them."""
    await database.fetch(_CHANGE)


_old, _new = bindparam("old", type_=Text()), bindparam("new", type_=Text())


def _replaced(column: Any) -> Any:
    return func.array_replace(column, _old, _new)


_RENAME_LISTS = Statement(
    update(model_lists)
    .where(or_(_old == any_(model_lists.c.names), _old == any_(model_lists.c.defaults)))
    .values(names=_replaced(model_lists.c.names), defaults=_replaced(model_lists.c.defaults))
)
_RENAME_POLICIES = Statement(
    update(model_policies)
    .where(_old == any_(model_policies.c.selected_models))
    .values(selected_models=_replaced(model_policies.c.selected_models))
)


class Renamed(NamedTuple):
    """How many lists, policies and documents a new name was carried into."""

    lists: int
    policies: int
    documents: int


async def rename(database: Database, old: str, new: str) -> Renamed:
    """Carry a model's new name into whatever names it, in every account."""
    return Renamed(
        await database.execute(_RENAME_LISTS, old=old, new=new),
        await database.execute(_RENAME_POLICIES, old=old, new=new),
        await rename_in_documents(database, old, new),
    )


_written = written_lists()
_one: ColumnElement[int] = literal_column("1", Integer())
_IS_NAMED = Statement(
    union_all(
        select(_one).where(
            or_(_old == any_(model_lists.c.names), _old == any_(model_lists.c.defaults))
        ),
        select(_one).where(_old == any_(model_policies.c.selected_models)),
        select(_one)
        .select_from(accounts.join(_written, true()))
        .where(or_(_written.c.granted.op("?")(_old), _written.c.selected.op("?")(_old))),
    ).limit(_one)
)


async def is_named(database: Database, name: str) -> bool:
    """Whether any list, default or policy of any account names a model."""
    return await database.fetchrow(_IS_NAMED, old=name) is not None
