"""The feature catalogue as a list that can be filtered, sorted and paged like any other."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Select,
    Text,
    case,
    column,
    literal_column,
    select,
    values,
)
from sqlalchemy.dialects.postgresql import ARRAY

from datasources.conditions import any_of, contains, equals
from datasources.expressions import word
from datasources.features import FEATURES, FeatureRow
from datasources.pages import Pages, Sorting

__all__ = ["all_features"]

_NAMES = ("id", "key", "parent_code", "name", "description")
_catalogue = values(
    *[column(name, Text()) for name in _NAMES],
    column("display_order", Integer()),
    column("stored_names", ARRAY(Text())),
    name="catalogue",
    literal_binds=True,
).data([(*row[:-1], list(row.stored_names)) for row in FEATURES.values()])
_of = _catalogue.c
_is_active: ColumnElement[bool] = literal_column("true", Boolean())
_level = case((_of.parent_code.is_(None), word("MODULE")), else_=word("FEATURE"))


def _rows() -> Select[Any]:
    return select(*_of)


all_features = Pages(
    FeatureRow,
    _rows(),
    parent=None,
    tenant=None,
    orders={"DISPLAY_ORDER": ("display_order",), "CODE": (), "NAME": ("name",)},
    default=Sorting("DISPLAY_ORDER"),
    conditions={
        "search": contains(_of.id, _of.name, _of.description),
        "levels": any_of(_level),
        "parent_code": equals(_of.parent_code),
        "is_active": equals(_is_active),
    },
)
"""Every entry; none of them can be switched off for the platform."""
