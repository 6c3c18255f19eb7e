"""All modules as one schema that graphql-core executes: what their federation must answer like.

Every value carries the module it comes from. A field that another module answers is reached as
federation says: by the value's key, and whatever the field requires, through that module's
`_entities`; one value at a time.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    build_ast_schema,
    get_argument_values,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    value_from_ast_untyped,
)

from federation.api_schema import api_document
from federation.supergraph import Supergraph
from schema.base.modules import ModuleSubgraph

__all__ = ["Monolith"]


@dataclass(frozen=True, slots=True)
class Placed:
    """An object's value and the module that answered it."""

    module: str
    row: Any
    again: Callable[[str], Awaitable[Any]] | None = None
    """Asks another module for the same, where the field that led here is everybody's."""


class Refused(Exception):  # noqa: N818 - the test's word for a denied field
    """Raised in place of a field that the caller may not read."""


class Monolith:
    """One schema of all modules; its root value is the set of denied coordinates."""

    def __init__(self, modules: Sequence[ModuleSubgraph], supergraph: Supergraph) -> None:
        self._modules = {module.name: module.schema for module in modules}
        self._joins = _joins(supergraph)
        self._entities = _entities(supergraph)
        self.schema: GraphQLSchema = build_ast_schema(api_document(supergraph.document))
        for type_ in self.schema.type_map.values():
            if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
                for name, field in type_.fields.items():
                    field.resolve = self._resolver(type_.name, name)
            elif is_abstract_type(type_):
                type_.resolve_type = self._type_resolver(type_.name)
            elif isinstance(type_, GraphQLScalarType | GraphQLEnumType):
                self._write_as_modules_do(type_)

    def is_beyond(self, type_name: str, name: str) -> bool:
        """Whether an entity's field is answered by fewer modules than know the entity."""
        if type_name not in self._entities:
            return False
        return len(self._joins[type_name, name]) < len(self._joins[type_name, "id"])

    def _write_as_modules_do(self, type_: GraphQLScalarType | GraphQLEnumType) -> None:
        for schema in self._modules.values():
            theirs: Any = schema.get_type(type_.name)
            if theirs is not None and not type_.name.startswith("__"):
                ours: Any = type_
                ours.serialize = theirs.serialize
                ours.coerce_output_value = theirs.coerce_output_value

    def _type_resolver(self, name: str) -> Callable[..., Any]:
        def resolve_type(value: Placed, info: GraphQLResolveInfo[Any], _abstract: Any) -> Any:
            theirs: Any = self._modules[value.module].get_type(name)
            return theirs.resolve_type(value.row, info, theirs)

        return resolve_type

    def _resolver(self, type_name: str, name: str) -> Callable[..., Any]:
        async def resolve(value: Any, info: GraphQLResolveInfo[Any], **_given: Any) -> Any:
            if f"{type_name}.{name}" in info.root_value:
                raise Refused(f"{type_name}.{name}")
            placed = value if isinstance(value, Placed) else None
            return await self._answer(placed, type_name, name, info)

        return resolve

    async def _answer(
        self, value: Placed | None, type_name: str, name: str, info: GraphQLResolveInfo[Any]
    ) -> Any:
        """A field's value, from the module it is in or else from the first that answers it."""
        owners = self._joins[type_name, name]
        if value is None or value.module in owners:
            module = next(iter(owners)) if value is None else value.module
            return await self._read(Placed(module, value and value.row), type_name, name, info)
        moved = await self._moved(value, type_name, name, next(iter(owners)), info)
        return None if moved is None else await self._read(moved, type_name, name, info)

    async def _read(
        self, value: Placed, type_name: str, name: str, info: GraphQLResolveInfo[Any]
    ) -> Any:
        field = self._field(value.module, type_name, name)
        given = get_argument_values(field, info.field_nodes[0], info.variable_values)
        assert field.resolve is not None
        answered = await _awaited(field.resolve(value.row, info, **given))

        async def again(module: str) -> Any:
            return await self._read(Placed(module, None), type_name, name, info)

        return _placed(Placed(value.module, answered, again), field.type)

    async def _moved(
        self, value: Placed, type_name: str, name: str, module: str, info: GraphQLResolveInfo[Any]
    ) -> Placed | None:
        """The same object in another module; None where that knows of none."""
        if type_name not in self._entities:
            assert value.again is not None
            return await value.again(module)  # type: ignore[no-any-return] # what this came from
        key = {"__typename": type_name}
        for needed in ("id", *self._joins[type_name, name][module]):
            key[needed] = await self._leaf(value, type_name, needed, info)
        find: Any = self._modules[module].query_type.fields["_entities"].resolve  # type: ignore[union-attr] # every module has one
        (row,) = await find(None, info, representations=[key])
        return None if row is None else Placed(module, row)

    async def _leaf(
        self, value: Placed, type_name: str, name: str, info: GraphQLResolveInfo[Any]
    ) -> Any:
        """A field without arguments, as it is written."""
        owners = self._joins[type_name, name]
        module = value.module
        if module not in owners:
            moved = await self._moved(value, type_name, name, next(iter(owners)), info)
            assert moved is not None
            value = moved
        field = self._field(value.module, type_name, name)
        assert field.resolve is not None
        answered = await _awaited(field.resolve(value.row, info))
        leaf: Any = get_named_type(field.type)
        return None if answered is None else leaf.serialize(answered)

    def _field(self, module: str, type_name: str, name: str) -> GraphQLField:
        type_: Any = self._modules[module].get_type(type_name)
        field = type_.fields[name]
        assert isinstance(field, GraphQLField)
        return field


async def _awaited(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


def _placed(value: Placed, type_: Any) -> Any:
    """What a field answered, with the objects in it told where they come from."""
    if value.row is None or isinstance(value.row, Exception):
        return value.row
    if isinstance(type_, GraphQLNonNull):
        return _placed(value, type_.of_type)
    if isinstance(type_, GraphQLList):
        return [_placed(Placed(value.module, item), type_.of_type) for item in value.row]
    return value if is_composite_type(type_) else value.row


Joins = Mapping[tuple[str, str], Mapping[str, Sequence[str]]]
"""Of each field the modules that answer it, each with what else it must be told of the object."""


def _joins(supergraph: Supergraph) -> Joins:
    names = {info.graph_enum: info.name for info in supergraph.subgraphs.values()}
    found: dict[tuple[str, str], dict[str, Sequence[str]]] = {}
    for definition in supergraph.document.definitions:
        if isinstance(definition, ObjectTypeDefinitionNode):
            homes = [names[said["graph"]] for said in _said(definition.directives, "join__type")]
            for field in definition.fields or ():
                said = _said(field.directives, "join__field")
                found[definition.name.value, field.name.value] = (
                    {
                        names[one["graph"]]: one.get("requires", "").split()
                        for one in said
                        if not one.get("external")
                    }
                    if said
                    else dict.fromkeys(homes, ())
                )
    return found


def _entities(supergraph: Supergraph) -> frozenset[str]:
    """Names of the types that have a key."""
    return frozenset(
        definition.name.value
        for definition in supergraph.document.definitions
        if isinstance(definition, ObjectTypeDefinitionNode)
        and any("key" in said for said in _said(definition.directives, "join__type"))
    )


def _said(directives: Sequence[DirectiveNode] | None, name: str) -> list[dict[str, Any]]:
    return [
        {
            argument.name.value: value_from_ast_untyped(argument.value)
            for argument in directive.arguments or ()
        }
        for directive in directives or ()
        if directive.name.value == name
    ]
