"""Introspection, answered from the API schema (specification section 4).

`__schema` and `__type` are split off an operation before its data is fetched; no subgraph ever
sees them. Root-level `__typename` needs no schema: it is part of the final shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    execute_sync,
)

from federation.execution.collect import collect_fields
from federation.operation import Operation

__all__ = ["Introspection"]

_META_FIELDS = frozenset({"__schema", "__type"})


class Introspection:
    """The introspection part of one operation."""

    def __init__(self, operation: Operation, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._operation = operation
        fields = _meta_fields(operation, {})
        self.keys = tuple(fields)
        """Response keys of `__schema` and `__type` at the root; empty for most operations."""
        self._document = _document(operation, fields) if fields else None
        self._is_constant = not operation.definition.variable_definitions
        self._answer: Mapping[str, Any] | None = None

    def answer(self, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """Values by response key; the same ones again when no variable can change them."""
        if self._document is None:
            return {}
        if self._answer is not None:
            return self._answer
        result: ExecutionResult = execute_sync(
            self._schema, self._document, variable_values=dict(variables)
        )
        answer = result.data or {}
        if self._is_constant:
            self._answer = answer
        return answer


def _meta_fields(operation: Operation, truth: Mapping[str, bool]) -> dict[str, list[FieldNode]]:
    collected = collect_fields(
        [operation.definition.selection_set], operation.fragments, lambda _condition: True, truth
    )
    return {key: nodes for key, nodes in collected.items() if nodes[0].name.value in _META_FIELDS}


def _document(operation: Operation, fields: Mapping[str, list[FieldNode]]) -> DocumentNode:
    nodes = tuple(node for nodes in fields.values() for node in nodes)
    definition = operation.definition
    only_meta = OperationDefinitionNode(
        operation=definition.operation,
        name=definition.name,
        variable_definitions=definition.variable_definitions,
        directives=(),
        selection_set=SelectionSetNode(selections=nodes),
    )
    return DocumentNode(definitions=(only_meta, *operation.fragments.values()))
