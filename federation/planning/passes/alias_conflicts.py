"""Internal aliases for fields that one document may not select under one response key.

Two object types may answer one key with different shapes in a subgraph, though their composed
types agree: `... on Book { title }` of type String! beside `... on Film { title }` of type String.
GraphQL refuses such a document (specification section 5.3.2), so one side gets an alias, which
the executor takes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from federation.plan import PathSegment, Rename
from federation.planning.steps import Output, OutputField, Step

__all__ = ["alias_conflicts"]


class _Asked(NamedTuple):
    """A field, and the type condition it stands under (None: none)."""

    type_name: str | None
    field: OutputField


def alias_conflicts(steps: list[Step]) -> list[Step]:
    """Give internal aliases where documents would clash, and note how to take them back."""
    for step in steps:
        step.renames = tuple(_resolve((_whole(step),), ()))
    return steps


def _whole(step: Step) -> Output:
    """What a step selects; of entities of one type, what it selects of them."""
    entities = list(step.output.fragments.values())
    return entities[0] if step.requires and len(entities) == 1 else step.output


def _resolve(outputs: Sequence[Output], path: tuple[PathSegment, ...]) -> Iterator[Rename]:
    """Renames of one level of a response, then of those below."""
    if len(outputs) == 1 and not outputs[0].fragments:
        # Keys are unique in one selection without fragments: only deeper levels can clash.
        for field in outputs[0].fields.values():
            if field.selection is not None:
                yield from _resolve((field.selection,), (*path, PathSegment(field.key)))
        return
    for key, asked in _by_key(outputs).items():
        shapes: dict[str, list[_Asked]] = {}
        for entry in asked:
            shapes.setdefault(_shape(entry.field), []).append(entry)
        for number, same in enumerate(shapes.values()):
            if number:
                yield from _alias(same, f"_{key}_{number}", path)
        for same in shapes.values():
            yield from _resolve_below(same, path)


def _resolve_below(same: list[_Asked], path: tuple[PathSegment, ...]) -> Iterator[Rename]:
    selections = [entry.field.selection for entry in same]
    names = {entry.type_name for entry in same if entry.type_name is not None}
    if path:
        # Only objects of these types hold the field under this key in this shape.
        types = None if any(entry.type_name is None for entry in same) else frozenset(names)
        path = (*path[:-1], path[-1]._replace(types=types))
    below = (*path, PathSegment(same[0].field.key))
    yield from _resolve([selection for selection in selections if selection is not None], below)


def _alias(same: list[_Asked], alias: str, path: tuple[PathSegment, ...]) -> Iterator[Rename]:
    names = frozenset(entry.type_name for entry in same if entry.type_name is not None)
    for entry in same:
        entry.field.alias = alias
    yield Rename(path, names or None, alias, same[0].field.key)


def _by_key(outputs: Iterable[Output]) -> dict[str, list[_Asked]]:
    found: dict[str, list[_Asked]] = {}
    for output in outputs:
        for asked in _fields(output, None):
            found.setdefault(asked.field.key, []).append(asked)
    return found


def _fields(output: Output, type_name: str | None) -> Iterator[_Asked]:
    for field in output.fields.values():
        yield _Asked(type_name, field)
    for (condition, _), fragment in output.fragments.items():
        yield from _fields(fragment, condition or type_name)


def _shape(field: OutputField) -> str:
    """What must agree: wrappers, and the name of a leaf type."""
    if field.selection is None:
        return field.type
    return re.sub(r"\w+", "*", field.type)
