"""From an operation's document to its selections."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from federation.compiled.declared import declared
from federation.compiled.selection import CompiledField, Selection
from federation.compiled.site import Operation, Site
from federation.compiled.sources import Batch, Columns, Each, Resolver, Source
from federation.compiled.values import (
    AbstractValues,
    LeafValues,
    ListValues,
    ObjectValues,
    Position,
    Values,
)

__all__ = ["Compiler"]

_TYPE_NAME = "__typename"

Details = list[FieldDetails]
Grouped = Mapping[str, Details]


class Compiler:
    """Compiles one operation for one set of values of the variables in its conditions."""

    def __init__(self, operation: Operation, conditions: VariableValues) -> None:
        self._operation = operation
        self._conditions = conditions
        self._fragments = {
            name: FragmentDetails(node) for name, node in operation.fragments.items()
        }

    def root(self, type_: GraphQLObjectType, *, serially: bool) -> Selection:
        """The selection of the operation itself."""
        schema, definition, _ = self._operation
        collected = collect_fields(schema, self._fragments, self._conditions, type_, definition)
        return self._selection(type_, collected.grouped_field_set, serially=serially)

    def below(self, type_: GraphQLObjectType, details: Details) -> Grouped:
        """Fields by response key that some field nodes select of an object type."""
        schema, definition, _ = self._operation
        return collect_subfields(
            schema, self._fragments, self._conditions, definition, type_, details
        ).grouped_field_set

    def type_named(self, name: str) -> Any:
        """A type of the schema."""
        return self._operation.schema.get_type(name)

    def _selection(
        self, type_: GraphQLObjectType, grouped: Grouped, *, serially: bool = False
    ) -> Selection:
        keys: dict[str, str | None] = {}
        fields: list[CompiledField] = []
        for key, details in grouped.items():
            name = details[0].node.name.value
            field = self._operation.schema.get_field(type_, name)
            if field is None:  # pragma: no cover - validation refuses it, execution passes over it
                continue
            keys[key] = type_.name if name == _TYPE_NAME else None
            if name != _TYPE_NAME:
                nodes = [detail.node for detail in details]
                fields.append(self._field(Site(self._operation, type_, key, nodes, field), details))
        return Selection(keys, fields, serially=serially)

    def _field(self, site: Site, details: Details) -> CompiledField:
        position = self._position(site.field.type, site, details)
        return CompiledField(site, self._source(site, details), position)

    def _source(self, site: Site, details: Details) -> Source:
        declaration = declared(site.field)
        batch = declaration.batch
        if declaration.column is not None:
            return Columns(declaration.column)
        if batch is not None:
            wanted = WantedObjects(self, get_named_type(site.field.type), details)
            return Batch(lambda arguments: batch(arguments, wanted), site)
        if declaration.each is not None:
            return Each(declaration.each, site)
        return Resolver(site)

    def _position(self, type_: GraphQLOutputType, site: Site, details: Details) -> Position:
        if isinstance(type_, GraphQLNonNull):
            return Position(self._values(type_.of_type, site, details), site, is_required=True)
        return Position(self._values(type_, site, details), site, is_required=False)

    def _values(self, type_: Any, site: Site, details: Details) -> Values:
        if isinstance(type_, GraphQLList):
            return ListValues(self._position(type_.of_type, site, details), site)
        if is_leaf_type(type_):
            return LeafValues(type_, site)
        if is_abstract_type(type_):
            return self._abstract(type_, site, details)
        return self._objects(type_, site, details)

    def _objects(self, type_: GraphQLObjectType, site: Site, details: Details) -> ObjectValues:
        return ObjectValues(type_, self._selection(type_, self.below(type_, details)), site)

    def _abstract(self, type_: GraphQLAbstractType, site: Site, details: Details) -> AbstractValues:
        """Types are compiled when they are first met: most possible types never occur."""
        return AbstractValues(type_, lambda runtime: self._objects(runtime, site, details), site)


class WantedObjects:
    """What is asked of the objects of a field; see `declared.Wanted`."""

    def __init__(self, compiler: Compiler, type_: Any, details: Details) -> None:
        self._compiler = compiler
        self._type = type_
        self._details = details

    @cached_property
    def columns(self) -> frozenset[str] | None:
        """Attributes of the rows that will be read; None for all."""
        if not is_object_type(self._type):
            return None
        columns: set[str] = set()
        for node in self._nodes:
            name = node.name.value
            if name == _TYPE_NAME:
                continue
            reads = declared(self._type.fields[name]).reads
            if reads is None:
                return None
            columns |= reads
        return frozenset(columns)

    def below(self, name: str) -> WantedObjects | None:
        """What is asked of a field of the objects; None when it is not asked for at all."""
        details = [entry for entry in self._selected if entry.node.name.value == name]
        if not details:
            return None
        type_ = get_named_type(self._type.fields[name].type)
        return WantedObjects(self._compiler, type_, details)

    def of(self, type_name: str) -> WantedObjects:
        """What is asked of those objects that are of one type, where the field's is abstract."""
        runtime = self._compiler.type_named(type_name)
        return WantedObjects(self._compiler, runtime, self._details)

    @cached_property
    def _selected(self) -> Details:
        if not is_object_type(self._type):
            return []
        grouped = self._compiler.below(self._type, self._details)
        return [entry for details in grouped.values() for entry in details]

    @property
    def _nodes(self) -> list[FieldNode]:
        return [entry.node for entry in self._selected]
