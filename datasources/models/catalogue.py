"""The platform's catalogue of models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, Text, case, cast, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import JSONB

from auth.caller import Caller
from datasources.access_tables import model_catalog
from datasources.base import Database, Statement
from datasources.codecs import json_object
from datasources.conditions import any_of, contains, equals
from datasources.documents import unwrapped
from datasources.expressions import word
from datasources.pages import Pages, Sorting
from datasources.reads import One, row_columns

__all__ = ["ModelRow", "active_models", "all_models", "models_by_id"]

_CAPABILITIES = frozenset({"CHAT", "EMBEDDING", "IMAGE", "AUDIO", "VIDEO", "RERANK", "OTHER"})
_SOURCES = {"router_import": "ROUTER_IMPORT", "legacy_backfill": "LEGACY_BACKFILL"}


class ModelRow(NamedTuple):
    """A model of the platform's catalogue."""

    id: str
    name: str
    display_name: str
    provider_name: str | None
    stored_source: str
    upstream_name: str | None
    credits_per_1k_tokens: Decimal
    sort_order: int
    is_active: bool
    document: Any
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    updated_by: str | None

    @property
    def account_id(self) -> None:
        """No account's: its authors are the platform's."""
        return

    @property
    def source(self) -> str:
        """How it came into the catalogue."""
        return _SOURCES.get(self.stored_source, "MANUAL")

    @property
    def capability(self) -> str:
        """What it is for; text conversation where nothing says otherwise."""
        stored = str(json_object(self.document).get("capability") or "chat").upper()
        return stored if stored in _CAPABILITIES else "OTHER"

    @property
    def prices(self) -> Mapping[str, Any]:
        """What its document says of prices."""
        return json_object(json_object(self.document).get("pricing"))

    def price(self, name: str) -> Decimal | None:
        """One price of its document; None where it is no number."""
        value = self.prices.get(name)
        if value is None or isinstance(value, bool):
            return None
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            return None
        return number if number.is_finite() and number >= 0 else None


_of = model_catalog.c
_written_order = unwrapped(cast(_of.metadata, JSONB)).op("->>", return_type=Text())(
    word("sort_order")
)
_order = case(
    (_written_order.op("~")(word("^[0-9]{1,9}$")), cast(_written_order, Integer)),
    else_=literal_column("100", Integer()),
)
_name = func.lower(_of.model_name, type_=Text())


def _models() -> Select[Any]:
    return select(
        _of.id,
        _of.model_name.label("name"),
        func.coalesce(_of.display_name, _of.model_name, type_=Text()).label("display_name"),
        _of.provider.label("provider_name"),
        _of.source.label("stored_source"),
        _of.upstream_model_name.label("upstream_name"),
        _of.credits_per_1k_tokens,
        _order.label("sort_order"),
        _of.is_active,
        _of.metadata.label("document"),
        _of.created_at,
        _of.updated_at,
        _of.created_by,
        _of.updated_by,
        _name.label("sort_name"),
    )


models_by_id = One(ModelRow, _models(), tenant=None)
all_models = Pages(
    ModelRow,
    _models(),
    parent=None,
    tenant=None,
    orders={
        "SORT_ORDER": ("sort_order", "sort_name"),
        "NAME": ("sort_name",),
        "CREDITS": ("credits_per_1k_tokens",),
        "CREATED_AT": ("created_at",),
    },
    default=Sorting("SORT_ORDER"),
    conditions={
        "search": contains(_of.model_name, _of.display_name),
        "ids": any_of(_of.id),
        "providers": any_of(_of.provider),
        "is_active": equals(_of.is_active),
    },
)

_catalogue = _models().subquery("catalogue")
_ACTIVE = Statement(
    select(*row_columns(ModelRow, _catalogue))
    .where(_catalogue.c.is_active == true())
    .order_by(_catalogue.c.sort_order, _catalogue.c.sort_name, _catalogue.c.id)
)


async def active_models(
    database: Database, _caller: Caller, keys: Sequence[Any]
) -> list[tuple[ModelRow, ...]]:
    """The active models in catalogue order, which are the same for every key."""
    rows = tuple(ModelRow(*record) for record in await database.fetch(_ACTIVE))
    return [rows for _ in keys]
