"""The platform's catalogue of models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    any_,
    case,
    cast,
    exists,
    false,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from auth.caller import Caller
from datasources.access_tables import model_catalog
from datasources.base import Database, Statement
from datasources.conditions import Condition, any_of, contains, equals
from datasources.documents import unwrapped
from datasources.expressions import word, words
from datasources.models.rows import CAPABILITIES, SOURCES, ModelRow
from datasources.models.tables import model_providers
from datasources.pages import Pages
from datasources.paging import Order, Sorting
from datasources.reads import One, row_columns

__all__ = [
    "ORDERS",
    "active_models",
    "all_models",
    "catalogue_conditions",
    "is_usable",
    "models_by_id",
    "sort_columns",
]

_of = model_catalog.c
_document = unwrapped(cast(_of.metadata, JSONB))


def _written(key: str) -> ColumnElement[Any]:
    return _document.op("->>", return_type=Text())(word(key))


_order = case(
    (_written("sort_order").op("~")(word("^[0-9]{1,9}$")), cast(_written("sort_order"), Integer)),
    else_=literal_column("100", Integer()),
)
_capability = func.upper(func.coalesce(func.nullif(_written("capability"), word("")), word("CHAT")))
_known = case((_capability == any_(words(sorted(CAPABILITIES))), _capability), else_=word("OTHER"))
_source = case(
    *[(_of.source == word(stored), word(name)) for stored, name in SOURCES.items()],
    else_=word("MANUAL"),
)

is_usable: ColumnElement[bool] = _of.is_active & ~exists().where(
    model_providers.c.code == func.lower(_of.provider), model_providers.c.is_active == false()
)
"""Whether accounts may use a model: it is active, and so is its provider where it is known."""


def sort_columns() -> list[ColumnElement[Any]]:
    """What a list of models is sorted by."""
    return [
        _order.label("sort_order"),
        func.lower(_of.model_name, type_=Text()).label("sort_name"),
        _of.credits_per_1k_tokens,
    ]


def _models() -> Select[Any]:
    return select(
        _of.id,
        _of.model_name.label("name"),
        func.coalesce(_of.display_name, _of.model_name, type_=Text()).label("display_name"),
        _of.provider.label("provider_name"),
        func.lower(_of.provider, type_=Text()).label("provider_code"),
        _of.source.label("stored_source"),
        _of.upstream_model_name.label("upstream_name"),
        *sort_columns(),
        _of.is_active,
        _of.metadata.label("document"),
        _of.created_at,
        _of.updated_at,
        _of.created_by,
        _of.updated_by,
        is_usable.label("is_usable"),
    )


def _one_of(expression: ColumnElement[Any]) -> Condition:
    return Condition(ARRAY(Text()), lambda values: expression == any_(values), list)


ORDERS: dict[str, Order] = {
    "SORT_ORDER": ("sort_order", "sort_name"),
    "NAME": ("sort_name",),
    "CREDITS": ("credits_per_1k_tokens",),
}
"""Orders of a list of models, whoever's."""


def catalogue_conditions() -> dict[str, Condition]:
    """Filters of a list of models, whoever's."""
    return {
        "search": contains(_of.model_name, _of.display_name),
        "providers": any_of(_of.provider),
        "capabilities": _one_of(_known),
    }


models_by_id = One(ModelRow, _models(), tenant=None)
all_models = Pages(
    ModelRow,
    _models(),
    parent=None,
    tenant=None,
    orders=ORDERS | {"CREATED_AT": ("created_at",)},
    default=Sorting("SORT_ORDER"),
    conditions=catalogue_conditions()
    | {
        "ids": any_of(_of.id),
        "sources": _one_of(_source),
        "is_active": equals(_of.is_active),
    },
)

_catalogue = _models().subquery("catalogue")
_ACTIVE = Statement(
    select(*row_columns(ModelRow, _catalogue))
    .where(_catalogue.c.is_usable)
    .order_by(_catalogue.c.sort_order, _catalogue.c.sort_name, _catalogue.c.id)
)


async def active_models(
    database: Database, _caller: Caller, keys: Sequence[Any]
) -> list[tuple[ModelRow, ...]]:
    """The models accounts may use, in catalogue order, which are the same for every key."""
    rows = tuple(ModelRow(*record) for record in await database.fetch(_ACTIVE))
    return [rows for _ in keys]
