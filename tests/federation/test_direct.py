"""What one host answers at once is what the plan would have answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any

import orjson
import pytest
from graphql import (
    GraphQLSchema,
    ast_from_value,
    build_ast_schema,
    graphql_sync,
    is_composite_type,
    parse,
    print_ast,
    validate,
)
from graphql import get_named_type as named
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from federation.operation import Grants
from federation.supergraph import Supergraph
from federation.written import Written
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

Answer = Callable[[Any], Awaitable[Written | None]]


class Unable(Exception):  # noqa: N818 - the test's word
    """Raised for what the host cannot answer."""


class Host:
    """Answers root fields of the shop from one schema, and counts what it answers."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self.answered = 0
        self.moves: set[str] = set()

    def attach(self, schema: GraphQLSchema) -> None:
        assert schema.query_type is not None
        for name, field in schema.query_type.fields.items():
            if not name.startswith("_"):
                prepare = self._preparing(name, field.args)
                field.extensions = {**(field.extensions or {}), "direct": prepare}

    def _preparing(self, name: str, args: Mapping[str, Any]) -> Callable[[Any], Any]:
        def prepare(wanted: Any) -> Callable[[Mapping[str, Any]], Answer] | None:
            try:
                selection = self._selection(wanted)
            except Unable:
                return None

            def bind(arguments: Mapping[str, Any]) -> Answer:
                text = f"{{ {name}{_printed(args, arguments)} {selection} }}"

                async def answer(_context: Any) -> Written | None:
                    return self._answer(text, name)

                return answer

            return bind

        return prepare

    def _answer(self, text: str, name: str) -> Written | None:
        result = graphql_sync(self.schema, text)
        if result.errors or result.data is None:
            return None
        self.answered += 1
        return Written(orjson.dumps(result.data[name]))

    def _selection(self, wanted: Any) -> str:
        parts = [self._field(asked) for asked in wanted.fields]
        return f"{{ {' '.join(parts)} }}" if parts else ""

    def _field(self, asked: Any) -> str:
        if asked.arguments is None:
            raise Unable
        if asked.move is not None:
            assert asked.field is asked.move.there.fields[asked.name]
            self.moves.add(f"{asked.type_name}.{asked.name}")
        below = self._selection(asked.wanted)
        if not below and is_composite_type(named(asked.field.type)):
            raise Unable
        return f"{asked.key}: {asked.name}{_printed(asked.field.args, asked.arguments)} {below}"


def _printed(args: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    nodes = ((name, ast_from_value(value, args[name].type)) for name, value in values.items())
    given = [f"{name}: {print_ast(node)}" for name, node in nodes if node is not None]
    return f"({', '.join(given)})" if given else ""


class Shop(LocalShop):
    """The engine over the shop's subgraphs, whose host answers for all of them."""

    def __init__(self, graph: Supergraph, schema: GraphQLSchema) -> None:
        super().__init__(graph)
        self.host = Host(schema)
        for each in self.subgraphs.values():
            self.host.attach(each.schema)


@cache
def open_shop() -> Shop:
    return Shop(supergraph(), monolith())


@settings(deadline=None, max_examples=200, suppress_health_check=LENIENT)
@given(st.deferred(lambda: operations(monolith())))
async def test_any_operation_answers_the_same(operation: RandomOperation) -> None:
    assume(not validate(monolith(), parse(operation.text)))
    before = open_shop().host.answered
    response = await open_shop().ask(operation.text, operation.variables)
    event(f"direct: {open_shop().host.answered > before}")
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
    guarded = Shop(guarded_shop(denied), monolith())
    response = await guarded.ask(operation.text, operation.variables)
    assert_equal(response, whole(operation, refusing(denied | made_from(denied))))


async def test_an_operation_over_several_subgraphs_takes_no_plan() -> None:
    asked = Shop(supergraph(), monolith())
    response = await asked.ask("{ me { email reviews { body } } kind: __typename }")
    assert response.errors == ()
    assert asked.planned == 0
    assert asked.host.moves == {"User.reviews"}
    assert list(response.data or ()) == ["me", "kind"]


async def test_arguments_at_the_root_may_be_variables() -> None:
    asked = Shop(supergraph(), monolith())
    text = "query ($id: ID!) { user(id: $id) { name reviews { body } } }"
    first, second = [await asked.ask(text, {"id": id}) for id in ("u1", "u2")]
    assert first.data != second.data
    assert (asked.host.answered, asked.planned) == (2, 0)


async def test_conditions_decide_what_is_asked() -> None:
    asked = Shop(supergraph(), monolith())
    text = "query ($all: Boolean!) { me { name reviews @include(if: $all) { body } } }"
    answers = [(await asked.ask(text, {"all": value})).data or {} for value in (False, True)]
    assert [list(answer["me"]) for answer in answers] == [["name"], ["name", "reviews"]]
    assert (asked.host.answered, asked.planned) == (2, 0)


@pytest.mark.parametrize(
    "text",
    [
        "{ me { email } __schema { queryType { name } } }",
        "{ me { reviews { fragile } } }",
        "query ($stars: Int) { me { reviews(stars: $stars) { body } } }",
        '{ node(id: "1") { id } }',
    ],
    ids=["introspection", "what fails", "arguments below that vary", "an interface"],
)
async def test_what_the_host_does_not_answer_takes_its_plan(text: str) -> None:
    asked = Shop(supergraph(), monolith())
    assert_equal(await asked.ask(text), whole(RandomOperation(text, {})))
    assert asked.planned > 0


async def test_what_another_process_answers_takes_its_plan() -> None:
    asked = Shop(supergraph(), monolith())
    asked.move_away("reviews")
    response = await asked.ask("{ me { name reviews { body } } }")
    assert_equal(response, whole(RandomOperation("{ me { name reviews { body } } }", {})))
    assert asked.planned > 0
    assert asked.host.answered == 0
    await asked.ask("{ me { name } }")
    assert asked.host.answered == 1


async def test_arguments_that_the_host_refuses_are_left_to_the_plan() -> None:
    asked = Shop(supergraph(), monolith())
    for each in asked.subgraphs.values():
        assert each.schema.query_type is not None
        for field in each.schema.query_type.fields.values():
            field.extensions = {**(field.extensions or {}), "direct": lambda _wanted: refused}
    text = '{ user(id: "u1") { name } }'
    assert_equal(await asked.ask(text), whole(RandomOperation(text, {})))
    assert asked.planned == 1


def refused(_arguments: Mapping[str, Any]) -> Answer:
    raise ValueError("no such id")


async def test_a_name_of_the_root_alone_is_plain() -> None:
    asked = Shop(supergraph(), monolith())
    text = "query ($no: Boolean!) { __typename me @include(if: $no) { name } }"
    prepared = asked.engine.prepare(text)
    response = await asked.engine.execute(prepared, {"no": False}, grants=Grants())
    assert response.data == {"__typename": "Query"}


async def test_when_the_host_breaks_down_the_plan_is_run() -> None:
    asked = Shop(supergraph(), monolith())
    asked.host.schema = build_ast_schema(parse("type Query { me: String }"))
    response = await asked.ask("{ me { name } }")
    assert_equal(response, whole(RandomOperation("{ me { name } }", {})))
    assert asked.planned == 1


async def test_a_long_operation_is_left_to_the_plan() -> None:
    asked = Shop(supergraph(), monolith())
    fields = " ".join(f"n{number}: name" for number in range(250))
    response = await asked.ask(f"{{ me {{ {fields} }} }}")
    assert len((response.data or {})["me"]) == 250
    assert asked.host.answered == 0
