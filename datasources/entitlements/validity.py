"""Rows that count for a span of time, such as entitlements and overrides."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Boolean, ColumnElement, Select, Subquery, Table, and_, func, or_

from datasources.conditions import Condition, matching
from datasources.pages import Pages
from datasources.paging import Filters

__all__ = ["CurrentUnlessAsked", "counts_now", "or_current"]

RowT = TypeVar("RowT", bound=NamedTuple)


def counts_now(table: Table) -> ColumnElement[bool]:
    """Whether a row has begun to count and not ended."""
    is_open = or_(table.c.valid_until.is_(None), table.c.valid_until > func.now())
    return and_(table.c.valid_from <= func.now(), is_open)


def or_current(table: Table) -> Condition:
    """The filter that adds what no longer, or not yet, counts."""
    return matching(Boolean(), lambda asked: or_(asked, counts_now(table)))


class CurrentUnlessAsked(Pages[RowT]):
    """Leaves out what no longer, or not yet, counts, unless the filter `include_expired` asks.

    Its source selects `is_current`.
    """

    def _where(self, query: Select[Any], filters: Filters) -> Subquery:
        if "include_expired" not in filters:
            query = query.where(query.selected_columns["is_current"])
        return super()._where(query, filters)
