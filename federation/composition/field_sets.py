"""Field sets: the selections in `@key`, `@requires` and `@provides`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graphql import (
    FieldNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from federation.composition.subgraph import Applied, Field, Kind, Subgraph
from federation.join import named_type

__all__ = ["Selected", "parse_field_set", "selected", "selection_of"]


class Selected(NamedTuple):
    """One field a field set selects."""

    type_name: str
    name: str
    node: FieldNode
    field: Field | None
    """None where the subgraph declares no such field."""
    depth: int
    """0 for the fields of the outermost type."""


def parse_field_set(text: str) -> SelectionSetNode:
    """Parse a field set.

    Raises:
        GraphQLError: it is not one.
    """
    whole = text if text.lstrip().startswith("{") else "{" + text + "}"
    definition = parse(whole, no_location=True).definitions[0]
    if not isinstance(definition, OperationDefinitionNode):
        raise GraphQLError("A field set is a selection of fields.")
    return definition.selection_set


def selection_of(applied: Applied) -> SelectionSetNode | None:
    """The selection of an application's `fields`, None if it cannot be parsed."""
    fields = applied.value("fields")
    if not isinstance(fields, str):
        return None
    try:
        return parse_field_set(fields)
    except GraphQLError:
        return None


def selected(
    subgraph: Subgraph, type_name: str, selection: SelectionSetNode, depth: int = 0
) -> Iterator[Selected]:
    """Every field selected, outermost first; a field on an interface also as its implementations.

    `__typename` is left out: every type has it.
    """
    for node in selection.selections:
        if isinstance(node, InlineFragmentNode):
            on = node.type_condition.name.value if node.type_condition else type_name
            yield from selected(subgraph, on, node.selection_set, depth)
        elif isinstance(node, FieldNode) and node.name.value != "__typename":
            yield from _selected_field(subgraph, type_name, node, depth)


def _selected_field(
    subgraph: Subgraph, type_name: str, node: FieldNode, depth: int
) -> Iterator[Selected]:
    name = node.name.value
    field = subgraph.field(type_name, name)
    yield Selected(type_name, name, node, field, depth)
    for implementation in _implementations(subgraph, type_name):
        yield Selected(implementation, name, node, subgraph.field(implementation, name), depth)
    if field is not None and node.selection_set is not None:
        yield from selected(subgraph, named_type(field.type), node.selection_set, depth + 1)


def _implementations(subgraph: Subgraph, type_name: str) -> list[str]:
    definition = subgraph.types.get(type_name)
    if definition is None or definition.kind is not Kind.INTERFACE:
        return []
    return [
        entry.name
        for entry in subgraph.types.values()
        if entry.kind is Kind.OBJECT and type_name in entry.interfaces
    ]
