"""Finding the objects that a plan's path leads to in the tree of data."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

from federation.execution.response import ResponsePath
from federation.execution.types import type_name
from federation.plan import PathSegment

__all__ = ["objects_at", "paths_at"]


def objects_at(
    root: dict[str, Any], path: Iterable[PathSegment], shared: Container[int] = ()
) -> list[dict[str, Any]]:
    """All objects at a path, in order of the data; lists are walked through, nulls skipped.

    At the positions of the path that are `shared`, an object that stands at several places is
    found once.
    """
    level = [root]
    for position, segment in enumerate(path):
        found: list[dict[str, Any]] = []
        for parent in level:
            value = parent.get(segment.key)
            # PERF: bench.federation; most values are objects, and walks go past all of them.
            if type(value) is dict:
                found.append(value)
            elif value is not None:
                _flatten(value, found)
        types = segment.types
        level = found if types is None else [item for item in found if _enters(item, types)]
        if position in shared:
            level = list({id(item): item for item in level}.values())
    return level


def paths_at(root: dict[str, Any], path: Iterable[PathSegment]) -> dict[int, list[ResponsePath]]:
    """Response paths of the same objects by their `id()`, for error messages.

    One object may stand at several places, where equal entities share their data.
    """
    level: list[tuple[ResponsePath, dict[str, Any]]] = [((), root)]
    for segment in path:
        level = [
            entry
            for parent_path, parent in level
            for entry in _walk((*parent_path, segment.key), parent.get(segment.key))
            if segment.types is None or _enters(entry[1], segment.types)
        ]
    paths: dict[int, list[ResponsePath]] = {}
    for position, item in level:
        paths.setdefault(id(item), []).append(position)
    return paths


def _flatten(value: Any, found: list[dict[str, Any]]) -> None:
    if isinstance(value, dict):
        found.append(value)
    elif isinstance(value, list):
        for item in value:
            if type(item) is dict:
                found.append(item)
            else:
                _flatten(item, found)


def _walk(path: ResponsePath, value: Any) -> Iterator[tuple[ResponsePath, dict[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk((*path, index), item)


def _enters(item: dict[str, Any], types: frozenset[str]) -> bool:
    name = type_name(item)
    return name is None or name in types
