"""The pages behind many connections at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from datasources.narrowing import narrowed
from datasources.paging import Listing, Page
from datasources.trees import written
from resolvers.base import RequestContext
from schema.base.rows import ConnectionRow
from schema.base.trees import connection_tree

__all__ = ["counts_of", "narrow_pages", "pages_of"]


def narrow_pages(pages: Listing, wanted: Any) -> Listing:
    """The list with what is asked of its connection: columns of its rows, cursors or none.

    Rows that reach the client whole are JSON already, where PostgreSQL can write them.
    """
    edges, info = wanted.below("edges"), wanted.below("pageInfo")
    rows = [wanted.below("nodes"), edges and edges.below("node")]
    columns = [asked.columns for asked in rows if asked is not None]
    cursors = [edges and edges.below("cursor")]
    cursors += [info and info.below(name) for name in ("startCursor", "endCursor")]
    has_cursors = any(map(bool, cursors))
    kept = None if None in columns else frozenset[str]().union(*filter(None, columns))
    tree = connection_tree(wanted)
    if tree is None:
        return narrowed(pages, kept, cursors=has_cursors)
    return written(pages, tree, kept, cursors=has_cursors, joined=edges is None and info is None)


async def pages_of(context: RequestContext, rows: Sequence[ConnectionRow]) -> Sequence[Page[Any]]:
    """The page of each connection."""
    pages, request, _ = rows[0]
    if _are_alike(rows):
        return await context.load_pages(pages, request, [row.parent for row in rows])
    return await asyncio.gather(*[context.load_page(*row) for row in rows])


async def counts_of(context: RequestContext, rows: Sequence[ConnectionRow]) -> Sequence[int]:
    """How many rows the list behind each connection has."""
    pages, request, _ = rows[0]
    if _are_alike(rows):
        return await context.load_counts(pages, request.filters, [row.parent for row in rows])
    return await asyncio.gather(
        *[context.load_count(row.pages, row.request.filters, row.parent) for row in rows]
    )


def _are_alike(rows: Sequence[ConnectionRow]) -> bool:
    """Whether they are the same page of the same list, as all are that one field answers with."""
    first = rows[0][:2]
    return all(row[:2] == first for row in rows)
