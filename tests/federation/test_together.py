"""What is executed over several schemas together is what the plan would have answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, parse, validate
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from federation.supergraph import Supergraph
from tests.federation import shop
from tests.federation.harness import Row, SubgraphCase
from tests.federation.local_shop import LocalShop
from tests.federation.queries import RandomOperation, operations
from tests.federation.test_engine_equals_monolith import (
    COORDINATES,
    LENIENT,
    assert_equal,
    guarded_shop,
    made_from,
    monolith,
    refusing,
    supergraph,
    whole,
)

KEYS = {
    "accounts": {"User": {"id"}},
    "products": {"Product": {"id"}, "Book": {"id"}, "Film": {"id"}},
    "reviews": {"Review": {"id"}, "User": {"id"}, "Product": {"id"}, "Book": {"id"}},
    "inventory": {"Product": {"upc", "maker"}, "User": {"email"}},
}
"""What each subgraph knows its objects by."""


class Moves:
    """How rows of the shop come to one type of one subgraph, as to its reference resolver."""

    def __init__(self, case: SubgraphCase, schema: GraphQLSchema, name: str, asked: Shop) -> None:
        self._find = partial(case._entity, schema)
        self._keys = KEYS[case.name][name]
        self._name = name
        self._coordinate = f"{case.name}.{name}"
        self._shop = asked

    def prepare(
        self, _here: GraphQLObjectType, names: frozenset[str], columns: frozenset[str] | None
    ) -> tuple[None, Callable[..., Any]] | None:
        assert columns is None, "resolvers read whatever they like"
        if not self._keys <= names:
            return None

        def rows(_context: Any, here: Sequence[Row]) -> list[Row | None]:
            self._shop.moved.append(self._coordinate)
            known = [{name: row[name] for name in names if name in row} for row in here]
            return [self._find({"__typename": self._name, **row}) for row in known]

        async def later(context: Any, here: Sequence[Row]) -> list[Row | None]:
            return rows(context, here)

        return None, later if self._shop.waits else rows


class Shop(LocalShop):
    """The engine over the shop's subgraphs, whose rows can be moved from one to another."""

    def __init__(self, graph: Supergraph, *, waits: bool) -> None:
        super().__init__(graph)
        self.waits = waits
        self.moved: list[str] = []
        for case in shop.subgraphs():
            schema = self.subgraphs[case.name].schema
            for name in KEYS[case.name]:
                type_, moves = schema.type_map[name], Moves(case, schema, name, self)
                type_.extensions = {**(type_.extensions or {}), "move": moves.prepare}


@cache
def open_shop(*, waits: bool) -> Shop:
    return Shop(supergraph(), waits=waits)


@settings(deadline=None, max_examples=200, suppress_health_check=LENIENT)
@given(st.deferred(lambda: operations(monolith())), st.booleans())
async def test_any_operation_answers_the_same(operation: RandomOperation, waits: bool) -> None:
    assume(not validate(monolith(), parse(operation.text)))
    asked = open_shop(waits=waits)
    before = asked.planned
    response = await asked.ask(operation.text, operation.variables)
    event(f"planned: {asked.planned > before}")
    assert_equal(response, whole(operation))


@settings(deadline=None, max_examples=40, suppress_health_check=LENIENT)
@given(
    st.deferred(lambda: operations(monolith())),
    st.sets(st.sampled_from(COORDINATES), min_size=1, max_size=3).map(frozenset),
)
async def test_what_is_denied_is_answered_by_nobody(
    operation: RandomOperation, denied: frozenset[str]
) -> None:
    assume(not validate(monolith(), parse(operation.text)))
    guarded = Shop(guarded_shop(denied), waits=False)
    response = await guarded.ask(operation.text, operation.variables)
    assert_equal(response, whole(operation, refusing(denied | made_from(denied))))


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "later"])
@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("{ me { email reviews { body product { name price } } } }", {"reviews.User"}),
        ("{ topProducts { name inStock shipping } }", {"inventory.Product"}),
        ("{ topProducts { kind inStock reviews { stars } maker { country } } }", set()),
        ("query ($n: Int) { me { id reviews(stars: $n) { body } } v: version }", {"reviews.User"}),
        ("query ($n: Int, $on: Boolean!) { users(first: $n) { id age @include(if: $on) } }", set()),
        ('{ node(id: "b1") { id ... on Book { pages review { stars } } } }', {"reviews.Book"}),
        ("{ subjects { __typename ... on Product { name } ... on User { age } } }", set()),
    ],
    ids=["several", "required", "two at once", "variables", "conditions", "interface", "union"],
)
async def test_operations_over_several_subgraphs_take_no_plan(
    text: str, moved: set[str], waits: bool
) -> None:
    asked = Shop(supergraph(), waits=waits)
    values = {"n": 2, "on": True} if "$on" in text else {"n": 2} if "$n" in text else {}
    response = await asked.ask(text, values)
    assert_equal(response, whole(RandomOperation(text, values)))
    assert asked.planned == 0
    assert moved <= set(asked.moved)


@pytest.mark.parametrize(
    "text",
    [
        "{ me { email } __schema { queryType { name } } }",
        "{ me { reviews { fragile } } }",
        "{ topProducts { upc origin } }",
        "{ reviews { product { shipping } } }",
        "{ reviews { author { delivery } } }",
    ],
    ids=["introspection", "what fails", "nested", "unknown key", "not there"],
)
async def test_what_cannot_be_executed_together_takes_its_plan(text: str) -> None:
    asked = Shop(supergraph(), waits=False)
    assert_equal(await asked.ask(text), whole(RandomOperation(text, {})))
    assert asked.planned > 0


async def test_objects_that_are_not_there_take_the_plan() -> None:
    asked = Shop(supergraph(), waits=False)
    user = asked.subgraphs["reviews"].schema.type_map["User"]
    user.extensions = {"move": lambda *_: (None, lambda _context, rows: [None] * len(rows))}
    text = "{ me { name reviews { body } } }"
    assert_equal(await asked.ask(text), whole(RandomOperation(text, {})))
    assert asked.planned == 2


async def test_hosts_that_break_down_leave_it_to_the_plan() -> None:
    def broken(_context: Any, _rows: Sequence[Row]) -> Any:
        raise RuntimeError("broken")

    asked = Shop(supergraph(), waits=False)
    asked.subgraphs["reviews"].schema.type_map["User"].extensions = {
        "move": lambda *_: (None, broken)
    }
    text = "{ me { name reviews { body } } }"
    assert_equal(await asked.ask(text), whole(RandomOperation(text, {})))
    assert asked.planned == 2


async def test_variables_that_two_subgraphs_would_have_to_read_alike_may_be_plain() -> None:
    asked = Shop(supergraph(), waits=False)
    text = "query ($n: Int) { users(first: $n) { id reviews(stars: $n) { stars } } }"
    assert_equal(await asked.ask(text, {"n": 2}), whole(RandomOperation(text, {"n": 2})))
    assert asked.planned == 0
    assert "reviews.User" in asked.moved


async def test_what_another_process_answers_takes_its_plan() -> None:
    asked = Shop(supergraph(), waits=False)
    asked.move_away("reviews")
    text = "{ me { name reviews { body } } }"
    assert_equal(await asked.ask(text), whole(RandomOperation(text, {})))
    assert asked.planned == 2


async def test_an_operation_that_unfolds_without_end_is_left_to_the_plan() -> None:
    asked = Shop(supergraph(), waits=False)
    levels = 8
    folded = "".join(
        f"fragment F{level} on User {{ a: reviews {{ author {{ ...F{level + 1} }} }} "
        f"b: reviews(stars: 1) {{ author {{ ...F{level + 1} }} }} }} "
        for level in range(levels)
    )
    text = f'{{ user(id: "nobody\'s") {{ ...F0 }} }} {folded} fragment F{levels} on User {{ id }}'
    assert_equal(await asked.ask(text), whole(RandomOperation(text, {})))
    assert asked.planned > 0


async def test_answers_that_no_schema_allows_are_told_by_the_plan() -> None:
    asked = Shop(supergraph(), waits=False)
    user = asked.subgraphs["reviews"].schema.type_map["User"]
    assert isinstance(user, GraphQLObjectType)
    user.fields["reviews"].extensions = {"batch": lambda _wanted: lambda _arguments: no_list}
    response = await asked.ask("{ me { name reviews { body } } }")
    assert response.data == {"me": {"name": "User 1", "reviews": None}}
    assert [error.extensions["code"] for error in response.errors] == ["INTERNAL"]


def no_list(_context: Any, _rows: Sequence[Row]) -> Any:
    return 5
