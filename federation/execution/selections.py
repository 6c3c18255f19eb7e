"""What one operation selects of each object type, for one set of decided conditions."""

from __future__ import annotations

from collections.abc import Sequence

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLCompositeType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    SelectionSetNode,
    is_abstract_type,
)

from federation.execution.collect import Truth, collect_fields
from federation.operation import Operation

__all__ = ["INTROSPECTION", "Selections"]

INTROSPECTION = frozenset({"__schema", "__type"})


class Selections:
    """The operation's selections, read with the schema."""

    def __init__(
        self,
        operation: Operation,
        schema: GraphQLSchema,
        *,
        denied: frozenset[str],
        truth: Truth,
    ) -> None:
        """Take what decides them.

        Args:
            operation: What the client asked for.
            schema: The API schema.
            denied: Coordinates that read as null with an error.
            truth: Values of the variables that conditions use.
        """
        self._fragments = operation.fragments
        self._schema = schema
        self._denied = denied
        self._truth = truth

    def fields(
        self, type_: GraphQLCompositeType, sets: Sequence[SelectionSetNode]
    ) -> dict[str, list[FieldNode]]:
        """Fields of an object by response key, in the client's order."""
        return collect_fields(
            sets, self._fragments, lambda condition: self._applies(condition, type_), self._truth
        )

    def is_denied(self, parent: GraphQLCompositeType, name: str) -> bool:
        """Whether the caller may not read a field.

        For an object that hides its type, one denied possibility denies the field.
        """
        if not is_abstract_type(parent):
            return f"{parent.name}.{name}" in self._denied
        possible = self._schema.get_possible_types(parent)
        return any(f"{type_.name}.{name}" in self._denied for type_ in possible)

    def runtime(self, type_: GraphQLAbstractType, name: str | None) -> GraphQLCompositeType | None:
        """The type to read an object as that tells this name; None where it does not fit.

        An object that tells no type, or an interface as those of interface objects do, has the
        fields that all possible types share.
        """
        runtime = self._schema.get_type(name) if name is not None else type_
        if isinstance(runtime, GraphQLObjectType) and self._schema.is_sub_type(type_, runtime):
            return runtime
        return type_ if isinstance(runtime, GraphQLInterfaceType) or runtime is type_ else None

    def _applies(self, condition: str, type_: GraphQLCompositeType) -> bool:
        if condition == type_.name:
            return True
        abstract = self._schema.get_type(condition)
        return (
            is_abstract_type(abstract)
            and isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType))
            and self._schema.is_sub_type(abstract, type_)
        )
