"""Operations that one host answers at once, without a plan.

Subgraphs in this process may share a host that can answer for all of them: one database, say, that
writes a root field's whole value. Where every field of a query is among theirs, that host is asked
before the plan is run. It answers all or nothing: whatever it is not sure of, errors before all, is
left to the plan.

The host attaches a function to the root field of a subgraph's schema, under `extensions`:

    direct      prepare(wanted) -> bind, or None for what it cannot answer;
                bind(arguments) -> answer; answer(context) -> `Written`, or None for this time

`wanted` is as in `federation.compiled.declared`. A field that another of the subgraphs answers has
a `move`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import orjson
from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
    SelectionSetNode,
    TypeNameMetaFieldDef,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_argument_values,
    get_named_type,
    visit,
)

from federation.coercion import Variables
from federation.compiled.declared import Move, Wanted, WantedField
from federation.compiled.sources import fixed_arguments
from federation.execution.collect import selection_sets
from federation.execution.selections import Selections
from federation.execution.sharing import places_of
from federation.operation import Operation
from federation.plan import PlanNode
from federation.supergraph import Supergraph
from federation.written import Written

__all__ = ["DirectAnswer", "DirectAnswers"]

Answer: TypeAlias = Callable[[Any], Awaitable[Written | None]]
Bind: TypeAlias = Callable[[Mapping[str, Any]], Answer]
Bound: TypeAlias = Callable[[Mapping[str, Any]], Answer]
"""The answer for values of the variables. Raises for arguments that are refused."""

_DIRECT = "direct"
_TYPE_NAME = "__typename"
_MOST = 200
"""Fields of an operation that is answered so: longer statements are not kept prepared."""


class DirectAnswers:
    """What the subgraphs of one host answer directly."""

    def __init__(self, supergraph: Supergraph, schemas: Mapping[str, GraphQLSchema]) -> None:
        """Take the schemas of the subgraphs in this process, by their names."""
        self._supergraph = supergraph
        self._schemas = schemas

    def prepare(
        self, operation: Operation, node: PlanNode | None, selections: Selections
    ) -> DirectAnswer | None:
        """How an operation is answered; None where it takes its plan.

        Args:
            operation: What the client asked for; nothing of it is denied.
            node: Its plan: who answers what, where one may take over from another.
            selections: What it selects, where conditions have known values.
        """
        if operation.definition.operation is not OperationType.QUERY or not self._is_ours(node):
            return None
        query = self._supergraph.api_schema.query_type
        assert query is not None  # noqa: S101 - the operation is valid
        fields = selections.fields(query, [operation.definition.selection_set])
        walk = _Walk(self._supergraph, self._schemas, selections)
        declared = operation.definition.variable_definitions or ()
        try:
            return DirectAnswer(
                [
                    _Part(key, self._bound(walk, query, nodes, declared))
                    for key, nodes in fields.items()
                ]
            )
        except _NotDirect:
            return None

    def _is_ours(self, node: PlanNode | None) -> bool:
        fetches = [fetch for fetch, _ in places_of(node)]
        return bool(fetches) and all(fetch.subgraph in self._schemas for fetch in fetches)

    def _bound(
        self,
        walk: _Walk,
        query: GraphQLObjectType,
        nodes: list[FieldNode],
        declared: Sequence[VariableDefinitionNode],
    ) -> Bound:
        """How a root field is answered, by whoever answers most of it and is able to."""
        name = nodes[0].name.value
        if name == _TYPE_NAME:
            return _constant(orjson.dumps(query.name))
        sets = selection_sets(nodes)
        for graph, field in walk.from_the_fullest(name, sets):
            prepare = (field.extensions or {}).get(_DIRECT)
            bind = prepare and prepare(walk.objects(graph, get_named_type(field.type), sets))
            if bind is not None:
                return _Arguments(self._schemas[graph], field, nodes[0], declared).bound(bind)
        raise _NotDirect


class DirectAnswer:
    """One operation's data, a root field at a time."""

    def __init__(self, parts: Sequence[_Part]) -> None:
        self._parts = parts

    async def data(self, variables: Mapping[str, Any], context: Any) -> dict[str, Any] | None:
        """The whole data of a response; None where the plan must be run this time."""
        try:
            values = await self._values(variables, context)
        except Exception:  # noqa: BLE001 - whatever is wrong, the plan tells better
            return None
        if None in values:
            return None
        return {part.key: value for part, value in zip(self._parts, values, strict=True)}

    async def _values(self, variables: Mapping[str, Any], context: Any) -> Sequence[Any]:
        if len(self._parts) == 1:
            return [await self._parts[0].bound(variables)(context)]
        answers = [part.bound(variables)(context) for part in self._parts]
        return await asyncio.gather(*answers)


class _NotDirect(LookupError):  # noqa: N818 - named for what it is
    """Something that takes a plan."""


class _Part(NamedTuple):
    """One root field."""

    key: str
    bound: Bound


class _Arguments:
    """The arguments of a root field, as its own schema reads them."""

    def __init__(
        self,
        schema: GraphQLSchema,
        field: GraphQLField,
        node: FieldNode,
        declared: Sequence[VariableDefinitionNode],
    ) -> None:
        names = _variables_in(node)
        mine = [each for each in declared if each.variable.name.value in names]
        self._field = field
        self._node = node
        self._variables = Variables(schema, mine, 1)
        self._fixed = fixed_arguments(field, node)

    def bound(self, bind: Bind) -> Bound:
        """The answer for values of the variables: the same for all where there are none."""
        variables = self._variables
        if self._fixed is not None:
            answer = bind(self._fixed)
            return lambda _given: answer

        def answer_for(given: Mapping[str, Any]) -> Answer:
            values = variables.coerce(given)
            if isinstance(values, list):
                raise values[0]
            return bind(get_argument_values(self._field, self._node, values))

        return answer_for


class _Objects:
    """What is asked of the objects of a field; see `declared.Wanted`."""

    is_whole = True
    columns: frozenset[str] | None = None

    def __init__(
        self, walk: _Walk, graph: str, type_: GraphQLNamedType, sets: Sequence[SelectionSetNode]
    ) -> None:
        self._walk = walk
        self._graph = graph
        self._type = type_
        self._sets = sets

    @cached_property
    def fields(self) -> Sequence[WantedField]:
        """What is asked of the objects, in the order of the response; of one type only."""
        type_, selected = self._type, self._walk.selected(self._type, self._sets)
        if not isinstance(type_, GraphQLObjectType):
            return ()
        return [self._walk.asked(self._graph, type_, *entry) for entry in selected.items()]

    def below(self, name: str) -> Wanted | None:
        """What is asked of a field of the objects; None when it is not asked for at all."""
        return next((asked.wanted for asked in self.fields if asked.name == name), None)

    def of(self, type_name: str) -> Wanted:
        """What is asked of those objects that are of one type, where the field's is abstract."""
        return self._walk.of(self._graph, type_name, self._sets)


class _Walk:
    """What a client selects, read with the schemas of those who answer it."""

    def __init__(
        self,
        supergraph: Supergraph,
        schemas: Mapping[str, GraphQLSchema],
        selections: Selections,
    ) -> None:
        self._supergraph = supergraph
        self._schemas = schemas
        self._selections = selections
        self._left = _MOST

    def objects(
        self, graph: str, type_: GraphQLNamedType, sets: Sequence[SelectionSetNode]
    ) -> _Objects:
        """What is selected of objects that a subgraph answers with."""
        return _Objects(self, graph, type_, sets)

    def of(self, graph: str, type_name: str, sets: Sequence[SelectionSetNode]) -> _Objects:
        """The same of a type by its name."""
        return self.objects(graph, self._schemas[graph].type_map[type_name], sets)

    def from_the_fullest(
        self, name: str, sets: Sequence[SelectionSetNode]
    ) -> list[tuple[str, GraphQLField]]:
        """Who answers a root field, first the subgraph that answers most of what is asked of it."""
        found: list[tuple[int, str, GraphQLField]] = []
        for graph, schema in self._schemas.items():
            root = schema.query_type
            if root is not None and name in root.fields and self._answers(graph, root.name, name):
                field = root.fields[name]
                found.append((self._number(graph, get_named_type(field.type), sets), graph, field))
        return [(graph, field) for _, graph, field in sorted(found, key=lambda one: -one[0])]

    def _number(self, graph: str, type_: GraphQLNamedType, sets: Sequence[SelectionSetNode]) -> int:
        """How many of the fields selected of a type a subgraph answers."""
        selected = self.selected(type_, sets).values()
        return sum(self._answers(graph, type_.name, nodes[0].name.value) for nodes in selected)

    def selected(
        self, type_: GraphQLNamedType, sets: Sequence[SelectionSetNode]
    ) -> Mapping[str, list[FieldNode]]:
        """Fields by response key; none where the objects may be of several types."""
        ours = self._supergraph.api_schema.get_type(type_.name)
        if not isinstance(type_, GraphQLObjectType) or not isinstance(ours, GraphQLObjectType):
            return {}
        return self._selections.fields(ours, sets)

    def asked(
        self, graph: str, type_: GraphQLObjectType, key: str, nodes: list[FieldNode]
    ) -> WantedField:
        """One field of objects; of another subgraph where this one does not answer it.

        Raises `_NotDirect` where nobody does.
        """
        name = nodes[0].name.value
        self._left -= 1
        if name == _TYPE_NAME:
            named = self.objects(graph, get_named_type(TypeNameMetaFieldDef.type), ())
            return WantedField(key, name, type_.name, TypeNameMetaFieldDef, {}, named)
        owner = graph if self._answers(graph, type_.name, name) else self._owner(type_.name, name)
        there: Any = self._schemas[owner].get_type(type_.name)
        if self._left < 0 or name not in getattr(there, "fields", ()):
            raise _NotDirect
        field: GraphQLField = there.fields[name]
        below = get_named_type(field.type)
        if below.name in self._supergraph.opaque:
            raise _NotDirect
        return WantedField(
            key,
            name,
            type_.name,
            field,
            fixed_arguments(field, nodes[0]),
            self.objects(owner, below, selection_sets(nodes)),
            None if owner == graph else Move(type_, there),
        )

    def _owner(self, type_name: str, name: str) -> str:
        for graph in self._schemas:
            if self._answers(graph, type_name, name):
                return graph
        raise _NotDirect

    def _answers(self, graph: str, type_name: str, name: str) -> bool:
        """Whether a subgraph resolves a field of a type, by what the supergraph says."""
        type_ = self._supergraph.types.get(type_name)
        field = None if type_ is None else type_.fields.get(name)
        if field is None:
            return False
        declared = field.graphs.get(self._supergraph.subgraphs[graph].graph_enum)
        return declared is not None and not declared.is_external


def _constant(text: bytes) -> Bound:
    async def answer(_context: Any) -> Written:
        return Written(text)

    return lambda _variables: answer


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_rest: Any) -> None:
        self.names.add(node.name.value)


def _variables_in(node: FieldNode) -> frozenset[str]:
    found = _Variables()
    for argument in node.arguments or ():
        visit(argument, found)
    return frozenset(found.names)
