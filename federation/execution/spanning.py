"""Operations compiled over several schemas of this process, as if they were one.

The compiler of `federation.compiled` with another view of the fields: each is answered by the
schema that the supergraph names. Where that is another one than its object's, the object's row is
moved there first, as its host knows how to (`move` in `federation.compiled.declared`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    TypeNameMetaFieldDef,
    VariableDefinitionNode,
    get_named_type,
    type_from_ast,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues

from federation.coercion import Variables
from federation.compiled import site as compiled
from federation.compiled.compile import Answered, Compiler, Details, Grouped, WantedObjects
from federation.compiled.declared import Move, Moving, declared, union
from federation.compiled.selection import Selection
from federation.compiled.site import Site
from federation.compiled.sources import Moved, Source, variables_in
from federation.compiled.values import AbstractValues
from federation.execution.collect import selection_sets
from federation.execution.owners import Owners, Unspanned
from federation.execution.selections import Selections
from federation.operation import Operation

__all__ = ["TYPE_NAME", "SpanningCompiler", "details_of"]

TYPE_NAME = "__typename"

_NO_CONDITIONS = VariableValues({}, {})
_MOVE = "move"

_MOST_LOOKS = 1_000
"""Times that objects of an operation are looked at, for every type they may be of."""

_MOST_TYPES = 12
"""Types of an interface or union that are all looked at, even if few of them occur."""


class SpanningCompiler(Compiler):
    """Compiles one operation, where its conditions have known values.

    Every method raises `Unspanned` for what the schemas do not answer together.
    """

    def __init__(self, owners: Owners, operation: Operation, selections: Selections) -> None:
        """Take who answers what, and what the client selects where conditions are decided."""
        on_api = _on(owners.supergraph.api_schema, operation)
        super().__init__(on_api, _NO_CONDITIONS, frozenset())
        self._owners = owners
        self._selections = selections
        self._operations = {
            graph: _on(schema, operation) for graph, schema in owners.schemas.items()
        }
        self._looks = 0
        self._sites: list[Site] = []
        self._roots: dict[str, Answered] = {}

    def query(self, type_: GraphQLObjectType, grouped: Grouped) -> Selection:
        """The selection of root fields, on the API schema's root type."""
        by_name: defaultdict[str, Details] = defaultdict(list)
        for details in grouped.values():
            by_name[details[0].node.name.value] += details
        self._roots = {
            name: self.roots(name, details)[0]
            for name, details in by_name.items()
            if name != TYPE_NAME
        }
        return self._selection(type_, grouped, ())

    def roots(self, name: str, details: Details) -> list[Answered]:
        """Who answers a root field, first whoever answers most of what is asked of it."""
        sets = selection_sets([one.node for one in details])
        found = self._owners.from_the_fullest(name, sets, self._selections)
        if not found:
            raise Unspanned
        return found

    def wanted(self, root: Answered, details: Details, key: str) -> WantedObjects:
        """What is asked of the objects of a root field."""
        return WantedObjects(self, get_named_type(root.field.type), details, (key,))

    def variables(self) -> list[Variables]:
        """The operation's variables, as the schemas read them whose fields take them.

        To be asked when all is compiled. Raises `Unspanned` where schemas would have to agree.
        """
        users: defaultdict[str, set[str]] = defaultdict(set)
        for site in self._sites:
            for name in set().union(*map(variables_in, site.nodes)):
                users[name].add(self._owners.graph_of(site.parent))
        mine: defaultdict[str, list[VariableDefinitionNode]] = defaultdict(list)
        for node in self._operation.definition.variable_definitions or ():
            graphs = sorted(users[node.variable.name.value])
            if len(graphs) > 1 and not self._are_alike(node, graphs):
                raise Unspanned
            if graphs:
                mine[graphs[0]].append(node)
        schemas = self._owners.schemas
        return [Variables(schemas[graph], nodes, 1) for graph, nodes in mine.items()]

    def answered(self, type_: GraphQLObjectType, name: str) -> Answered:
        """Who answers a field of an object type, `__typename` included."""
        if name == TYPE_NAME:
            return Answered(TypeNameMetaFieldDef, type_)
        if self._is_root(type_):
            return self._roots[name]
        answered = self._owners.answered(type_, name)
        if self._owners.lacks(type_, answered, name):
            raise Unspanned
        return answered

    def move(self, type_: GraphQLObjectType, answered: Answered) -> Move | None:
        """The way to whoever answers a field, from the schema of its object."""
        return None if answered.type is type_ else Move(type_, answered.type)

    def columns(self, type_: GraphQLObjectType, asked: Sequence[Answered]) -> frozenset[str] | None:
        """Attributes of an object's row that are read for its fields, wherever they are."""
        own = [declared(one.field).reads for one in asked if one.type is type_]
        away = _by_type(type_, [(one.type, one.field) for one in asked])
        return union([*own, *(self._moving(type_, *group).needs for group in away.items())])

    def below(self, type_: GraphQLObjectType, details: Details) -> Grouped:
        """Fields by response key that some field nodes select of an object type."""
        if not isinstance(self._operation.schema.get_type(type_.name), GraphQLObjectType):
            raise Unspanned  # one schema's object is an interface to the client
        self._looks += 1
        if self._looks > _MOST_LOOKS:
            raise Unspanned
        sets = selection_sets([one.node for one in details])
        return details_of(self._owners.selected(type_, sets, self._selections))

    def type_named(self, type_: Any, name: str) -> Any:
        """A type of the schema that another type is of."""
        return self._owners.schemas[self._owners.graph_of(type_)].get_type(name)

    def is_whole(self, _path: tuple[str, ...]) -> bool:
        """All of it reaches the client as it is answered."""
        return True

    def _is_root(self, type_: GraphQLObjectType) -> bool:
        return type_ is self._operation.schema.query_type

    def _operation_on(self, type_: GraphQLObjectType) -> compiled.Operation:
        return self._operations[self._owners.graph_of(type_)]

    def _sources(
        self, type_: GraphQLObjectType, asked: Sequence[tuple[Site, Details]]
    ) -> Sequence[Source]:
        sources = super()._sources(type_, asked)
        sites = [site for site, _ in asked]
        self._sites += sites
        if self._is_root(type_):
            return sources
        away = _by_type(type_, [(site.parent, site.field) for site in sites])
        moves = {there: self._moving(type_, there, fields) for there, fields in away.items()}
        return [
            source if site.parent is type_ else Moved(source, moves[site.parent].rows)
            for site, source in zip(sites, sources, strict=True)
        ]

    def _abstract(self, type_: GraphQLAbstractType, site: Site, details: Details) -> AbstractValues:
        """All types at once: whatever cannot be answered has to be known beforehand."""
        possible = site.operation.schema.get_possible_types(type_)
        if len(possible) > _MOST_TYPES:
            raise Unspanned
        known = {each.name: self._objects(each, site, details) for each in possible}
        return AbstractValues(type_, lambda runtime: known[runtime.name], site)

    def _moving(
        self, here: GraphQLObjectType, there: GraphQLObjectType, fields: Sequence[GraphQLField]
    ) -> Moving:
        prepare = (there.extensions or {}).get(_MOVE)
        columns = union(declared(field).reads for field in fields)
        moving = prepare and prepare(here, self._owners.names(here), columns)
        if not moving:
            raise Unspanned
        return Moving(*moving)

    def _are_alike(self, node: VariableDefinitionNode, graphs: Sequence[str]) -> bool:
        """Whether these schemas read a variable of a scalar or an enum alike."""
        asked = type_from_ast(self._operation.schema, node.type)
        name = "" if asked is None else get_named_type(asked).name
        first, *others = [_reading(self._owners.schemas[graph].get_type(name)) for graph in graphs]
        return first is not None and all(other == first for other in others)


def _reading(type_: GraphQLNamedType | None) -> Any:
    """What says how values of a type are read; None for what is neither scalar nor enum."""
    if isinstance(type_, GraphQLEnumType):
        return {name: value.value for name, value in type_.values.items()}
    return type_.coerce_input_value if isinstance(type_, GraphQLScalarType) else None


def _on(schema: GraphQLSchema, operation: Operation) -> compiled.Operation:
    return compiled.Operation(schema, operation.definition, dict(operation.fragments))


def details_of(nodes: Mapping[str, Sequence[FieldNode]]) -> Grouped:
    """Collected fields as the compiler takes them."""
    return {key: [FieldDetails(node, None) for node in same] for key, same in nodes.items()}


def _by_type(
    here: GraphQLObjectType, fields: Sequence[tuple[GraphQLObjectType, GraphQLField]]
) -> Mapping[GraphQLObjectType, list[GraphQLField]]:
    """Those fields that are of other types than the one here, by type."""
    found: defaultdict[GraphQLObjectType, list[GraphQLField]] = defaultdict(list)
    for type_, field in fields:
        if type_ is not here:
            found[type_].append(field)
    return found
