"""Object shapes: the response keys of one object type, and how objects are brought into them.

A shape can be used as it is, which costs nothing to prepare, or as Python code generated for it,
which takes some hundred microseconds to compile and half the time to run. Both do the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from federation.execution.completion import Completion, LinkedPath

__all__ = ["Complete", "Shape", "ShapeField", "ShapeRefusal", "generated", "interpreted"]

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


def interpreted(shape: Shape) -> Complete:
    """Completion of objects that walks the shape for each."""
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


def generated(shape: Shape) -> Complete:
    """The same as a function written for this shape: no loop, and the answer built at once."""
    names: dict[str, Any] = {}
    text = "\n    ".join(_lines(shape, names))
    # PERF: bench/local; half the time of walking the shape. Of what the client wrote, the
    # text holds only response keys, as literals.
    exec(compile(text, "<object shape>", "exec"), names)  # noqa: S102 - the text is our own
    complete: Complete = names["complete"]
    return complete


def _lines(shape: Shape, names: dict[str, Any]) -> Iterator[str]:
    """The function's lines; `names` is filled with the values it refers to."""
    names["interpreted"] = interpreted(shape)
    values = {field.key: f"value_{number}" for number, field in enumerate(shape.fields)}
    yield "def complete(source, path, completion):"
    if values:
        # A subscript costs half of a call; where a key is missing there is an error to write.
        yield "try:"
        yield from (f"    {value} = source[{key!r}]" for key, value in values.items())
        yield "except KeyError:"
        yield "    return interpreted(source, path, completion)"
    for number, refusal in enumerate(shape.refusals):
        names[f"refused_{number}"] = refusal.coordinate
        yield f"completion.refuse((path, {refusal.key!r}), refused_{number})"
        if refusal.is_non_null:
            yield "return None"
    for number, field in enumerate(shape.fields):
        yield from _field_lines(number, field, names)
    for number, (key, constant) in enumerate(shape.template.items()):
        if key not in values:
            names[f"constant_{number}"] = constant
            values[key] = f"constant_{number}"
    entries = ", ".join(f"{key!r}: {values[key]}" for key in shape.template)
    yield f"return {{{entries}}}"


def _field_lines(number: int, field: ShapeField, names: dict[str, Any]) -> Iterator[str]:
    value, at = f"value_{number}", f"(path, {field.key!r})"
    names[f"complete_{number}"] = field.complete
    names[f"coordinate_{number}"] = field.coordinate
    yield f"if {_needs_completion(number, field, names)}:"
    yield f"    if {value} is not None: {value} = complete_{number}({value}, {at}, completion)"
    if field.is_non_null:
        yield f"    if {value} is None:"
        yield f"        completion.null({at}, coordinate_{number})"
        yield "        return None"


def _needs_completion(number: int, field: ShapeField, names: dict[str, Any]) -> str:
    """Whether a value needs a further look, as an expression."""
    if not field.accepts:
        return "True"
    names[f"accepts_{number}"] = field.accepts
    if len(field.accepts) > 1:
        return f"type(value_{number}) not in accepts_{number}"
    (names[f"accepts_{number}"],) = field.accepts
    return f"type(value_{number}) is not accepts_{number}"
