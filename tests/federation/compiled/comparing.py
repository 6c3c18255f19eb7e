"""What it means that two executions of one operation are equal.

Data is the same, in the same order. So are errors, in any order, with one freedom that the
specification leaves (section 6.4.4): of the errors below one null, it is free which are told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
    execute,
)

from federation.compiled.operation import CompiledOperation

__all__ = ["EVERYTHING", "as_read", "assert_equal", "in_order", "nulled", "reference"]

Position = tuple[str | int, ...]
EVERYTHING: frozenset[tuple[str, ...]] = frozenset({()})
"""The whole answer goes to the client as it is."""


def as_read(data: Any) -> Any:
    """The data as whoever reads its JSON sees it."""
    return orjson.loads(orjson.dumps(data))


async def reference(
    schema: GraphQLSchema,
    document: DocumentNode,
    variables: dict[str, Any],
    context: Any = None,
    root_value: Any = None,
) -> ExecutionResult:
    """What graphql-core answers."""
    result = execute(schema, document, root_value, context, variables)
    if isinstance(result, ExecutionResult):
        return result
    awaited: Any = await result
    assert isinstance(awaited, ExecutionResult)
    return awaited


async def assert_equal(
    schema: GraphQLSchema,
    document: DocumentNode,
    variables: dict[str, Any],
    contexts: Callable[[], Any] = lambda: None,
    root_value: Any = None,
    *,
    is_written: bool = False,
) -> ExecutionResult:
    """Execute both ways, each with a context of its own, and compare.

    `is_written` allows the host to answer JSON that is written already, everywhere.
    """
    expected = await reference(schema, document, variables, contexts(), root_value)
    operation = CompiledOperation(schema, document, EVERYTHING if is_written else frozenset())
    found = await operation.execute(variables, contexts(), root_value)
    if is_written:
        found = ExecutionResult(as_read(found.data), found.errors)
        expected = ExecutionResult(as_read(expected.data), expected.errors)
    assert found.data == expected.data
    assert in_order(found.data) == in_order(expected.data)
    assert nulled(found) == nulled(expected)
    if expected.errors:
        every = await reference(
            schema, _without_propagation(document), variables, contexts(), root_value
        )
        assert _told(found.errors) <= _told(every.errors)
        for position in nulled(expected):
            if len(_at(every, position)) == 1:
                assert _at(found, position) == _at(expected, position)
    return expected


def _told(errors: Sequence[GraphQLError] | None) -> set[tuple[str, Position]]:
    return {(error.message, tuple(error.path or ())) for error in errors or ()}


def nulled(result: ExecutionResult) -> set[Position]:
    """The nulls of the data that errors account for."""
    return {_visible(error.path or (), result.data) for error in result.errors or ()}


def _at(result: ExecutionResult, position: Position) -> set[tuple[str, Position]]:
    return {entry for entry in _told(result.errors) if entry[1][: len(position)] == position}


def _visible(path: Sequence[str | int], data: Any) -> Position:
    """The position of the null at or above a path."""
    value = data
    for length, key in enumerate(path):
        if value is None:
            return tuple(path[:length])
        value = value[key]
    assert value is None
    return tuple(path)


def _without_propagation(document: DocumentNode) -> DocumentNode:
    """The same operation, in which an error makes null only its own position: it tells them all."""
    directive = DirectiveNode(name=NameNode(value="experimental_disableErrorPropagation"))
    definitions = [
        OperationDefinitionNode(
            operation=node.operation,
            name=node.name,
            variable_definitions=node.variable_definitions,
            directives=(*(node.directives or ()), directive),
            selection_set=node.selection_set,
        )
        if isinstance(node, OperationDefinitionNode)
        else node
        for node in document.definitions
    ]
    return DocumentNode(definitions=tuple(definitions))


def in_order(value: Any) -> Any:
    """The value with its objects as lists, whose order counts."""
    if isinstance(value, dict):
        return [(key, in_order(item)) for key, item in value.items()]
    return [in_order(item) for item in value] if isinstance(value, list) else value
