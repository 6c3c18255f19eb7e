"""Code generated for a projection does what the walked shapes do, for any data."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.execution.completion import Completion
from federation.execution.executor import Executor
from federation.execution.project import Projection
from federation.execution.response import Response
from federation.execution.sharing import Sharing
from federation.plan import OperationKind, QueryPlan
from tests.federation.plans import answering, fetch, operation

SCHEMA = build_schema("""
    type Query { user: User  pets: [Pet!]  names: [String!]!  any: Any  size: Int!  role: Role
      all: [Any!]!  sure: Any! }
    type User { id: ID!  name: String  boss: User!  friends: [User!]!  score: Float }
    interface Pet { id: ID!  name: String }
    type Cat implements Pet { id: ID!  name: String  lives: Int! }
    type Dog implements Pet { id: ID!  name: String  owner: User! }
    enum Role { ADMIN MEMBER }
    scalar Any
""")
QUERY = """
query ($yes: Boolean!) {
  kind: __typename  any  all  sure  role  names  size @include(if: $yes)
  user { __typename n: name id score boss { id name friends { name } } friends { id boss { id } } }
  pets { __typename id ... on Cat { lives } ... on Dog { name owner { id score } } }
}
"""
KEYS = ["__typename", "id", "n", "name", "boss", "friends", "lives", "owner", "score"]
ROOTS = ["any", "all", "sure", "role", "names", "size", "user", "pets"]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 3)
    | st.floats(allow_nan=False)
    | st.sampled_from(["Cat", "Dog", "User", "ADMIN", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=25,
)
DENIED = st.frozensets(
    st.sampled_from(["User.name", "User.id", "Cat.lives", "Dog.owner", "Query.any", "User.boss"]),
    max_size=2,
)


def project(
    data: dict[str, Any], denied: frozenset[str], *, yes: bool, is_hot: bool
) -> tuple[Any, Any]:
    projection = Projection(
        operation(QUERY),
        SCHEMA,
        denied=denied,
        truth={"yes": yes},
        sharing=Sharing() if is_hot else None,
    )
    completion = Completion((), is_authenticated=True)
    answer = projection.project(data, completion)
    return repr(answer), completion.errors


# Several test processes share few cores: slow generation says nothing about the code.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(ROOTS), JSON), DENIED, st.booleans())
def test_both_forms_of_a_shape_agree_on_any_data(
    data: dict[str, Any], denied: frozenset[str], yes: bool
) -> None:
    walked = project(data, denied, yes=yes, is_hot=False)
    assert project(data, denied, yes=yes, is_hot=True) == walked


@pytest.mark.parametrize("is_hot", [False, True])
def test_a_well_formed_answer_passes_whole(is_hot: bool) -> None:
    user: dict[str, Any] = {"id": "1", "name": None, "boss": None, "friends": []}
    boss = {"id": "2", "name": "b", "friends": [{"name": "f"}]}
    data = {
        "any": {"a": 1},
        "all": [1],
        "sure": False,
        "role": "ADMIN",
        "names": ["n"],
        "size": 3,
        "user": {**user, "n": "u", "score": 1, "boss": boss},
        "pets": [{"__typename": "Cat", "id": "3", "lives": 9, "secret": 1}],
    }
    answer, errors = project(data, frozenset(), yes=True, is_hot=is_hot)
    assert errors == []
    assert answer == repr(
        {
            "kind": "Query",
            "any": {"a": 1},
            "all": [1],
            "sure": False,
            "role": "ADMIN",
            "names": ["n"],
            "size": 3,
            "user": {
                "__typename": "User",
                "n": "u",
                "id": "1",
                "score": 1,
                "boss": boss,
                "friends": [],
            },
            "pets": [{"__typename": "Cat", "id": "3", "lives": 9}],
        }
    )


@pytest.mark.parametrize(
    ("text", "data", "expected"),
    [
        # Objects that hide their type, as those of interface objects do.
        ("{ pets { name } }", {"pets": [{"name": "n"}]}, {"pets": [{"name": "n"}]}),
        ("{ pets { __typename } }", {"pets": [{"name": "n"}]}, {"pets": None}),
        # A type that clients have no name for.
        ("{ pets { name } }", {"pets": [{"__typename": "Ant"}]}, {"pets": None}),
        # Introspection comes in its final shape.
        ("{ __schema { description } }", {"__schema": {"a": 1}}, {"__schema": {"a": 1}}),
        # Nothing of an object is asked for.
        ("{ user { __typename } }", {"user": {}}, {"user": {"__typename": "User"}}),
        ("{ user { __typename } }", {"user": "x"}, {"user": None}),
        ("{ user { id } }", {"user": "x"}, {"user": None}),
    ],
)
@pytest.mark.parametrize("is_hot", [False, True])
def test_rare_data_is_completed_all_the_same(
    text: str, data: dict[str, Any], expected: dict[str, Any], is_hot: bool
) -> None:
    sharing = Sharing() if is_hot else None
    projection = Projection(operation(text), SCHEMA, denied=frozenset(), truth={}, sharing=sharing)
    for _ in range(2):
        assert projection.project(data, Completion((), is_authenticated=True)) == expected


def test_an_operation_of_very_many_shapes_is_answered_without_code() -> None:
    text = "{ " + " ".join(f"a{number}: user {{ id }}" for number in range(150)) + " }"
    projection = Projection(
        operation(text), SCHEMA, denied=frozenset(), truth={}, sharing=Sharing()
    )
    data = {f"a{number}": {"id": "1", "secret": 1} for number in range(150)}
    for _ in range(2):
        completion = Completion((), is_authenticated=True)
        answer = projection.project(data, completion)
        assert answer == {f"a{number}": {"id": "1"} for number in range(150)}
        assert completion.errors == []


async def test_an_operation_answers_alike_however_often_it_is_used() -> None:
    data = {"user": {"id": "1", "n": "u", "boss": {"id": 2, "friends": None}}, "size": 1}
    executor = Executor(
        operation("{ size user { id n: name boss { id friends { id } } } }"),
        QueryPlan(OperationKind.QUERY, fetch("only", "{ user size }")),
        SCHEMA,
        {"Pet": frozenset({"Cat", "Dog"})},
    )
    answers = [await execute(executor, data) for _ in range(12)]
    assert answers == [answers[0]] * 12
    assert answers[0].data == {"size": 1, "user": None}
    assert [error.path for error in answers[0].errors] == [("user", "boss", "friends")]


async def execute(executor: Executor, data: dict[str, Any]) -> Response:
    subgraphs = {"only": answering("only", data)}
    return await executor.execute({}, subgraphs, context=None, is_authenticated=True)
