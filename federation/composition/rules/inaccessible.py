"""What clients see must not need what is `@inaccessible`.

https://specs.apollo.dev/inaccessible/v0.2
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from graphql import (
    ConstListValueNode,
    ConstObjectValueNode,
    ConstValueNode,
    EnumValueNode,
    ListValueNode,
    NonNullTypeNode,
    ObjectValueNode,
)

from federation.composition.merged import MergedSchema
from federation.composition.subgraph import (
    EnumValue,
    Field,
    InputValue,
    TypeDefinition,
    has,
)
from federation.composition.vocabulary import INACCESSIBLE
from federation.errors import CompositionMistake
from federation.join import named_type

__all__ = ["nothing_refers_to_inaccessible"]

_Element: TypeAlias = TypeDefinition | Field | InputValue | EnumValue


def nothing_refers_to_inaccessible(merged: MergedSchema) -> Iterator[CompositionMistake]:
    """Yield REFERENCED_INACCESSIBLE, REQUIRED_INACCESSIBLE and their like."""
    if not any(
        has(element.directives, INACCESSIBLE)
        for definition in merged.types.values()
        for element in _elements(definition)
    ):
        return
    for definition in merged.types.values():
        if has(definition.directives, INACCESSIBLE):
            if definition.name == "Query":
                yield _mistake(merged, "QUERY_ROOT_TYPE_INACCESSIBLE", "Query", "is the root type.")
        else:
            yield from _type(merged, definition)


def _elements(definition: TypeDefinition) -> Iterator[_Element]:
    yield definition
    for field in (definition.fields or {}).values():
        yield field
        yield from field.arguments.values()
    yield from (definition.inputs or {}).values()
    yield from (definition.values or {}).values()


def _type(merged: MergedSchema, definition: TypeDefinition) -> Iterator[CompositionMistake]:
    children: list[_Element] = [
        *(definition.fields or {}).values(),
        *(definition.inputs or {}).values(),
        *(definition.values or {}).values(),
    ]
    children.extend(merged.types[name] for name in definition.members or ())
    if children and all(has(child.directives, INACCESSIBLE) for child in children):
        yield _mistake(
            merged,
            "ONLY_INACCESSIBLE_CHILDREN",
            definition.name,
            "is visible but everything in it is @inaccessible.",
        )
    for field in _visible((definition.fields or {}).values()):
        coordinate = f"{definition.name}.{field.name}"
        yield from _reference(merged, coordinate, field)
        yield from _implementation(merged, definition, field)
        for argument in field.arguments.values():
            yield from _input(merged, f"{coordinate}({argument.name}:)", argument)
    for value in (definition.inputs or {}).values():
        yield from _input(merged, f"{definition.name}.{value.name}", value)


def _visible(fields: Iterable[Field]) -> Iterator[Field]:
    return (field for field in fields if not has(field.directives, INACCESSIBLE))


def _reference(
    merged: MergedSchema, coordinate: str, element: Field | InputValue
) -> Iterator[CompositionMistake]:
    target = merged.types.get(named_type(element.type))
    if target is not None and has(target.directives, INACCESSIBLE):
        yield _mistake(
            merged,
            "REFERENCED_INACCESSIBLE",
            coordinate,
            f'is visible but of the @inaccessible type "{target.name}".',
            element.line,
        )


def _implementation(
    merged: MergedSchema, definition: TypeDefinition, field: Field
) -> Iterator[CompositionMistake]:
    """A visible interface field may not be hidden in an implementation."""
    for entry in merged.types.values():
        if definition.name not in entry.interfaces or has(entry.directives, INACCESSIBLE):
            continue
        own = (entry.fields or {}).get(field.name)
        if own is not None and has(own.directives, INACCESSIBLE):
            yield _mistake(
                merged,
                "IMPLEMENTED_BY_INACCESSIBLE",
                f"{entry.name}.{field.name}",
                f'is @inaccessible but implements the visible "{definition.name}.{field.name}".',
                own.line,
            )


def _input(
    merged: MergedSchema, coordinate: str, value: InputValue
) -> Iterator[CompositionMistake]:
    if has(value.directives, INACCESSIBLE):
        if isinstance(value.type, NonNullTypeNode) and value.default is None:
            yield _mistake(
                merged,
                "REQUIRED_INACCESSIBLE",
                coordinate,
                "is @inaccessible but required, so clients could not use what it belongs to.",
                value.line,
            )
        return
    yield from _reference(merged, coordinate, value)
    enum = merged.types.get(named_type(value.type))
    if enum is None or value.default is None:
        return
    for name in _enum_values(value.default):
        used = (enum.values or {}).get(name)
        if used is not None and has(used.directives, INACCESSIBLE):
            yield _mistake(
                merged,
                "DEFAULT_VALUE_USES_INACCESSIBLE",
                coordinate,
                f'has the @inaccessible "{enum.name}.{name}" in its default value.',
                value.line,
            )


def _enum_values(node: ConstValueNode) -> Iterator[str]:
    if isinstance(node, EnumValueNode):
        yield node.value
    elif isinstance(node, (ListValueNode, ConstListValueNode)):
        for entry in node.values:
            yield from _enum_values(entry)
    elif isinstance(node, (ObjectValueNode, ConstObjectValueNode)):
        for field in node.fields:
            yield from _enum_values(field.value)


def _mistake(
    merged: MergedSchema, code: str, coordinate: str, reason: str, line: int | None = None
) -> CompositionMistake:
    owner, _, member = coordinate.split("(", maxsplit=1)[0].partition(".")
    names = tuple(
        source.subgraph.name
        for source in merged.sources.get(owner, ())
        if not member
        or member in {**(source.definition.fields or {}), **(source.definition.inputs or {})}
    )
    return CompositionMistake(code, f'"{coordinate}" {reason}', coordinate, names, line)
