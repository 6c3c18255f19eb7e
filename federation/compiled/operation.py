"""One operation on one schema, compiled once and executed any number of times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    assert_valid_schema,
    visit,
)
from graphql.execution.values import VariableValues

from federation.bounded_cache import BoundedCache
from federation.coercion import Variables
from federation.compiled.compile import Compiler, Whole
from federation.compiled.entities import Entities, represented, takes_representations
from federation.compiled.places import RootPlace
from federation.compiled.run import Run
from federation.compiled.selection import Selection
from federation.compiled.site import Operation

__all__ = ["CompiledOperation"]

_MAX_COERCION_ERRORS = 50
"""As graphql-core's `execute` has it."""

_SELECTIONS = 16
"""Compiled forms kept of one operation: one for each combination of its conditions' values."""


class _Form(NamedTuple):
    """What is selected, and the only field of it if that asks for entities."""

    selection: Selection
    entities: Entities | None


class CompiledOperation:
    """Answers as graphql-core's `execute` would, over lists of rows."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, whole: Whole = frozenset()
    ) -> None:
        """Take a document that is valid on the schema and has one operation.

        `whole` holds the paths of fields that may be answered with JSON that is written already;
        see `SubgraphRequest`.
        """
        assert_valid_schema(schema)
        self._whole = whole
        self._operation = _operation_of(schema, document)
        self._conditions = _condition_variables(document)
        declared = self._operation.definition.variable_definitions or ()
        self._variables = Variables(schema, declared, _MAX_COERCION_ERRORS)
        self._is_represented = takes_representations(self._operation)
        self._forms: BoundedCache[tuple[Any, ...], _Form] = BoundedCache(_SELECTIONS)

    async def execute(
        self, variables: Mapping[str, Any], context: Any, root_value: Any = None
    ) -> ExecutionResult:
        """Coerce the variables and answer; what fails is part of the result."""
        values = self._coerced(variables)
        if isinstance(values, list):
            return ExecutionResult(None, values)
        try:
            selection, entities = self._form(values)
        except GraphQLError as error:
            return ExecutionResult(None, [error])
        run = Run(values, context, root_value)
        if entities is not None:
            data = await entities.answer(run)
            await run.settle()
            return ExecutionResult(data, run.errors or None)
        column = await selection.answer(run, [root_value], RootPlace())
        for index, failure in column.failures.items():
            run.catch(failure, RootPlace(), index)
        await run.settle()
        return ExecutionResult(column.values[0], run.errors or None)

    def _coerced(self, variables: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        values = represented(variables) if self._is_represented else None
        return self._variables.coerce(variables) if values is None else values

    def _form(self, values: VariableValues) -> _Form:
        """What is selected with these values of the variables in conditions."""
        key = tuple(values.coerced.get(name) for name in self._conditions)
        form = self._forms.get(key)
        if form is None:
            selection = self._compiled(values)
            form = _Form(selection, Entities.of(selection))
            self._forms.put(key, form)
        return form

    def _compiled(self, values: VariableValues) -> Selection:
        schema, definition, _ = self._operation
        root = schema.get_root_type(definition.operation)
        if root is None:
            kind = definition.operation.value
            raise GraphQLError(f"Schema is not configured to execute {kind} operation.", definition)
        # Of the values only those of conditions: what is compiled outlives the request.
        conditions = VariableValues(
            {name: values.sources[name] for name in self._conditions if name in values.sources},
            {name: values.coerced[name] for name in self._conditions if name in values.coerced},
        )
        serially = definition.operation is OperationType.MUTATION
        return Compiler(self._operation, conditions, self._whole).root(root, serially=serially)


def _operation_of(schema: GraphQLSchema, document: DocumentNode) -> Operation:
    fragments: dict[str, FragmentDefinitionNode] = {}
    operations: list[OperationDefinitionNode] = []
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            operations.append(node)
        elif isinstance(node, FragmentDefinitionNode):
            fragments[node.name.value] = node
    (operation,) = operations
    return Operation(schema, operation, fragments)


class _Conditions(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: Any, *_arguments: Any) -> None:
        if node.name.value in {"skip", "include"}:
            values = [argument.value for argument in node.arguments or ()]
            self.names |= {v.name.value for v in values if isinstance(v, VariableNode)}


def _condition_variables(document: DocumentNode) -> tuple[str, ...]:
    conditions = _Conditions()
    visit(document, conditions)
    return tuple(sorted(conditions.names))
