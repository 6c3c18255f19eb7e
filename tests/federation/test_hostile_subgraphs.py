"""Whatever subgraphs answer, the response has the form its operation asks for."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import orjson
from graphql import parse, validate
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from federation.engine import Engine
from federation.operation import Grants
from federation.subgraph import Subgraph, SubgraphError, SubgraphRequest, SubgraphResponse
from federation.supergraph import Supergraph
from federation.transport.in_process import InProcessSubgraph
from tests.federation import shop
from tests.federation.queries import RandomOperation, operations

GARBAGE: list[Any] = [None, 7, True, "x", 1.5, [], {}, [None], [[]], {"__typename": 7}]
TYPE_NAMES = ["User", "Product", "Node", "Ghost", "Kind", "__proto__", None]
PATHS: list[Any] = [None, (), ("_entities", 0), ("_entities", 99, "x"), ("me", "x", 3), (1, 2)]


class Hostile:
    """Answers like the subgraph behind it, with damage."""

    def __init__(self, behind: Subgraph, random: Random) -> None:
        self.name = behind.name
        self._behind = behind
        self._random = random

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        answer = await self._behind.execute(request)
        chance = self._random
        errors = answer.errors
        if chance.random() < 0.3:
            errors = (*errors, SubgraphError("odd", chance.choice(PATHS), {"code": "ODD"}))
        return SubgraphResponse(self._damaged(answer.data), errors)

    async def aclose(self) -> None:
        await self._behind.aclose()

    def _damaged(self, value: Any) -> Any:
        chance = self._random
        if chance.random() < 0.05:
            return chance.choice(GARBAGE)
        if isinstance(value, dict):
            return self._damaged_object(value)
        if isinstance(value, list):
            return self._damaged_list(value)
        return value

    def _damaged_object(self, value: dict[str, Any]) -> dict[str, Any]:
        chance = self._random
        kept = {key: self._damaged(item) for key, item in value.items() if chance.random() > 0.05}
        if "__typename" in kept and chance.random() < 0.1:
            kept["__typename"] = chance.choice(TYPE_NAMES)
        if chance.random() < 0.1:
            kept[chance.choice(["extra", "__proto__", "id", "_entities"])] = chance.choice(GARBAGE)
        return kept

    def _damaged_list(self, value: list[Any]) -> list[Any]:
        items = [self._damaged(item) for item in value]
        if items and self._random.random() < 0.1:
            items.append(items[0])
        return items


@cache
def shop_parts() -> tuple[Supergraph, list[InProcessSubgraph]]:
    subgraphs = [InProcessSubgraph(case.name, case.schema()) for case in shop.subgraphs()]
    return Supergraph.parse(shop.supergraph_sdl()), subgraphs


# Cores are shared: slow generation says nothing about the code.
@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(
    st.deferred(lambda: operations(shop_parts()[0].api_schema, 3)),
    st.integers(0, 2**32),
)
async def test_damage_ends_in_nulls_and_errors(operation: RandomOperation, seed: int) -> None:
    supergraph, whole = shop_parts()
    assume(not validate(supergraph.api_schema, parse(operation.text)))
    random = Random(seed)  # noqa: S311 - it damages answers, it keeps no secrets
    engine = Engine(supergraph, {each.name: Hostile(each, random) for each in whole})
    prepared = engine.prepare(operation.text)
    values = engine.coerce_variables(prepared, operation.variables)
    response = await engine.execute(prepared, values, grants=Grants())
    entries = [error.formatted() for error in response.errors]
    assert orjson.loads(orjson.dumps([response.data, entries])) == [response.data, entries]
    assert response.data is not None or response.errors
    for entry in entries:
        assert all(isinstance(step, (str, int)) for step in entry.get("path", ()))
        assert "extra" not in entry.get("path", ())
    assert "extra" not in orjson.dumps(response.data).decode()
