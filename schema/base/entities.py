"""`Query._entities`: every representation of a type in one batch read (federation, `_entities`)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from datasources.narrowing import narrowed
from resolvers.errors import BadUserInput

if TYPE_CHECKING:
    from resolvers.base import BatchRead, RequestContext
    from schema.base.modules import Entity

__all__ = ["entities_batch", "entities_resolver"]

Find = Callable[["RequestContext", Sequence[Mapping[str, Any]]], Awaitable[list[Any]]]
Answer = Callable[["RequestContext", Sequence[Any]], Awaitable[list[Any]]]

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def entities_resolver(entities: Mapping[str, Entity]) -> Callable[..., Awaitable[list[Any]]]:
    """The resolver of `_entities` for the types a module owns or extends."""
    find = _finder(lambda name: entities[name].read, entities)

    async def resolve(
        _root: Any, info: Any, representations: Sequence[Mapping[str, Any]]
    ) -> list[Any]:
        return await find(info.context, representations)

    return resolve


def entities_batch(entities: Mapping[str, Entity]) -> dict[str, Any]:
    """What to attach to `_entities` for execution by lists."""

    def prepare(wanted: Any) -> Callable[[Mapping[str, Any]], Answer]:
        def read_of(name: str) -> BatchRead[Any] | None:
            read = entities[name].read
            return None if read is None else narrowed(read, wanted.of(name).columns)

        find = _finder(cache(read_of), entities)

        def bind(arguments: Mapping[str, Any]) -> Answer:
            async def answer(context: RequestContext, _roots: Sequence[Any]) -> list[Any]:
                return [await find(context, arguments["representations"])]

            return answer

        return bind

    return {"batch": prepare}


def _finder(
    read_of: Callable[[str], BatchRead[Any] | None], entities: Mapping[str, Entity]
) -> Find:
    async def find(
        context: RequestContext, representations: Sequence[Mapping[str, Any]]
    ) -> list[Any]:
        names = list(map(_type_name, representations))
        if len(set(names)) == 1:  # PERF: bench/access; mostly so
            return list(await of_type(context, names[0], representations))
        found: list[Any] = [None] * len(representations)
        positions: dict[str, list[int]] = defaultdict(list)
        for position, name in enumerate(names):
            positions[name].append(position)
        for name, places in positions.items():
            wanted = [representations[place] for place in places]
            for place, row in zip(places, await of_type(context, name, wanted), strict=True):
                found[place] = row
        return found

    async def of_type(
        context: RequestContext, name: str, representations: Sequence[Mapping[str, Any]]
    ) -> Sequence[Any]:
        if name not in entities:
            raise BadUserInput(f"{name} is no entity of this subgraph.")
        return await _rows(context, entities[name].row, read_of(name), representations)

    return find


def _type_name(representation: Mapping[str, Any]) -> str:
    name = representation.get("__typename")
    if not isinstance(name, str):
        raise BadUserInput("A representation names its __typename.")
    return name


async def _rows(
    context: RequestContext,
    row: Any,
    read: BatchRead[Any] | None,
    representations: Sequence[Mapping[str, Any]],
) -> Sequence[Any]:
    if read is None:
        return [_row_of(row, representation) for representation in representations]
    ids = [representation.get("id") for representation in representations]
    return await read(context.database, context.caller, ids)


def _row_of(row: Any, representation: Mapping[str, Any]) -> Any:
    values = {_python_name(name): value for name, value in representation.items()}
    return row(*map(values.get, row._fields))


@cache
def _python_name(name: str) -> str:
    return _CAPITAL.sub("_", name).lower()
