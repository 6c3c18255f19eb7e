"""What the model router knows: its own table, of which only names can be read.

The router encrypts whatever else says something about a model, upstream name included.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, func, literal_column, select

from auth.caller import Caller
from datasources.access_tables import model_catalog, router_models
from datasources.base import Database, Statement
from datasources.expressions import word

__all__ = ["RouterName", "router_names"]


class RouterName(NamedTuple):
    """A name the router knows, and whether the catalogue has it, ignoring case."""

    name: str
    is_listed: bool


_name = func.trim(router_models.c.model_name)
_listed = select(func.lower(model_catalog.c.model_name))
_longest: ColumnElement[int] = literal_column("255", Integer())
_NAMES = Statement(
    select(_name.label("name"), func.lower(_name).in_(_listed).label("is_listed"))
    .where(router_models.c.account_id.is_(None), _name != word(""))
    .where(func.length(_name) <= _longest)
    .distinct()
    .order_by(_name)
)


async def router_names(
    database: Database, caller: Caller, keys: Sequence[Any]
) -> list[tuple[RouterName, ...]]:
    """The platform's names of the router, for operators; an account's own models are its own."""
    if not caller.spans_accounts:
        return [() for _ in keys]
    names = tuple(RouterName(*record) for record in await database.fetch(_NAMES))
    return [names for _ in keys]
