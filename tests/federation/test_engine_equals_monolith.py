"""The federated shop answers as one schema with the same data would."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from graphql import (
    ExecutionResult,
    GraphQLObjectType,
    GraphQLSchema,
    build_ast_schema,
    execute,
    parse,
    validate,
)
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from federation.api_schema import api_document
from federation.engine import Engine
from federation.execution.response import Response
from federation.operation import Grants
from federation.supergraph import Supergraph
from federation.transport.http import HttpSubgraph
from federation.transport.in_process import InProcessSubgraph
from tests.federation import shop
from tests.federation.harness import serving
from tests.federation.queries import RandomOperation, operations

# The whole list is meant: cores are shared, and what is generated is filtered by validation.
LENIENT = list(HealthCheck)


@cache
def supergraph() -> Supergraph:
    return Supergraph.parse(shop.supergraph_sdl())


@cache
def monolith() -> GraphQLSchema:
    return shop.monolith(build_ast_schema(api_document(supergraph().document)))


@cache
def engine() -> Engine:
    cases = shop.subgraphs()
    return Engine(
        supergraph(), {case.name: InProcessSubgraph(case.name, case.schema()) for case in cases}
    )


async def ask(asked: Engine, operation: RandomOperation) -> Response:
    prepared = asked.prepare(operation.text)
    values = asked.coerce_variables(prepared, operation.variables)
    return await asked.execute(prepared, values, grants=Grants())


def whole(operation: RandomOperation, schema: GraphQLSchema | None = None) -> ExecutionResult:
    document = parse(operation.text)
    result = execute(schema or monolith(), document, variable_values=operation.variables)
    assert isinstance(result, ExecutionResult)
    return result


def assert_equal(response: Response, expected: ExecutionResult) -> None:
    assert response.data == expected.data
    assert in_order(response.data) == in_order(expected.data)
    assert bool(response.errors) == bool(expected.errors)


def in_order(value: Any) -> Any:
    """The value with its objects as lists, whose order counts."""
    if isinstance(value, dict):
        return [(key, in_order(item)) for key, item in value.items()]
    return [in_order(item) for item in value] if isinstance(value, list) else value


@settings(deadline=None, max_examples=200, suppress_health_check=LENIENT)
@given(st.deferred(lambda: operations(monolith())))
async def test_any_operation_has_the_same_data_in_the_same_order(
    operation: RandomOperation,
) -> None:
    assume(not validate(monolith(), parse(operation.text)))
    expected = whole(operation)
    event(f"errors: {bool(expected.errors)}")
    assert_equal(await ask(engine(), operation), expected)


@settings(deadline=None, max_examples=40, suppress_health_check=LENIENT)
@given(st.deferred(lambda: operations(monolith())))
async def test_an_operation_used_often_has_the_same_data_too(operation: RandomOperation) -> None:
    assume(not validate(monolith(), parse(operation.text)))
    expected = whole(operation)
    for _ in range(11):
        assert_equal(await ask(engine(), operation), expected)


COORDINATES = [
    "Query.me", "Query.reviews", "Query.media", "User.id", "User.email", "User.name", "User.cart",
    "User.reviews", "User.address", "Address.city", "Product.id", "Product.upc", "Product.price",
    "Product.maker", "Maker.code", "Product.shipping", "Product.reviews", "Book.id", "Book.title",
    "Film.title", "Book.sequel", "Review.id", "Review.author", "Review.body", "Review.subject",
]  # fmt: skip


MADE_FROM = {
    "User.delivery": {"User.address", "Address.city"},
    "Product.shipping": {"Product.price", "Product.weight"},
    "Product.origin": {"Product.maker", "Maker.country"},
}
"""Fields with `@requires`, which are refused together with what they are made from."""


@cache
def guarded_shop(denied: frozenset[str]) -> Supergraph:
    """The shop's supergraph with guards at some coordinates."""
    sdl = shop.supergraph_sdl()
    lines, owner = [], ""
    for line in sdl.splitlines():
        owner = line.split()[1] if line.startswith("type ") else owner
        name = line.strip().split("(")[0].split(":")[0]
        is_denied = line.startswith("  ") and f"{owner}.{name}" in denied
        lines.append(f"{line} @authenticated" if is_denied else line)
    text = "directive @authenticated on FIELD_DEFINITION\n" + "\n".join(lines)
    return Supergraph.parse(text)


@cache
def guarded(denied: frozenset[str]) -> Engine:
    """The shop's engine over a supergraph that guards some coordinates."""
    cases = shop.subgraphs()
    subgraphs = {case.name: InProcessSubgraph(case.name, case.schema()) for case in cases}
    return Engine(guarded_shop(denied), subgraphs)


@cache
def refusing(denied: frozenset[str]) -> GraphQLSchema:
    """The one schema, whose resolvers of these coordinates fail."""
    schema = shop.monolith(build_ast_schema(api_document(supergraph().document)))
    for coordinate in denied:
        type_name, _, field_name = coordinate.partition(".")
        type_ = schema.type_map[type_name]
        assert isinstance(type_, GraphQLObjectType)
        type_.fields[field_name].resolve = refuse
    return schema


def made_from(denied: frozenset[str]) -> set[str]:
    """What is refused because it is made from what is."""
    return {made for made, sources in MADE_FROM.items() if sources & denied}


def refuse(*_arguments: Any, **_values: Any) -> None:
    raise PermissionError("refused")


@settings(deadline=None, max_examples=100, suppress_health_check=LENIENT)
@given(
    st.deferred(lambda: operations(monolith())),
    st.sets(st.sampled_from(COORDINATES), min_size=1, max_size=3).map(frozenset),
)
async def test_denied_fields_read_as_if_their_resolvers_refused(
    operation: RandomOperation, denied: frozenset[str]
) -> None:
    assume(not validate(monolith(), parse(operation.text)))
    expected = whole(operation, refusing(denied | made_from(denied)))
    response = await ask(guarded(denied), operation)
    assert_equal(response, expected)


OPERATIONS = [
    "{ me { name cart { origin shipping inStock reviews { stars } } } }",
    "{ subjects { __typename ... on Book { review { author { email } } } ... on Node { id } } }",
    "{ reviews { author { name age delivery } product { name reserved } subject { __typename } } }",
    "{ reviews { id fragile } }",
    "{ media { ... on Book { prints sequel { review { fragile } } } ... on Film { minutes } } }",
]


@pytest.mark.parametrize("text", OPERATIONS)
async def test_it_is_the_same_over_http(text: str) -> None:
    operation = RandomOperation(text, {})
    schemas = {case.name: case.schema() for case in shop.subgraphs()}
    async with serving(schemas) as urls:
        remote = Engine(supergraph(), {name: HttpSubgraph(name, url) for name, url in urls.items()})
        response = await ask(remote, operation)
        await remote.aclose()
    assert_equal(response, whole(operation))


async def test_errors_stand_at_the_same_paths() -> None:
    text = "{ reviews { id fragile product { reserved id } } broken: reviews { fragile } }"
    operation = RandomOperation(text, {})
    expected = whole(operation)
    response = await ask(engine(), operation)
    assert_equal(response, expected)
    assert expected.errors is not None
    assert {error.path for error in response.errors} >= {
        tuple(error.path or ()) for error in expected.errors
    }
