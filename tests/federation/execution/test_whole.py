from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema

from federation.execution.comparing import Path
from federation.execution.selections import Selections
from federation.execution.whole import Exactness, Whole, WholeParts
from federation.plan import (
    Condition,
    ContextSource,
    ContextValue,
    Fetch,
    Flatten,
    OperationKind,
    Parallel,
    PathSegment,
    PlanNode,
    Rename,
    RequiredField,
    RequiredType,
    Sequence,
)
from tests.federation.plans import at, entity_fetch, fetch, operation

SCHEMA = """
    type Query { me: User  users(first: Int, of: [Int]): [User!]  pets: [Pet]  count: Int }
    type Mutation { rename: User }
    type Subscription { renamed: User }
    type User { id: ID!  name: String  mood: Mood  friends: [User!]  boss: User  pet: Pet }
    enum Mood { GOOD BAD }
    interface Pet { id: ID!  owner: User }
    type Cat implements Pet { id: ID!  owner: User  lives: Int }
    type Dog implements Pet { id: ID!  owner: User  tricks: Int }
"""


def found(
    query: str,
    plan: PlanNode | None,
    *,
    exact: tuple[str, ...] = ("a", "b"),
    opaque: tuple[str, ...] = (),
    denied: tuple[str, ...] = (),
    **truth: bool,
) -> Whole:
    """The whole parts of a query with a plan."""
    schema, asked = build_schema(SCHEMA), operation(query)
    exactness = Exactness(frozenset(exact), frozenset(opaque))
    selections = Selections(asked, schema, denied=frozenset(denied), truth=truth)
    return WholeParts(asked, plan, schema, exactness).find(selections, truth)


def dotted(paths: frozenset[Path]) -> set[str]:
    return {".".join(path) for path in paths}


def whole(query: str, plan: Fetch, **options: Any) -> set[str]:
    """The whole paths of a plan of one fetch."""
    return dotted(found(query, plan, **options).paths.get(id(plan), frozenset()))


SAME = [
    "{ me { id name } }",
    "{ me { n: name id } }",
    "{ users(first: 3, of: [1, 2]) { friends { friends { id } } } }",
    "{ me { __typename boss { __typename id } } }",
    "{ pets { __typename id ... on Cat { lives } ... on Dog { tricks } } }",
    "{ pets { id owner { id } } }",
    "mutation { rename { id } }",
]


@pytest.mark.parametrize("text", SAME)
def test_a_fetch_that_asks_what_the_client_asks_is_everything(text: str) -> None:
    only = fetch("a", text)
    answer = found(text, only)
    assert answer.is_everything
    assert len(answer.paths[id(only)]) == 1


DIFFERENT = [
    ("{ me { id name } }", "{ me { name id } }", "in another order"),
    ("{ me { id } }", "{ me { __typename id } }", "more"),
    ("{ me { id name } }", "{ me { id } }", "less"),
    ("{ me { n: name } }", "{ me { name } }", "under another key"),
    ("{ me { name: id } }", "{ me { name } }", "another field under the key"),
    ("{ users(first: 1) { id } }", "{ users(first: 2) { id } }", "with another argument"),
    ("{ users { id } }", "{ users(first: 2) { id } }", "with an argument"),
    ("{ pets { id } }", "{ pets { ... on Cat { id } } }", "of some types only"),
    ("{ pets { id } }", "{ pets { id ... on Hidden { secret } } }", "of a hidden type"),
    ("{ pets { id } }", "{ pets { id ... on Pet { owner { id } } } }", "of an abstract type"),
]


@pytest.mark.parametrize(
    ("query", "asked"), [case[:2] for case in DIFFERENT], ids=[case[2] for case in DIFFERENT]
)
def test_nothing_is_whole_where_the_fetch_asks(query: str, asked: str) -> None:
    only = fetch("a", asked)
    answer = found(query, only)
    assert answer.paths[id(only)] == frozenset()
    assert not answer.is_everything


def test_fragments_make_no_difference() -> None:
    query = "{ me { ...Named ... { boss { ...Named } } } } fragment Named on User { id name }"
    assert whole(query, fetch("a", "{ me { id name boss { id name } } }")) == {"me"}


def test_the_outermost_whole_fields_are_told() -> None:
    query = "{ me { name boss { id } friends { id pet { id } } } }"
    asked = "{ me { name boss { id } friends { id __typename pet { id } } } }"
    assert whole(query, fetch("a", asked)) == {"me.boss", "me.friends.pet"}


def test_leaves_are_not_told() -> None:
    only = fetch("a", "{ count }")
    assert whole("{ count }", only) == set()
    assert found("{ count }", only).is_everything


def test_introspection_is_answered_by_nobody() -> None:
    only = fetch("a", "{ me { id } }")
    answer = found("{ me { id } __schema { types { name } } }", only)
    assert dotted(answer.paths[id(only)]) == {"me"}
    assert not answer.is_everything


def test_subgraphs_that_are_not_exact_answer_nothing_whole() -> None:
    only = fetch("remote", "{ me { id } }")
    assert found("{ me { id } }", only) == Whole({}, found("{ count }", None).places)


def test_what_is_denied_is_in_nothing_whole() -> None:
    text = "{ me { id name boss { id } } }"
    assert whole(text, fetch("a", text), denied=("User.name",)) == {"me.boss"}
    pets = "{ pets { id owner { id } } }"
    assert whole(pets, fetch("a", pets), denied=("Dog.owner",)) == set()


def test_what_may_have_no_name_is_in_nothing_whole() -> None:
    text = "{ me { mood pet { id } boss { id } } }"
    assert whole(text, fetch("a", text), opaque=("Mood",)) == {"me.pet", "me.boss"}
    assert whole(text, fetch("a", text), opaque=("Pet",)) == {"me.boss"}


@pytest.mark.parametrize(("truth", "expected"), [(True, {"me"}), (False, {"me"})])
def test_conditions_are_compared_by_their_value(truth: bool, expected: set[str]) -> None:
    query = "query($a: Boolean!) { me { id ... @include(if: $a) { boss { id } } } }"
    asked = "query($a: Boolean!) { me { id boss @include(if: $a) { id } } }"
    assert whole(query, fetch("a", asked), a=truth) == expected


def test_a_field_that_only_the_fetch_leaves_out_is_not_whole() -> None:
    query = "query($a: Boolean!) { me { id boss { id } } }"
    asked = "query($a: Boolean!) { me { id boss @include(if: $a) { id } } }"
    assert whole(query, fetch("a", asked), a=True) == {"me"}
    assert whole(query, fetch("a", asked), a=False) == set()


def test_what_two_fetches_answer_is_not_whole() -> None:
    first = fetch("a", "{ me { id boss { id } } users { id } }")
    second = fetch("b", "{ me { boss { name } } }")
    query = "{ me { id boss { id name } } users { id } }"
    answer = found(query, Parallel((first, second)))
    assert dotted(answer.paths[id(first)]) == {"users"}
    assert answer.paths[id(second)] == frozenset()
    assert not answer.is_everything


def test_each_of_several_fetches_has_its_whole_parts() -> None:
    first, second = fetch("a", "{ me { boss { id } } }"), fetch("b", "{ me { pet { id } } }")
    answer = found("{ me { boss { id } pet { id } } }", Parallel((first, second)))
    assert dotted(answer.paths[id(first)]) == {"me.boss"}
    assert dotted(answer.paths[id(second)]) == {"me.pet"}
    assert answer.places.at("me").at("pet").is_whole
    assert not answer.places.at("me").is_whole


QUERY = "{ me { id friends { name boss { id } } pet { id } } }"
ASKED = "{ me { id friends { __typename id } pet { id } } }"


def test_entities_have_whole_fields_and_where_they_go_is_not_whole() -> None:
    first, second = fetch("a", ASKED), entity_fetch("b", "User", "name boss { id }")
    answer = found(QUERY, Sequence((first, at("me.friends", second))))
    assert dotted(answer.paths[id(first)]) == {"me.pet"}
    assert dotted(answer.paths[id(second)]) == {"_entities.boss"}
    assert answer.places.at("me").at("friends").at("boss").is_whole


def test_what_a_representation_reads_is_not_whole() -> None:
    first = fetch("a", "{ me { boss { id } pet { id } } }")
    fields = RequiredField("boss", "boss", (RequiredField("id", "id"),))
    second = fetch(
        "b",
        "query($representations: [_Any!]!) { _entities(representations: $representations) "
        "{ ... on User { friends { id } } } }",
        RequiredType("User", (RequiredType("User", (fields,)),)),
    )
    query = "{ me { boss { id } pet { id } friends { id } } }"
    answer = found(query, Sequence((first, at("me", second))))
    assert dotted(answer.paths[id(first)]) == {"me.pet"}
    assert dotted(answer.paths[id(second)]) == {"_entities.friends"}


def test_what_a_context_reads_is_not_whole() -> None:
    first = fetch("a", "{ me { boss { name } pet { id } friends { __typename id } } }")
    source = ContextSource(
        1, None, (RequiredField("boss", "boss", (RequiredField("name", "name"),)),)
    )
    second = entity_fetch("b", "User", "pet { id }")
    second = Fetch(
        second.subgraph, second.kind, second.operation, second.document, (), second.requires, (),
        contexts=(ContextValue("c", "String", (source,)),),
    )  # fmt: skip
    query = "{ me { boss { name } pet { id } friends { pet { id } } } }"
    answer = found(query, Sequence((first, at("me.friends", second))))
    assert dotted(answer.paths[id(first)]) == {"me.pet"}
    assert id(second) not in answer.paths


def test_a_fetch_for_several_places_is_whole_where_it_is_at_all() -> None:
    second = entity_fetch("b", "User", "boss { id } pet { id }")
    paths = [(PathSegment("me"),), (PathSegment("users"),)]
    node = Flatten(paths[0], second, (paths[1],))
    query = "{ me { boss { id } pet { id } } users { boss { id } pet { id name: id } } }"
    first = fetch("a", "{ me { __typename id } users { __typename id } }")
    answer = found(query, Sequence((first, node)))
    assert dotted(answer.paths[id(second)]) == {"_entities.boss"}


@pytest.mark.parametrize("path", ["pets", "me.nothing", "count"])
def test_objects_of_no_one_type_have_nothing_whole(path: str) -> None:
    second = entity_fetch("b", "Cat", "owner { id }")
    query = "{ pets { ... on Cat { owner { id } } } count me { id } }"
    answer = found(query, at(path, second))
    assert answer.paths[id(second)] == frozenset()


def test_the_query_root_asked_again_has_whole_fields() -> None:
    again = fetch("b", "{ me { id } }")
    node = Flatten((PathSegment("rename"),), again)
    answer = found("mutation { rename { boss { id } } }", node)
    assert answer.paths[id(again)] == frozenset()


def test_renamed_keys_leave_nothing_whole() -> None:
    renamed = fetch("a", "{ x: me { id } }", renames=(Rename((), None, "x", "me"),))
    assert found("{ me { id } }", renamed).paths == {}


def test_a_renamed_key_counts_as_answered_where_it_ends() -> None:
    renamed = fetch("b", "{ x: me { id } }", renames=(Rename((), None, "x", "me"),))
    first = fetch("a", "{ me { id } }")
    answer = found("{ me { id } }", Parallel((first, renamed)))
    assert answer.paths[id(first)] == frozenset()


def test_fetches_under_conditions_of_the_plan_count_too() -> None:
    first, second = fetch("a", "{ me { id } }"), fetch("b", "{ me { id } }")
    node = Condition("a", first, second)
    answer = found("query($a: Boolean!) { me { id } }", node, a=True)
    assert answer.paths[id(first)] == frozenset()


def test_events_have_nothing_whole() -> None:
    trigger = Fetch("a", OperationKind.SUBSCRIPTION, *_parsed("subscription { renamed { id } }"))
    assert found("subscription { renamed { id } }", trigger).paths == {}


def _parsed(text: str) -> tuple[Any, ...]:
    made = fetch("a", text)
    return made.operation, made.document, (), (), ()


def test_very_many_possibilities_are_not_looked_through() -> None:
    text = "id"
    for _ in range(12):
        text = f"id owner {{ pet {{ {text} }} }}"
    text = f"{{ pets {{ {text} }} }}"
    assert whole(text, fetch("a", text)) == set()
