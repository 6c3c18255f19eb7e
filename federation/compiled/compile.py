"""From an operation's document to its selections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLField,
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

from federation.compiled.declared import WantedField, declared
from federation.compiled.selection import CompiledField, Selection
from federation.compiled.site import Operation, Site
from federation.compiled.sources import Batch, Columns, Each, Resolver, Source, fixed_arguments
from federation.compiled.values import (
    AbstractValues,
    LeafValues,
    ListValues,
    ObjectValues,
    Position,
    Values,
)
from federation.compiled.whole_value import Completing, WholeValue

__all__ = ["Compiler", "Whole"]

_TYPE_NAME = "__typename"

Details = list[FieldDetails]
Grouped = Mapping[str, Details]
Path = tuple[str, ...]
Whole = frozenset[Path]
"""Paths of the fields whose values reach the client as they are answered."""


class Compiler:
    """Compiles one operation for one set of values of the variables in its conditions."""

    def __init__(self, operation: Operation, conditions: VariableValues, whole: Whole) -> None:
        self._operation = operation
        self._whole = whole
        self._conditions = conditions
        self._fragments = {
            name: FragmentDetails(node) for name, node in operation.fragments.items()
        }

    def root(self, type_: GraphQLObjectType, *, serially: bool) -> Selection:
        """The selection of the operation itself."""
        schema, definition, _ = self._operation
        collected = collect_fields(schema, self._fragments, self._conditions, type_, definition)
        return self._selection(type_, collected.grouped_field_set, (), serially=serially)

    def below(self, type_: GraphQLObjectType, details: Details) -> Grouped:
        """Fields by response key that some field nodes select of an object type."""
        schema, definition, _ = self._operation
        return collect_subfields(
            schema, self._fragments, self._conditions, definition, type_, details
        ).grouped_field_set

    def type_named(self, name: str) -> Any:
        """A type of the schema."""
        return self._operation.schema.get_type(name)

    def field_of(self, type_: GraphQLObjectType, name: str) -> GraphQLField | None:
        """A field of an object type, `__typename` included."""
        return self._operation.schema.get_field(type_, name)

    def is_whole(self, path: Path) -> bool:
        """Whether the value at a path reaches the client as it is answered."""
        whole = self._whole
        return bool(whole) and any(path[:end] in whole for end in range(len(path) + 1))

    def _selection(
        self,
        type_: GraphQLObjectType,
        grouped: Grouped,
        path: Path,
        *,
        serially: bool = False,
    ) -> Selection:
        keys: dict[str, str | None] = {}
        fields: list[CompiledField] = []
        for key, details in grouped.items():
            name = details[0].node.name.value
            field = self.field_of(type_, name)
            if field is None:  # pragma: no cover - validation refuses it, execution passes over it
                continue
            keys[key] = type_.name if name == _TYPE_NAME else None
            if name != _TYPE_NAME:
                nodes = [detail.node for detail in details]
                site = Site(self._operation, type_, (*path, key), nodes, field)
                fields.append(self._field(site, details))
        return Selection(keys, fields, serially=serially)

    def _field(self, site: Site, details: Details) -> CompiledField:
        position: Completing = self._position(site.field.type, site, details)
        if self.is_whole(site.path) and declared(site.field).column is None:
            position = WholeValue(position)
        return CompiledField(site, self._source(site, details), position)

    def _source(self, site: Site, details: Details) -> Source:
        declaration = declared(site.field)
        if declaration.column is not None:
            return Columns(declaration.column)
        wanted = WantedObjects(self, get_named_type(site.field.type), details, site.path)
        if declaration.batch is not None:
            return Batch(declaration.batch(wanted), site)
        if declaration.each is not None:
            return Each(declaration.each(wanted), site)
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
        selection = self._selection(type_, self.below(type_, details), site.path)
        may_be_written = self.is_whole(site.path)
        return ObjectValues(type_, selection, site, may_be_written=may_be_written)

    def _abstract(self, type_: GraphQLAbstractType, site: Site, details: Details) -> AbstractValues:
        """Types are compiled when they are first met: most possible types never occur."""
        return AbstractValues(type_, lambda runtime: self._objects(runtime, site, details), site)


class WantedObjects:
    """What is asked of the objects of a field; see `declared.Wanted`."""

    def __init__(self, compiler: Compiler, type_: Any, details: Details, path: Path) -> None:
        self._compiler = compiler
        self._type = type_
        self._details = details
        self._path = path

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

    @property
    def is_whole(self) -> bool:
        """Whether the objects reach the client as they are answered, with all that is in them."""
        return self._compiler.is_whole(self._path)

    @cached_property
    def fields(self) -> Sequence[WantedField]:
        """What is asked of the objects, in the order of the response; of one type only."""
        grouped = self._grouped.items()
        return [self._field(key, details) for key, details in grouped]

    def _field(self, key: str, details: Details) -> WantedField:
        node = details[0].node
        field = self._compiler.field_of(self._type, node.name.value)
        if field is None:  # pragma: no cover - validation refuses it
            raise LookupError(f"{self._type} has no field {node.name.value}.")
        below = self._at(get_named_type(field.type), details, (*self._path, key))
        arguments = fixed_arguments(field, node)
        return WantedField(key, node.name.value, self._type.name, field, arguments, below)

    def _at(self, type_: Any, details: Details, path: Path) -> WantedObjects:
        return WantedObjects(self._compiler, type_, details, path)

    def below(self, name: str) -> WantedObjects | None:
        """What is asked of a field of the objects; None when it is not asked for at all."""
        # Objects that are asked together may differ in which field a key means.
        asked = [
            (key, entry)
            for key, details in self._grouped.items()
            for entry in details
            if entry.node.name.value == name
        ]
        if not asked:
            return None
        type_ = get_named_type(self._type.fields[name].type)
        return self._at(type_, [entry for _, entry in asked], (*self._path, asked[0][0]))

    def of(self, type_name: str) -> WantedObjects:
        """What is asked of those objects that are of one type, where the field's is abstract."""
        runtime = self._compiler.type_named(type_name)
        return self._at(runtime, self._details, self._path)

    @cached_property
    def _grouped(self) -> Grouped:
        if not is_object_type(self._type):
            return {}
        return self._compiler.below(self._type, self._details)

    @property
    def _selected(self) -> Details:
        return [entry for details in self._grouped.values() for entry in details]

    @property
    def _nodes(self) -> list[FieldNode]:
        return [entry.node for entry in self._selected]
