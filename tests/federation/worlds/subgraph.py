"""A subgraph of a world: it answers what its own document lets it, and notes what does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    parse,
    validate,
)

from federation.subgraph import SubgraphRequest, SubgraphResponse
from federation.transport.in_process import InProcessSubgraph
from tests.federation.harness import SubgraphCase
from tests.federation.worlds.declared import declared, declared_keys
from tests.federation.worlds.world import Thing, World

__all__ = ["View", "WorldSubgraph"]


class View(NamedTuple):
    """A thing as one subgraph sees it."""

    thing: Thing
    granted: tuple[SelectionSetNode, ...] = ()
    """External fields it knows here, by `@provides` or as part of a key."""
    given: dict[str, Any] | None = None
    """The representation it came by."""


class WorldSubgraph:
    """One subgraph, for the engine to ask; the world is the host's context."""

    def __init__(self, name: str, sdl: str, overridden: frozenset[tuple[str, str]]) -> None:
        self.name = name
        self.requests = 0
        self._overridden = overridden
        document = parse(sdl)
        self._declared = declared(document)
        self._keys = declared_keys(document)
        self.schema = SubgraphCase(name, sdl).schema()
        self._behind = InProcessSubgraph(name, self.schema)
        self._wire()

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        self.requests += 1
        world: World = request.context
        for error in validate(self.schema, parse(request.fetch.operation)):
            world.violations.append(f"{self.name}: {error.message}: {request.fetch.operation}")
        return await self._behind.execute(request)

    async def aclose(self) -> None:
        pass

    def _wire(self) -> None:
        for type_ in self.schema.type_map.values():
            if type_.name.startswith("__"):
                continue
            if isinstance(type_, GraphQLObjectType):
                for name, field in type_.fields.items():
                    if type_.name != "_Service" and name not in {"_entities", "_service"}:
                        field.resolve = self._resolve
            elif isinstance(type_, (GraphQLInterfaceType, GraphQLUnionType)):
                type_.resolve_type = self._resolve_type
        query = self.schema.query_type
        assert query is not None
        query.fields["_entities"].resolve = self._entities

    def _resolve(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        world: World = info.context
        name, field = info.parent_type.name, info.field_name
        view = source if isinstance(source, View) else View(Thing(_root(info, world), 0))
        declared = self._declared[name, field]
        given = None
        if declared.requires is not None:
            if view.given is None:
                raise self._violation(world, f"{name}.{field} asked without what it requires")
            given = self._given(world, view.given, declared.requires, info.parent_type)
        elif self._is_unknown(name, field, view):
            raise self._violation(world, f"{name}.{field} is not known here")
        value = world.value(view.thing, field, arguments, given)
        granted = tuple(self._granted_below(name, field, view))
        return self._view(value, granted)

    def _is_unknown(self, name: str, field: str, view: View) -> bool:
        declared = self._declared[name, field]
        is_taken = (name, field) in self._overridden or declared.is_waiting
        is_elsewhere = declared.is_external or is_taken
        return (
            is_elsewhere
            and not any(node.name.value == field for node in self._fields(view, name, view.granted))
            and not self._is_extension_key(name, field)
        )

    def _is_extension_key(self, name: str, field: str) -> bool:
        return any(
            isinstance(node, FieldNode) and node.name.value == field
            for key in self._keys.get(name, ())
            if key.is_extension
            for node in key.selection.selections
        )

    def _granted_below(self, name: str, field: str, view: View) -> Iterator[SelectionSetNode]:
        provides = self._declared[name, field].provides
        if provides is not None:
            yield provides
        keys = (key.selection for key in self._keys.get(name, ()))
        for node in self._fields(view, name, (*view.granted, *keys)):
            if node.name.value == field and node.selection_set is not None:
                yield node.selection_set

    def _fields(
        self, view: View, name: str, selections: Iterable[SelectionSetNode]
    ) -> Iterator[FieldNode]:
        for selection in selections:
            for node in selection.selections:
                if isinstance(node, FieldNode):
                    yield node
                elif isinstance(node, InlineFragmentNode):
                    condition = node.type_condition.name.value if node.type_condition else name
                    if condition == name or self._is_possible(condition, view.thing.type_name):
                        yield from self._fields(view, name, (node.selection_set,))

    def _is_possible(self, condition: str, type_name: str) -> bool:
        type_ = self.schema.type_map.get(condition)
        if isinstance(type_, (GraphQLInterfaceType, GraphQLUnionType)):
            return any(each.name == type_name for each in self.schema.get_possible_types(type_))
        return condition == type_name

    def _view(self, value: Any, granted: tuple[SelectionSetNode, ...]) -> Any:
        if isinstance(value, Thing):
            return View(value, granted)
        return [self._view(item, granted) for item in value] if isinstance(value, list) else value

    def _resolve_type(self, view: View, info: GraphQLResolveInfo[Any], type_: Any) -> str:
        world: World = info.context
        possible = {entry.name for entry in self.schema.get_possible_types(type_)}
        own = view.thing.type_name
        if own in possible:
            return own
        if view.given is not None and view.given["__typename"] in possible:
            return str(view.given["__typename"])
        for name in sorted(possible):
            if own in world.universe.possible(name):
                return name  # an interface object
        raise self._violation(world, f"{own} is not a {type_.name} here")

    def _entities(
        self, _source: Any, info: GraphQLResolveInfo[Any], representations: list[dict[str, Any]]
    ) -> list[View | None]:
        return [self._entity(info.context, item) for item in representations]

    def _entity(self, world: World, given: dict[str, Any]) -> View | None:
        name = given.get("__typename", "")
        keys = self._keys.get(name, [])
        # Where no key is resolvable, objects come back with what their own fields require.
        resolvable = [key for key in keys if key.is_resolvable] or keys
        usable = [key.selection for key in resolvable]
        for key in usable:
            wanted = reduced(given, key)
            if wanted is None:
                continue
            for type_name in sorted(world.universe.possible(name)):
                for thing in world.things(type_name):
                    if world.selected(thing, key) == wanted:
                        return View(thing, given=given)
        self._violation(world, f"no {name} by {given}")
        return None

    def _given(
        self, world: World, given: Any, selection: SelectionSetNode, type_: Any
    ) -> dict[str, Any]:
        taken: dict[str, Any] = {}
        for node in selection.selections:
            if isinstance(node, FieldNode) and node.name.value != "__typename":
                if node.name.value not in given:
                    raise self._violation(world, f"{given} lacks {node.name.value}")
                value = given[node.name.value]
                below = type_.fields[node.name.value].type
                taken[node.name.value] = self._given_value(world, value, node.selection_set, below)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else type_.name
                runtime = given.get("__typename", type_.name)
                if condition == type_.name or runtime in world.universe.possible(condition):
                    inner = self.schema.type_map[condition]
                    taken |= self._given(world, given, node.selection_set, inner)
        return taken

    def _given_value(
        self, world: World, value: Any, selection: SelectionSetNode | None, type_: Any
    ) -> Any:
        if isinstance(value, list):
            return [self._given_value(world, item, selection, type_) for item in value]
        if not isinstance(value, dict) or selection is None:
            return value
        named = get_named_type(type_)
        if not isinstance(named, GraphQLObjectType) and "__typename" not in value:
            raise self._violation(world, f"{value} does not tell its type")
        return self._given(world, value, selection, named)

    def _violation(self, world: World, text: str) -> GraphQLError:
        world.violations.append(f"{self.name}: {text}")
        return GraphQLError(text)


def _root(info: GraphQLResolveInfo[Any], world: World) -> str:
    operation = info.operation.operation
    return world.universe.supergraph.roots.get(operation, info.parent_type.name)


def reduced(given: Any, selection: SelectionSetNode) -> dict[str, Any] | None:
    """A key's fields of a representation; None when it lacks one."""
    taken: dict[str, Any] = {}
    for node in selection.selections:
        assert isinstance(node, FieldNode)
        if node.name.value == "__typename":
            continue
        if not isinstance(given, dict) or node.name.value not in given:
            return None
        value = given[node.name.value]
        if node.selection_set is not None:
            items = value if isinstance(value, list) else [value]
            below = [reduced(item, node.selection_set) for item in items]
            if any(item is None for item in below):
                return None
            value = below if isinstance(value, list) else below[0]
        taken[node.name.value] = value
    return taken
