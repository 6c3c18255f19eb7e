"""One world asked twice: through the engine and its subgraphs, and as one schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import (
    ExecutionResult,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLUnionType,
    execute,
    parse,
    validate,
)

from federation.composition import SubgraphSource, compose
from federation.engine import Engine
from federation.execution.response import Response
from federation.operation import Grants
from federation.supergraph import Supergraph
from tests.federation.worlds.declared import overridden
from tests.federation.worlds.subgraph import WorldSubgraph
from tests.federation.worlds.universe import Universe
from tests.federation.worlds.world import Thing, World

__all__ = ["Answers", "Federated"]


class Answers(NamedTuple):
    """What both answered."""

    federated: Response
    whole: ExecutionResult
    violations: list[str]
    requests: int
    mutations: tuple[list[str], list[str]]
    """Fields of the mutation root that were called, by each."""

    def assert_equal(self) -> None:
        assert not self.violations, self.violations
        assert self.federated.data == self.whole.data
        found = [error.message for error in self.federated.errors]
        assert bool(found) == bool(self.whole.errors), found
        called, expected = self.mutations
        assert found or sorted(called) == sorted(expected)


class Federated:
    """Subgraph documents with the supergraph they compose to."""

    def __init__(self, sdl_by_name: Mapping[str, str], supergraph: str | None = None) -> None:
        if supergraph is None:
            sources = [SubgraphSource(name, None, sdl) for name, sdl in sdl_by_name.items()]
            supergraph = compose(sources).sdl
        self.supergraph = Supergraph.parse(supergraph)
        self.universe = Universe(self.supergraph)
        self.subgraphs = {
            name: WorldSubgraph(name, sdl, overridden(sdl_by_name, name))
            for name, sdl in sdl_by_name.items()
        }
        self._wire()

    def world(self, seed: int, *, failing: float = 0, null: float = 0.2) -> World:
        """A world; where subgraphs disagree about nulls, nothing fails in it.

        There a failure reaches as far as the subgraph's own type says, further than in one schema.
        """
        return World(self.universe, seed, failing=failing * self.universe.types_agree, null=null)

    def is_valid(self, text: str) -> bool:
        return not validate(self.universe.api, parse(text))

    async def ask(self, text: str, variables: Mapping[str, Any], world: World) -> Answers:
        engine = Engine(self.supergraph, self.subgraphs)
        before = sum(subgraph.requests for subgraph in self.subgraphs.values())
        prepared = engine.prepare(text)
        values = engine.coerce_variables(prepared, variables)
        response = await engine.execute(prepared, values, grants=Grants(), context=world)
        violations, called = list(world.violations), list(world.mutations)
        world.mutations.clear()
        whole = execute(
            self.universe.api, parse(text), variable_values=dict(variables), context_value=world
        )
        assert isinstance(whole, ExecutionResult)
        after = sum(subgraph.requests for subgraph in self.subgraphs.values())
        return Answers(response, whole, violations, after - before, (called, world.mutations))

    def _wire(self) -> None:
        for type_ in self.universe.api.type_map.values():
            if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
                for field in type_.fields.values():
                    field.resolve = _resolve
            elif isinstance(type_, (GraphQLInterfaceType, GraphQLUnionType)):
                type_.resolve_type = _resolve_type


def _resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    thing = source if isinstance(source, Thing) else Thing(info.parent_type.name, 0)
    return info.context.value(thing, info.field_name, arguments)


def _resolve_type(thing: Thing, _info: Any, _type: Any) -> str:
    return thing.type_name
