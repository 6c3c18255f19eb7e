from __future__ import annotations

from graphql import build_client_schema, build_schema, get_introspection_query, print_schema

from federation.introspection import Introspection
from tests.federation.plans import operation

SDL = """type Query {
  me: User
}

type User {
  id: ID!
}"""
SCHEMA = build_schema(SDL)


def test_an_operation_without_introspection_has_none() -> None:
    introspection = Introspection(operation("{ __typename me { __typename id } }"), SCHEMA)
    assert introspection.keys == ()
    assert introspection.answer({}) == {}


def test_introspection_answers_under_the_clients_keys() -> None:
    query = """query($name: String!) { me { id } ...Meta
            t: __type(name: $name) { name fields { name } } }
        fragment Meta on Query { schema: __schema { queryType { ...Name } } }
        fragment Name on __Type { name }"""
    introspection = Introspection(operation(query), SCHEMA)
    assert introspection.keys == ("schema", "t")
    assert introspection.answer({"name": "User"}) == {
        "schema": {"queryType": {"name": "Query"}},
        "t": {"name": "User", "fields": [{"name": "id"}]},
    }
    assert introspection.answer({"name": "Nobody"})["t"] is None


def test_the_whole_schema_can_be_rebuilt_from_its_introspection() -> None:
    introspection = Introspection(operation(get_introspection_query()), SCHEMA)
    answer = introspection.answer({})
    rebuilt = build_client_schema(answer)  # type: ignore[arg-type] # a TypedDict of the same form
    assert print_schema(rebuilt) == SDL


def test_a_constant_introspection_is_computed_once() -> None:
    introspection = Introspection(operation("{ __schema { queryType { name } } }"), SCHEMA)
    assert introspection.answer({}) is introspection.answer({})


def test_conditions_hold_for_introspection_too() -> None:
    query = "query($on: Boolean!) { __schema @include(if: $on) { queryType { name } } }"
    introspection = Introspection(operation(query), SCHEMA)
    assert introspection.keys == ("__schema",)
    assert introspection.answer({"on": False}) == {}
