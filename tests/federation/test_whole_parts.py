"""Answers are the same, whoever writes them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from graphql import parse, validate
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from federation.composition import SubgraphSource, compose
from federation.engine import Engine
from federation.execution.response import Response
from federation.operation import Grants
from federation.subgraph import SubgraphError, SubgraphRequest, SubgraphResponse
from federation.supergraph import Supergraph
from federation.transport.http import HttpSubgraph
from federation.transport.in_process import InProcessSubgraph
from federation.written import Written, read
from tests.federation import shop
from tests.federation.cuts import Cut, cases, cuts, supergraph_sdl
from tests.federation.harness import SubgraphCase, serving
from tests.federation.queries import RandomOperation, operations
from tests.federation.test_engine_equals_monolith import (
    COORDINATES,
    assert_equal,
    guarded_shop,
    made_from,
    monolith,
    refusing,
    supergraph,
    whole,
)
from tests.federation.writing import Writing

LENIENT = list(HealthCheck)
_OFTEN = 11
"""Uses after which an operation runs on generated code."""


def writing(graph: Supergraph, subgraphs: list[SubgraphCase], depth: int) -> Engine:
    """An engine whose subgraphs write what they may."""
    own = [InProcessSubgraph(case.name, case.schema()) for case in subgraphs]
    return Engine(graph, {each.name: Writing(each, depth) for each in own})


def plain(graph: Supergraph, subgraphs: list[SubgraphCase]) -> Engine:
    """An engine that looks at every value."""
    own = [Looked(InProcessSubgraph(case.name, case.schema())) for case in subgraphs]
    return Engine(graph, {each.name: each for each in own})


class Looked(Writing):
    """A subgraph that does not say it is exact."""

    answers_exactly = False


def told(response: Response) -> list[Any]:
    """The errors as a client reads them."""
    return [error.formatted() for error in response.errors]


async def ask(engine: Engine, operation: RandomOperation, times: int = 1) -> Response:
    """The last of several answers, as it is read by a client."""
    prepared = engine.prepare(operation.text)
    values = engine.coerce_variables(prepared, operation.variables)
    for _ in range(times):
        response = await engine.execute(prepared, values, grants=Grants())
    return replace(response, data=read(response.data))


@cache
def shop_writing(depth: int) -> Engine:
    return writing(supergraph(), shop.subgraphs(), depth)


@cache
def shop_plain() -> Engine:
    return plain(supergraph(), shop.subgraphs())


@settings(deadline=None, max_examples=100, suppress_health_check=LENIENT)
@given(st.deferred(lambda: operations(monolith())), st.integers(0, 2))
async def test_any_operation_answers_the_same(operation: RandomOperation, depth: int) -> None:
    assume(not validate(monolith(), parse(operation.text)))
    assert_equal(await ask(shop_writing(depth), operation, _OFTEN), whole(operation))


@st.composite
def random_cuts(draw: Any) -> tuple[Cut, Supergraph, RandomOperation]:
    cut = draw(cuts())
    graph = Supergraph.parse(supergraph_sdl(cut))
    return cut, graph, draw(operations(graph.api_schema, 3))


@settings(deadline=None, max_examples=15, suppress_health_check=LENIENT)
@given(random_cuts(), st.integers(0, 2))
async def test_every_cut_answers_the_same(
    case: tuple[Cut, Supergraph, RandomOperation], depth: int
) -> None:
    cut, graph, operation = case
    assume(not validate(graph.api_schema, parse(operation.text)))
    subgraphs = cases(cut)
    expected = await ask(plain(graph, subgraphs), operation)
    answer = await ask(writing(graph, subgraphs, depth), operation, 2)
    assert answer.data == expected.data
    assert told(answer) == told(expected)


@settings(deadline=None, max_examples=60, suppress_health_check=LENIENT)
@given(
    st.deferred(lambda: operations(monolith())),
    st.sets(st.sampled_from(COORDINATES), min_size=1, max_size=3).map(frozenset),
)
async def test_what_is_denied_is_written_by_nobody(
    operation: RandomOperation, denied: frozenset[str]
) -> None:
    assume(not validate(monolith(), parse(operation.text)))
    answer = await ask(writing(guarded_shop(denied), shop.subgraphs(), 0), operation)
    assert_equal(answer, whole(operation, refusing(denied | made_from(denied))))


async def answer(engine: Engine, text: str, **variables: Any) -> Response:
    """What the engine answers, not yet read."""
    return await engine.execute(engine.prepare(text), variables, grants=Grants())


async def test_a_part_beside_a_denied_field_is_written() -> None:
    denied = frozenset({"User.name"})
    engine = writing(guarded_shop(denied), shop.subgraphs(), 0)
    response = await answer(engine, "{ me { name address { city } } }")
    assert response.data is not None
    assert type(response.data["me"]["address"]) is Written
    assert read(response.data) == {"me": {"name": None, "address": {"city": "City 1"}}}
    assert [error.path for error in response.errors] == [("me", "name")]


async def test_what_is_denied_inside_is_not_written_with_the_rest() -> None:
    engine = writing(guarded_shop(frozenset({"Address.city"})), shop.subgraphs(), 0)
    response = await answer(engine, "{ me { address { street } home: address { street city } } }")
    assert response.data is not None
    assert type(response.data["me"]["address"]) is Written
    assert response.data["me"]["home"] is None
    assert [error.path for error in response.errors] == [("me", "home", "city")]


async def test_errors_inside_a_whole_part_have_their_paths() -> None:
    text = "{ reviews { id fragile } }"
    response = await answer(shop_writing(2), text)
    assert told(response) == told(await answer(shop_plain(), text))
    assert [error.path for error in response.errors] == [("reviews", 2, "fragile")]


@pytest.mark.parametrize("shows", [True, False])
async def test_conditions_decide_what_is_written(shows: bool) -> None:
    text = """query($shows: Boolean!) {
      me { id address { city street @include(if: $shows) } cart @skip(if: $shows) { id } }
    }"""
    response = await answer(shop_writing(0), text, shows=shows)
    assert read(response.data) == (await answer(shop_plain(), text, shows=shows)).data


async def test_a_whole_operation_is_not_looked_at() -> None:
    response = await answer(shop_writing(0), "{ topProducts { id name } }")
    assert response.data is not None
    assert type(response.data["topProducts"]) is Written


async def test_a_subgraph_that_fails_leaves_nulls_and_errors() -> None:
    failing = {name: Failing(name) for name in ("accounts", "products", "reviews", "inventory")}
    engine = Engine(supergraph(), failing)
    response = await answer(engine, "{ topProducts { id } reviews { id } }")
    assert response.data == {"topProducts": None, "reviews": None}
    assert [error.path for error in response.errors] == [("topProducts",), ("reviews",)]


class Failing:
    """An exact subgraph that answers nothing."""

    answers_exactly = True

    def __init__(self, name: str) -> None:
        self.name = name

    async def execute(self, _request: SubgraphRequest) -> SubgraphResponse:
        return SubgraphResponse(None, (SubgraphError("Away."),))

    async def aclose(self) -> None:
        """There is nothing to release."""


async def test_a_subgraph_over_http_is_looked_at() -> None:
    schemas = {case.name: case.schema() for case in shop.subgraphs()}
    async with serving(schemas) as urls:
        remote = {name: HttpSubgraph(name, url) for name, url in urls.items()}
        recording = {name: Looked(each) for name, each in remote.items()}
        engine = Engine(supergraph(), recording)
        await answer(engine, "{ topProducts { id name } }")
        await engine.aclose()
    assert [request.whole for request in recording["products"].requests] == [frozenset()]


HIDING = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@inaccessible"])
type Query { mood: Mood  own: Own  pet: Pet  any: Any }
type Own { mood: Mood }
enum Mood { GOOD BAD @inaccessible }
interface Pet { id: ID! }
type Cat implements Pet { id: ID! }
type Dog implements Pet @inaccessible { id: ID!  secret: String }
union Any = Cat | Dog
"""


async def test_what_the_api_has_no_name_for_is_not_passed_on() -> None:
    dog = {"__typename": "Dog", "id": "1", "secret": "s"}
    case = SubgraphCase(
        "only",
        HIDING,
        resolvers={
            "Query.own": lambda *_: {"mood": "BAD"},
            "Query.pet": lambda *_: dog,
            "Query.any": lambda *_: dog,
        },
    )
    graph = Supergraph.parse(compose([SubgraphSource("only", None, HIDING)]).sdl)
    assert graph.opaque == {"Mood", "Pet", "Any"}
    engine = writing(graph, [case], 0)
    response = await answer(engine, "{ own { mood } pet { id } any { __typename } }")
    assert read(response.data) == {"own": {"mood": None}, "pet": None, "any": None}
