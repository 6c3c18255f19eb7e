"""One field of an operation, as errors and resolvers speak of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.error import located_error
from graphql.pyutils import is_awaitable

from federation.compiled.places import Place
from federation.compiled.run import Run

__all__ = ["Operation", "Site"]


class Operation(NamedTuple):
    """The operation a field belongs to."""

    schema: GraphQLSchema
    definition: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]


class Site:
    """Where a field stands in the operation and in the schema."""

    __slots__ = ("field", "key", "nodes", "operation", "parent", "path")

    def __init__(
        self,
        operation: Operation,
        parent: GraphQLObjectType,
        path: tuple[str, ...],
        nodes: list[FieldNode],
        field: GraphQLField,
    ) -> None:
        self.operation = operation
        self.parent = parent
        self.key = path[-1]
        self.nodes = nodes
        self.field = field
        self.path = path

    @property
    def name(self) -> str:
        """The field's name in the schema."""
        return self.nodes[0].name.value

    @property
    def coordinate(self) -> str:
        """The field as `Type.field`."""
        return f"{self.parent.name}.{self.name}"

    def located(self, error: Exception, place: Place, index: int) -> GraphQLError:
        """An error with its position in the response and in the document."""
        path = place.path(index)
        return located_error(error, self.nodes, None if path is None else path.as_list())

    def null_error(self, place: Place, index: int) -> GraphQLError:
        """The error of a value that may not be null."""
        message = f"Cannot return null for non-nullable field {self.coordinate}."
        return self.located(TypeError(message), place, index)

    def info(self, run: Run, place: Place, index: int) -> GraphQLResolveInfo[Any]:
        """What a graphql-core resolver is told; made for one value."""
        operation = self.operation
        return GraphQLResolveInfo(
            self.name,
            self.nodes,
            self.field.type,
            self.parent,
            _path(place, index),
            operation.schema,
            operation.fragments,
            run.root_value,
            operation.definition,
            run.variables,
            run.context,
            is_awaitable,
            None,
            run.helpers,
        )


def _path(place: Place, index: int) -> Any:
    return place.path(index)
