"""An object's row in another module's schema: what its reference resolver would have found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType

from datasources.narrowing import narrowed
from resolvers.base import AtHandRead, BatchRead, RequestContext, at_hand_of
from schema.base.trees import columns_of, entity_of

if TYPE_CHECKING:
    from schema.base.modules import Entity

__all__ = ["move_to"]

Rows = Callable[[RequestContext, Sequence[Any]], Any]
Moving = tuple["frozenset[str] | None", Rows]
"""Columns of the row here that are needed, and `(context, rows)` to rows there."""

_ID = "id"


def move_to(
    entity: Entity,
    here: GraphQLObjectType,
    names: frozenset[str],
    columns: frozenset[str] | None,
) -> Moving | None:
    """How rows of a module's type become rows of the same type in the module of `entity`.

    It is read by the object's id, or made of what the other module answers, as it would be for a
    representation. What is no entity has the same row everywhere.

    Args:
        entity: What stands behind the type in the module that is moved to.
        here: The type in the other module.
        names: Those of its fields that the other module answers.
        columns: Columns of the row there that will be read; None for all.
    """
    own: Entity | None = entity_of(here)
    if own is None:
        return None
    made_of = getattr(entity.row, "_fields", ())
    if entity.read is None and not made_of:
        return (columns, _same) if own.row is entity.row else None
    known = columns_of(here, names)
    if not {_ID, *(made_of if entity.read is None else ())} <= known.keys():
        return None
    if entity.read is None:
        from_columns = tuple(known[name] for name in made_of)
        return frozenset(from_columns), partial(_made, entity.row, from_columns)
    read, id_of = narrowed(entity.read, columns), attrgetter(known[_ID])
    at_hand = at_hand_of(read)
    if at_hand is not None:
        return frozenset({known[_ID]}), partial(_at_hand, at_hand, id_of)
    return frozenset({known[_ID]}), partial(_read, read, id_of)


def _same(_context: RequestContext, rows: Sequence[Any]) -> Sequence[Any]:
    return rows


def _at_hand(
    read: AtHandRead, id_of: Callable[[Any], Any], context: RequestContext, rows: Sequence[Any]
) -> Sequence[Any]:
    """PERF: bench/access; no field has to wait for what nobody is asked for."""
    return read(context.caller, list(map(id_of, rows)))


def _read(
    read: BatchRead[Any],
    id_of: Callable[[Any], Any],
    context: RequestContext,
    rows: Sequence[Any],
) -> Awaitable[Sequence[Any]]:
    return context.load_all(read, list(map(id_of, rows)))


def _made(
    row: Any, columns: tuple[str, ...], _context: RequestContext, rows: Sequence[Any]
) -> Sequence[Any]:
    return [row(*[getattr(one, column) for column in columns]) for one in rows]
