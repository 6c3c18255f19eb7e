"""Object shapes: the response keys of one object type, and how objects are brought into them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from federation.execution.completion import Completion, LinkedPath

__all__ = ["Complete", "Shape", "ShapeField", "ShapeRefusal", "completing"]

Complete: TypeAlias = Callable[[Any, LinkedPath, Completion], Any]
"""Completes a value that is not null."""


class ShapeField(NamedTuple):
    """One response key of an object shape."""

    key: str
    accepts: frozenset[type]
    """Python types whose values pass as they are."""
    complete: Complete
    is_non_null: bool
    coordinate: str


class ShapeRefusal(NamedTuple):
    """One response key whose field the caller may not read."""

    key: str
    coordinate: str
    is_non_null: bool


class Shape(NamedTuple):
    """What every object of a type answers."""

    template: dict[str, Any]
    """All response keys in order; those that are the same for every object have their value."""
    fields: tuple[ShapeField, ...]
    refusals: tuple[ShapeRefusal, ...]


def completing(shape: Shape) -> Complete:
    """Completion of objects: a walk along the shape for each."""
    template, fields, refusals = shape

    def complete(source: Any, path: LinkedPath, completion: Completion) -> Any:
        answer = template.copy()
        for key, coordinate, is_non_null in refusals:
            completion.refuse((path, key), coordinate)
            if is_non_null:
                return None
        get = source.get
        for key, accepts, complete_value, is_non_null, coordinate in fields:
            value = get(key)
            # PERF: bench/local; a leaf costs one look-up of its Python type.
            if type(value) in accepts:
                answer[key] = value
                continue
            if value is not None:
                value = complete_value(value, (path, key), completion)
            if value is not None:
                answer[key] = value
            elif is_non_null:
                completion.null((path, key), coordinate)
                return None
        return answer

    return complete
