"""Providers of models."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Text, func, select

from datasources.access_tables import model_catalog
from datasources.conditions import contains, equals
from datasources.models.tables import model_providers
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import One

__all__ = ["ProviderRow", "all_providers", "providers_by_code", "providers_by_id"]


class ProviderRow(NamedTuple):
    """A provider of models."""

    id: str
    code: str
    name: str
    endpoint_variable: str | None
    api_key_variable: str | None
    is_active: bool
    model_count: int
    created_at: datetime
    updated_at: datetime


_of = model_providers.c


def _providers() -> Select[Any]:
    counted = select(func.count()).select_from(model_catalog)
    named = counted.where(func.lower(model_catalog.c.provider) == _of.code)
    return select(
        _of.id,
        _of.code,
        _of.name,
        _of.endpoint_variable,
        _of.api_key_variable,
        _of.is_active,
        named.correlate(model_providers).scalar_subquery().label("model_count"),
        _of.created_at,
        _of.updated_at,
        func.lower(_of.name, type_=Text()).label("sort_name"),
    )


providers_by_id = One(ProviderRow, _providers(), tenant=None)
providers_by_code = One(ProviderRow, _providers(), key="code", tenant=None)
"""Providers by their code, which models name."""
all_providers = Pages(
    ProviderRow,
    _providers(),
    parent=None,
    tenant=None,
    orders={"NAME": ("sort_name",)},
    default=Sorting("NAME"),
    conditions={
        "search": contains(_of.code, _of.name),
        "is_active": equals(_of.is_active),
    },
)
