"""The platform's catalogue of integrations."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Text, func, select

from datasources.codecs import json_object
from datasources.conditions import Condition, any_of, contains, equals
from datasources.connectors.tables import integrations
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import One

__all__ = [
    "IntegrationRow",
    "all_integrations",
    "integrations_by_id",
    "search_in_catalogue",
    "sort_name",
]


class IntegrationRow(NamedTuple):
    """An entry of the catalogue."""

    id: str
    key: str
    provider: str
    name: str
    description: str | None
    toolkit: str | None
    auth_config_id: str | None
    icon: str | None
    color: str | None
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
    def metadata(self) -> dict[str, Any] | None:
        """Further values; None for none."""
        return json_object(self.document) or None


_of = integrations.c
sort_name = func.lower(_of.name, type_=Text()).label("sort_name")


def search_in_catalogue() -> Condition:
    """Text in name, key or description."""
    return contains(_of.name, _of.integration_key, _of.description)


def _integrations() -> Select[Any]:
    return select(
        _of.id,
        _of.integration_key.label("key"),
        _of.provider,
        _of.name,
        _of.description,
        _of.toolkit,
        _of.auth_config_id,
        _of.icon,
        _of.color,
        _of.is_active,
        _of.metadata.label("document"),
        _of.created_at,
        _of.updated_at,
        _of.created_by,
        _of.updated_by,
        sort_name,
    )


integrations_by_id = One(IntegrationRow, _integrations(), tenant=None)
"""The entry of each id."""

all_integrations = Pages(
    IntegrationRow,
    _integrations(),
    parent=None,
    tenant=None,
    orders={"NAME": ("sort_name",), "CREATED_AT": ("created_at",)},
    default=Sorting("NAME"),
    conditions={
        "search": search_in_catalogue(),
        "providers": any_of(_of.provider),
        "is_active": equals(_of.is_active),
    },
)
"""The whole catalogue."""
