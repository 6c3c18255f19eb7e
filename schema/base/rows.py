"""Rows that no table holds: connections, their parts, and mutation payloads."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

from datasources.paging import Listing, PageRequest
from resolvers.errors import UserError

__all__ = ["ConnectionRow", "EdgeRow", "PageInfoRow", "PayloadRow"]


class ConnectionRow(NamedTuple):
    """A page asked for but not read yet: nothing is, until one of its fields is."""

    pages: Listing
    request: PageRequest
    parent: Hashable


class EdgeRow(NamedTuple):
    """One row of a page with its cursor."""

    cursor: str
    node: Any


class PageInfoRow(NamedTuple):
    """Where a page lies within its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


class PayloadRow(NamedTuple):
    """A mutation's answer; `result` is None when there are user errors."""

    result: Any
    user_errors: tuple[UserError, ...]
    client_mutation_id: str | None
