from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.execution.response import Response
from tests.federation.plans import answering, fetch, run, shape

SCHEMA = """
    type Query { user: User  must: User!  pet: Pet  being: Being  node: Node  matrix: [[Int!]]
                 pets: [Pet!]  names: [String!]!  role: Role  roles: [Role]  any: Any
                 int: Int  float: Float  string: String  boolean: Boolean  id: ID }
    type Mutation { rename: User }
    type User implements Node { id: ID!  name: String  email: String!  friend: User  boss: User! }
    interface Node { id: ID! }
    interface Pet implements Node { id: ID!  name: String }
    type Cat implements Pet & Node { id: ID!  name: String  lives: Int }
    type Dog implements Pet & Node { id: ID!  name: String  tricks: [String!] }
    union Being = User | Cat
    enum Role { ADMIN MEMBER }
    scalar Any
"""


def paths(response: Response) -> list[tuple[str | int, ...] | None]:
    return [error.path for error in response.errors]


async def test_keys_stand_in_the_order_of_the_selection() -> None:
    user = {"email": "e", "name": "n", "id": "1"}
    query = "{ user { ...F id } } fragment F on User { name ... { mail: email } }"
    response = await shape(SCHEMA, query, {"user": {**user, "mail": "e"}})
    assert response.data is not None
    assert list(response.data["user"].items()) == [("name", "n"), ("mail", "e"), ("id", "1")]


async def test_fields_with_one_key_merge_their_selections() -> None:
    query = (
        "{ user { friend { id } friend { name } ...F } } fragment F on User { friend { email } }"
    )
    friend = {"id": "1", "name": "n", "email": "e"}
    response = await shape(SCHEMA, query, {"user": {"friend": friend}})
    assert response.data == {"user": {"friend": friend}}


async def test_what_the_client_did_not_select_is_left_out() -> None:
    data = {"user": {"__typename": "User", "id": "1", "secret": "x"}}
    assert (await shape(SCHEMA, "{ user { id } }", data)).data == {"user": {"id": "1"}}


async def test_typename_is_the_runtime_type_under_any_alias() -> None:
    query = (
        "{ __typename user { kind: __typename } pet { __typename ... on Node { n: __typename } } }"
    )
    response = await shape(SCHEMA, query, {"user": {"id": "1"}, "pet": {"__typename": "Dog"}})
    assert response.data == {
        "__typename": "Query",
        "user": {"kind": "User"},
        "pet": {"__typename": "Dog", "n": "Dog"},
    }


async def test_fragments_apply_by_runtime_type() -> None:
    query = """{ pets { ... on Cat { lives } ... on Dog { tricks } ... on Node { id }
                        ... on Pet { name } ... on User { email } } }"""
    pets = [
        {"__typename": "Cat", "id": "1", "name": "Tom", "lives": 9, "tricks": ["no"]},
        {"__typename": "Dog", "id": "2", "name": "Rex", "tricks": ["sit"]},
    ]
    response = await shape(SCHEMA, query, {"pets": pets})
    assert response.data == {
        "pets": [
            {"lives": 9, "id": "1", "name": "Tom"},
            {"tricks": ["sit"], "id": "2", "name": "Rex"},
        ]
    }


async def test_one_key_may_stand_for_different_fields_of_different_types() -> None:
    query = "{ being { ... on User { x: email } ... on Cat { x: lives } } }"
    for being, value in (
        ({"__typename": "User", "x": "e"}, "e"),
        ({"__typename": "Cat", "x": 9}, 9),
    ):
        response = await shape(SCHEMA, query, {"being": being})
        assert response.data == {"being": {"x": value}}


@pytest.mark.parametrize("is_on", [True, False])
async def test_conditions_are_decided_by_variables(is_on: bool) -> None:
    query = """query($on: Boolean!) { user { id  name @include(if: $on)  email @skip(if: $on)
        ... @include(if: $on) { friend { id } }  ...F @skip(if: $on) } }
        fragment F on User { boss { id } }"""
    user = {"id": "1", "name": "n", "email": "e", "friend": {"id": "2"}, "boss": {"id": "3"}}
    response = await shape(SCHEMA, query, {"user": user}, variables={"on": is_on})
    expected = ["id", "name", "friend"] if is_on else ["id", "email", "boss"]
    assert response.data is not None
    assert list(response.data["user"]) == expected


async def test_literal_conditions_are_decided_too() -> None:
    query = "{ user { id @skip(if: false)  name @include(if: false)  email @skip(if: true) } }"
    response = await shape(SCHEMA, query, {"user": {"id": "1", "name": "n", "email": "e"}})
    assert response.data == {"user": {"id": "1"}}


async def test_missing_reads_as_null() -> None:
    response = await shape(SCHEMA, "{ user { name friend { id } } int }", {"user": {}})
    assert response.data == {"user": {"name": None, "friend": None}, "int": None}
    assert response.errors == ()


async def test_null_in_a_non_null_position_bubbles_to_the_nearest_nullable_one() -> None:
    query = "{ user { friend { id email } name } }"
    response = await shape(SCHEMA, query, {"user": {"friend": {"id": "1"}, "name": "n"}})
    assert response.data == {"user": {"friend": None, "name": "n"}}
    [error] = response.errors
    assert error.message == "Cannot return null for non-nullable field User.email."
    assert error.path == ("user", "friend", "email")


async def test_null_bubbles_through_non_null_parents_with_one_error() -> None:
    query = "{ user { boss { boss { email id } } } }"
    response = await shape(SCHEMA, query, {"user": {"boss": {"boss": {"id": "1"}}}})
    assert response.data == {"user": None}
    assert paths(response) == [("user", "boss", "boss", "email")]


async def test_null_may_reach_the_root() -> None:
    response = await shape(SCHEMA, "{ must { id } int }", {"must": None, "int": 1})
    assert response.data is None
    assert paths(response) == [("must",)]


async def test_lists_keep_nulls_where_items_may_be_null() -> None:
    response = await shape(SCHEMA, "{ matrix }", {"matrix": [[1], None, [2, 3]]})
    assert response.data == {"matrix": [[1], None, [2, 3]]}


async def test_a_null_item_spoils_a_list_of_non_null_items() -> None:
    response = await shape(SCHEMA, "{ matrix }", {"matrix": [[1], [2, None]]})
    assert response.data == {"matrix": [[1], None]}
    assert paths(response) == [("matrix", 1, 1)]
    response = await shape(SCHEMA, "{ names }", {"names": ["a", None]})
    assert response.data is None
    assert paths(response) == [("names", 1)]


WRONG: list[tuple[str, Any]] = [
    ("user { id }", "x"),
    ("user { id }", [{}]),
    ("pet { id }", 5),
    ("pet { id }", {"__typename": "User", "id": "1"}),
    ("pet { id }", {"__typename": 7, "id": "1"}),
    ("pet { id }", {"__typename": "Role", "id": "1"}),
    ("pets { id }", {"__typename": "Cat"}),
    ("role", "OWNER"),
    ("role", 1),
    ("role", ["ADMIN"]),
    ("int", "1"),
    ("int", True),
    ("int", 1.5),
    ("float", "1"),
    ("string", 1),
    ("boolean", 1),
    ("id", 1.5),
    ("id", True),
    ("matrix", 3),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
async def test_a_value_of_the_wrong_type_is_null_with_an_error(field: str, value: Any) -> None:
    key = field.split(maxsplit=1)[0]
    plan = fetch("only", "{ " + key + " }")
    response = await run(SCHEMA, "{ " + field + " }", plan, answering("only", {key: value}))
    assert response.data == {key: None}
    [error] = response.errors
    assert error.message == f"The value of Query.{key} does not fit its type."
    assert error.path == (key,)
    assert error.extensions == {"code": "UPSTREAM_ERROR"}


async def test_leaf_values_pass_as_they_are() -> None:
    values = {
        "int": 1,
        "float": 2,
        "string": "s",
        "boolean": False,
        "role": "ADMIN",
        "any": {"a": [1]},
    }
    response = await shape(SCHEMA, "{ " + " ".join(values) + " }", values)
    assert response.data == values


async def test_a_denied_mutation_may_not_be_called() -> None:
    response = await run(
        SCHEMA, "mutation { rename { id } }", None, denied=frozenset({"Mutation.rename"})
    )
    assert response.data == {"rename": None}
    assert [error.message for error in response.errors] == ["You may not call Mutation.rename."]


class Text(str):
    """As scalars of in-process schemas may make them."""

    __slots__ = ()


async def test_a_subclass_is_still_a_value_of_its_type() -> None:
    values = {"string": Text("s"), "id": Text("i"), "role": Text("ADMIN")}
    assert (await shape(SCHEMA, "{ string id role }", values)).data == values


async def test_a_number_as_id_becomes_text() -> None:
    assert (await shape(SCHEMA, "{ id }", {"id": 7})).data == {"id": "7"}


async def test_an_object_of_a_type_the_schema_hides_is_null_without_an_error() -> None:
    response = await shape(SCHEMA, "{ pet { id } }", {"pet": {"__typename": "Ghost", "id": "1"}})
    assert response.data == {"pet": None}
    assert response.errors == ()


async def test_what_a_type_should_have_of_its_interface_is_null() -> None:
    schema = """
        type Query { node: Node }
        interface Node { id: ID }
        type Thing implements Node { name: String }
    """
    data = {"node": {"__typename": "Thing", "id": "1"}}
    response = await shape(schema, "{ node { __typename id } }", data)
    assert response.data == {"node": {"__typename": "Thing", "id": None}}


@pytest.mark.parametrize("typename", [{}, {"__typename": "Pet"}, {"__typename": "Node"}])
async def test_an_object_that_hides_its_type_has_the_fields_of_the_abstract_type(
    typename: dict[str, str],
) -> None:
    query = "{ pet { id ... on Cat { lives } ... on Node { i: id } } }"
    response = await shape(SCHEMA, query, {"pet": {**typename, "id": "1", "i": "1", "lives": 9}})
    assert response.data == {"pet": {"id": "1", "i": "1"}}
    response = await shape(SCHEMA, "{ pet { __typename id } }", {"pet": {**typename, "id": "1"}})
    assert response.data == {"pet": None}
    assert paths(response) == [("pet", "__typename")]


async def test_a_denied_field_is_null_with_one_error_for_each_position() -> None:
    data = {
        "pets": [{"__typename": "Cat", "id": "1", "name": "x"}, {"__typename": "Dog", "id": "2"}]
    }
    response = await shape(
        SCHEMA, "{ pets { id name } }", data, denied=frozenset({"Cat.name", "Dog.name"})
    )
    assert response.data == {"pets": [{"id": "1", "name": None}, {"id": "2", "name": None}]}
    assert [error.formatted() for error in response.errors] == [
        {
            "message": f"You may not read {name}.name.",
            "path": ["pets", index, "name"],
            "extensions": {"code": "FORBIDDEN"},
        }
        for index, name in enumerate(["Cat", "Dog"])
    ]


async def test_a_denial_concerns_the_concrete_type_only() -> None:
    data = {"pets": [{"__typename": "Cat", "name": "x"}, {"__typename": "Dog", "name": "y"}]}
    response = await shape(SCHEMA, "{ pets { name } }", data, denied=frozenset({"Cat.name"}))
    assert response.data == {"pets": [{"name": None}, {"name": "y"}]}


async def test_a_field_denied_for_one_type_is_denied_where_the_type_is_hidden() -> None:
    response = await shape(
        SCHEMA, "{ pet { name } }", {"pet": {"name": "x"}}, denied=frozenset({"Cat.name"})
    )
    assert response.data == {"pet": {"name": None}}
    assert paths(response) == [("pet", "name")]


async def test_a_denied_non_null_field_bubbles_with_one_error() -> None:
    response = await shape(
        SCHEMA,
        "{ user { boss { id email } } }",
        {"user": {"boss": {"id": "1", "email": "e"}}},
        denied=frozenset({"User.id", "User.email"}),
    )
    assert response.data == {"user": None}
    assert paths(response) == [("user", "boss", "id")]


async def test_nobody_is_told_to_sign_in() -> None:
    response = await shape(
        SCHEMA, "{ int }", {"int": 1}, denied=frozenset({"Query.int"}), is_authenticated=False
    )
    assert response.data == {"int": None}
    assert response.errors[0].extensions == {"code": "UNAUTHENTICATED"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just("Cat"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["__typename", "id", "name", "lives", "user", "pets", "names", "boss"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


# Several test processes share few cores: slow generation says nothing about the code.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["user", "pets", "names", "pet", "role", "matrix"]), JSON))
async def test_no_answer_of_a_subgraph_crashes_or_breaks_the_types(data: dict[str, Any]) -> None:
    query = """{ user { id name boss { name } } pets { __typename id ... on Cat { lives } }
                 names pet { name } role matrix }"""
    text = "{ user pets names pet role matrix }"
    response = await run(SCHEMA, query, fetch("only", text), answering("only", data))
    if response.data is None:
        assert response.errors
        return
    for pet in response.data["pets"] or ():
        assert pet["__typename"] in {"Cat", "Dog"}
        assert isinstance(pet["id"], str)
    assert all(isinstance(name, str) for name in response.data["names"])
