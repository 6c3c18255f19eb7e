"""Operations that ask for entities are answered as graphql-core answers them."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import pytest
from graphql import ExecutionResult, GraphQLSchema, GraphQLUnionType, build_schema, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.compiled.operation import CompiledOperation
from tests.federation.compiled.comparing import assert_equal, in_order, nulled, reference
from tests.harness.searching import search

SEARCH = search(200)
SDL = """
scalar _Any
union _Entity = Cat | Dog
type Cat { name: String! friend: Cat lives: Int }
type Dog { name: String }
type Query { _entities(representations: [_Any!]!): [_Entity]! }
"""
ASK = """query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename ... on Cat { name lives friend { name } } ... on Dog { name }
  }
}"""


class Cat(NamedTuple):
    name: Any
    lives: Any = 9
    friend: Any = None


class Dog(NamedTuple):
    name: Any


class Stranger(NamedTuple):
    name: str = "nobody"


FOUND = {
    "cat": Cat("Tom"),
    "cat with a friend": Cat("Tom", 9, Cat("Kit")),
    "cat with a friend without a name": Cat("Tom", 9, Cat(None)),
    "cat with a friend who failed": Cat("Tom", 9, ValueError("no friend")),
    "cat without a name": Cat(None),
    "cat of many lives": Cat("Tom", 2**40),
    "cat whose name is a number": Cat(7),
    "dog": Dog("Rex"),
    "dog without a name": Dog(None),
    "nothing": None,
    "error": ValueError("not found"),
    "stranger": Stranger(),
}
NAMES = {Cat: "Cat", Dog: "Dog"}


def type_of(value: Any) -> str | None:
    return NAMES.get(type(value))


def find(_context: Any, _roots: Any, representations: list[dict[str, Any]]) -> list[Any]:
    return [[FOUND[one["is"]] for one in representations]]


async def find_later(context: Any, roots: Any, representations: list[dict[str, Any]]) -> list[Any]:
    if any(one["is"] == "stranger" for one in representations):
        raise LookupError("Strangers are not looked for.")
    return find(context, roots, representations)


def schema(find: Any) -> GraphQLSchema:
    built = build_schema(SDL)
    entity = built.type_map["_Entity"]
    assert isinstance(entity, GraphQLUnionType)
    entity.extensions = {"type_of": type_of}
    entity.resolve_type = lambda value, _info, _type: type_of(value)
    assert built.query_type is not None
    field = built.query_type.fields["_entities"]
    field.extensions = {
        "batch": lambda _wanted: lambda arguments: partial(find, **arguments),
    }

    async def resolve(_root: Any, info: Any, representations: Any) -> Any:
        answered = find(info.context, [None], representations)
        (found,) = await answered if hasattr(answered, "__await__") else answered
        return found

    field.resolve = resolve
    for name in ("Cat", "Dog"):
        fields: dict[str, Any] = getattr(built.type_map[name], "fields")  # noqa: B009
        for key, each in fields.items():
            each.extensions = {"column": key}
    return built


SCHEMAS = {"at once": schema(find), "later": schema(find_later)}


@pytest.mark.timeout(SEARCH.seconds)
@settings(deadline=None, max_examples=SEARCH.examples)
@given(
    how=st.sampled_from(sorted(SCHEMAS)),
    names=st.lists(st.sampled_from(sorted(FOUND)), max_size=3),
)
async def test_whatever_is_found(how: str, names: list[str]) -> None:
    representations = [{"__typename": "Cat", "is": name} for name in names]
    await assert_equal(SCHEMAS[how], parse(ASK), {"representations": representations})


@pytest.mark.parametrize("how", sorted(SCHEMAS))
@pytest.mark.parametrize("name", sorted(FOUND))
async def test_types_that_were_met_before_are_answered_alike(how: str, name: str) -> None:
    operation = CompiledOperation(SCHEMAS[how], parse(ASK))
    met = await operation.execute({"representations": [{"is": "cat"}, {"is": "dog"}]}, None)
    assert met.errors is None
    for names in ([name], [name, name], [name, "dog"], []):
        variables: dict[str, Any] = {"representations": [{"is": each} for each in names]}
        expected = await reference(SCHEMAS[how], parse(ASK), variables)
        found = await operation.execute(variables, None)
        assert in_order(found.data) == in_order(expected.data)
        assert nulled(found) == nulled(expected)
        assert told(found) == told(expected)


def told(result: ExecutionResult) -> list[tuple[str, str]]:
    return sorted((error.message, str(error.path)) for error in result.errors or ())


@pytest.mark.parametrize("variables", [{}, {"representations": None}, {"representations": [None]}])
async def test_what_is_no_list_of_representations_is_refused(variables: dict[str, Any]) -> None:
    expected = await assert_equal(SCHEMAS["at once"], parse(ASK), variables)
    assert expected.data is None
    assert expected.errors
