"""From an operation's document to its selections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from graphql import (
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

from federation.compiled.declared import Move, WantedField, declared, union
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

__all__ = ["Answered", "Compiler", "Details", "Grouped", "WantedObjects", "Whole"]

_TYPE_NAME = "__typename"

Details = list[FieldDetails]
Grouped = Mapping[str, Details]
Path = tuple[str, ...]
Whole = frozenset[Path]
"""Paths of the fields whose values reach the client as they are answered."""


class Answered(NamedTuple):
    """A field, and its type in the schema that answers it."""

    field: GraphQLField
    type: GraphQLObjectType


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

    def type_named(self, _type: Any, name: str) -> Any:
        """A type of the schema that another type is of."""
        return self._operation.schema.get_type(name)

    def answered(self, type_: GraphQLObjectType, name: str) -> Answered | None:
        """Who answers a field of an object type, `__typename` included."""
        field = self._operation.schema.get_field(type_, name)
        return None if field is None else Answered(field, type_)

    def move(self, _type: GraphQLObjectType, _answered: Answered) -> Move | None:
        """The way to whoever answers a field, from the schema of its object."""
        return None

    def columns(self, _type: GraphQLObjectType, asked: Sequence[Answered]) -> frozenset[str] | None:
        """Attributes of an object's row that its fields read; None for all."""
        return union(declared(one.field).reads for one in asked)

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
        sites: list[Site] = []
        for key, details in grouped.items():
            name = details[0].node.name.value
            answered = self.answered(type_, name)
            if answered is None:  # pragma: no cover - validation refuses it
                continue
            keys[key] = type_.name if name == _TYPE_NAME else None
            if name != _TYPE_NAME:
                nodes = [detail.node for detail in details]
                operation = self._operation_on(answered.type)
                sites.append(Site(operation, answered.type, (*path, key), nodes, answered.field))
        sources = self._sources(type_, [(site, grouped[site.key]) for site in sites])
        fields = [
            self._field(site, source, grouped[site.key])
            for site, source in zip(sites, sources, strict=True)
        ]
        return Selection(keys, fields, serially=serially)

    def _operation_on(self, _type: GraphQLObjectType) -> Operation:
        """The operation, with the schema that a type is of."""
        return self._operation

    def _sources(
        self, _type: GraphQLObjectType, asked: Sequence[tuple[Site, Details]]
    ) -> Sequence[Source]:
        """Where the values of fields come from, whose rows are of a type."""
        return [self._source(site, details) for site, details in asked]

    def _field(self, site: Site, source: Source, details: Details) -> CompiledField:
        position: Completing = self._position(site.field.type, site, details)
        if self.is_whole(site.path) and declared(site.field).column is None:
            position = WholeValue(position)
        return CompiledField(site, source, position)

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
        names = {entry.node.name.value for entry in self._selected} - {_TYPE_NAME}
        asked = [self._answered(name) for name in sorted(names)]
        return self._compiler.columns(self._type, asked)

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
        answered = self._answered(node.name.value)
        field = answered.field
        below = self._at(get_named_type(field.type), details, (*self._path, key))
        arguments = fixed_arguments(field, node)
        move = self._compiler.move(self._type, answered)
        return WantedField(key, node.name.value, self._type.name, field, arguments, below, move)

    def _answered(self, name: str) -> Answered:
        answered = self._compiler.answered(self._type, name)
        if answered is None:  # pragma: no cover - validation refuses it
            raise LookupError(f"{self._type} has no field {name}.")
        return answered

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
        type_ = get_named_type(self._answered(name).field.type)
        return self._at(type_, [entry for _, entry in asked], (*self._path, asked[0][0]))

    def of(self, type_name: str) -> WantedObjects:
        """What is asked of those objects that are of one type, where the field's is abstract."""
        runtime = self._compiler.type_named(self._type, type_name)
        return self._at(runtime, self._details, self._path)

    @cached_property
    def _grouped(self) -> Grouped:
        if not is_object_type(self._type):
            return {}
        return self._compiler.below(self._type, self._details)

    @property
    def _selected(self) -> Details:
        return [entry for details in self._grouped.values() for entry in details]
