"""Whom a bulk change is for: those of some ids, those who meet conditions, or those who do both."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

from datasources.paging import Listing, PageRequest
from resolvers.errors import refuse
from resolvers.filters import filters_of
from resolvers.writing import WriteContext

__all__ = ["Selectable", "selected_ids"]


class Selectable(NamedTuple):
    """A list that can be selected from."""

    pages: Listing
    """Has a filter `ids`."""
    parent: Hashable
    noun: str
    """What its rows are called, such as "people"."""
    ids_field: str
    """The input's field for ids."""
    most: int
    """How many can be changed at once."""


async def selected_ids(
    context: WriteContext,
    of: Selectable,
    ids: Sequence[str] | None,
    conditions: Mapping[str, Any],
) -> list[str]:
    """Ids of the rows selected, in the list's order, in one statement.

    Raises the user errors EMPTY_SELECTION and INVALID (too many).
    """
    if not ids and not conditions:
        raise refuse("EMPTY_SELECTION", f"Name {of.noun} or conditions.", of.ids_field)
    asked = dict(conditions)
    if ids:
        among = asked.get("ids", ids)
        asked["ids"] = [id for id in ids if id in among]
    request = PageRequest(size=of.most, filters=filters_of(asked))
    (page,) = await of.pages.read(context.database, context.caller, request, [of.parent])
    if page.has_next:
        raise refuse("INVALID", f"Up to {of.most} {of.noun} can be changed at once.", "filter")
    return [row.id for row in page.rows]
