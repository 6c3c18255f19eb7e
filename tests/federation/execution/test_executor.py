from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from federation.plan import Condition, Parallel, PathSegment, Rename, Sequence
from federation.subgraph import SubgraphError, SubgraphRequest, SubgraphResponse
from tests.federation.plans import (
    ScriptedSubgraph,
    answering,
    at,
    entities_by,
    entity_fetch,
    fetch,
    run,
)

SCHEMA = """
    type Query { me: User  users: [User]  groups: [Group!]  pets: [Pet]  count: Int  other: Int }
    type User { id: ID!  name: String  email: String!  friends: [User] }
    type Group { members: [[User]] }
    interface Pet { id: ID! }
    type Cat implements Pet { id: ID!  lives: Int }
    type Dog implements Pet { id: ID!  tricks: Int }
"""

NAMES = {"1": {"name": "Ada"}, "2": {"name": "Bob"}}


async def test_a_root_fetch_answers_alone() -> None:
    response = await run(
        SCHEMA, "{ me { id } }", fetch("a", "{ me { id } }"), answering("a", {"me": {"id": "1"}})
    )
    assert response.data == {"me": {"id": "1"}}
    assert response.errors == ()


async def test_parallel_fetches_merge_into_one_tree() -> None:
    plan = Parallel((fetch("a", "{ me { id } }"), fetch("b", "{ me { name } }")))
    response = await run(
        SCHEMA,
        "{ me { name id } }",
        plan,
        answering("a", {"me": {"id": "1"}}),
        answering("b", {"me": {"name": "Ada"}}),
    )
    assert response.data == {"me": {"name": "Ada", "id": "1"}}
    assert list(response.data["me"]) == ["name", "id"]


async def test_equal_representations_are_sent_once_and_merged_everywhere() -> None:
    users = answering(
        "a", {"users": [{"__typename": "User", "id": key} for key in ("1", "2", "1")]}
    )
    names = entities_by("b", "id", NAMES)
    plan = Sequence(
        (
            fetch("a", "{ users { __typename id } }"),
            at("users", entity_fetch("b", "User", "name")),
        )
    )
    response = await run(SCHEMA, "{ users { name } }", plan, users, names)
    assert response.data == {"users": [{"name": "Ada"}, {"name": "Bob"}, {"name": "Ada"}]}
    assert names.requests[0].variables["representations"] == [
        {"__typename": "User", "id": "1"},
        {"__typename": "User", "id": "2"},
    ]


async def test_a_path_walks_through_lists_of_lists_and_skips_nulls() -> None:
    groups = [
        {"members": [[{"__typename": "User", "id": "1"}, None], None]},
        {"members": [[{"__typename": "User", "id": "2"}]]},
    ]
    plan = Sequence(
        (
            fetch("a", "{ groups { members { __typename id } } }"),
            at("groups.members", entity_fetch("b", "User", "name")),
        )
    )
    response = await run(
        SCHEMA,
        "{ groups { members { name } } }",
        plan,
        answering("a", {"groups": groups}),
        entities_by("b", "id", NAMES),
    )
    assert response.data == {
        "groups": [
            {"members": [[{"name": "Ada"}, None], None]},
            {"members": [[{"name": "Bob"}]]},
        ]
    }


async def test_a_type_condition_in_a_path_selects_objects() -> None:
    pets = [{"__typename": "Cat", "id": "1"}, {"__typename": "Dog", "id": "1"}]
    cats = entities_by("b", "id", {"1": {"lives": 9}})
    plan = Sequence(
        (
            fetch("a", "{ pets { __typename id } }"),
            at("pets[Cat]", entity_fetch("b", "Cat", "lives")),
        )
    )
    response = await run(
        SCHEMA,
        "{ pets { id ... on Cat { lives } ... on Dog { tricks } } }",
        plan,
        answering("a", {"pets": pets}),
        cats,
    )
    assert response.data == {"pets": [{"id": "1", "lives": 9}, {"id": "1", "tricks": None}]}
    assert len(cats.requests[0].variables["representations"]) == 1


async def test_no_representation_means_no_request() -> None:
    names = entities_by("b", "id", NAMES)
    plan = Sequence(
        (
            fetch("a", "{ me { __typename id } }"),
            at("me", entity_fetch("b", "User", "name")),
        )
    )
    for me in (None, {"__typename": "User"}, {"__typename": "User", "id": None}):
        response = await run(SCHEMA, "{ me { name } }", plan, answering("a", {"me": me}), names)
        assert response.data == {"me": None if me is None else {"name": None}}
    assert names.requests == []


async def test_a_root_fetch_under_a_path_is_merged_into_every_object() -> None:
    users = [{"id": "1"}, {"id": "2"}]
    plan = Sequence((fetch("a", "{ users { id } }"), at("users", fetch("b", "{ name }"))))
    other = answering("b", {"name": "shared"})
    response = await run(
        SCHEMA, "{ users { id name } }", plan, answering("a", {"users": users}), other
    )
    assert response.data == {
        "users": [{"id": "1", "name": "shared"}, {"id": "2", "name": "shared"}]
    }
    assert len(other.requests) == 1


@pytest.mark.parametrize(("value", "asked"), [(True, ["a"]), (False, ["b"]), (None, ["b"])])
async def test_a_condition_runs_one_of_two_nodes(value: bool | None, asked: list[str]) -> None:
    plan = Condition("flag", fetch("a", "{ count }"), fetch("b", "{ count }"))
    subgraphs = [answering("a", {"count": 1}), answering("b", {"count": 1})]
    variables = {} if value is None else {"flag": value}
    await run(SCHEMA, "query($flag: Boolean) { count }", plan, *subgraphs, variables=variables)
    assert [subgraph.name for subgraph in subgraphs if subgraph.requests] == asked


async def test_a_condition_without_a_branch_runs_nothing() -> None:
    subgraph = answering("a", {"count": 1})
    plan = Condition("flag", fetch("a", "{ count }"))
    response = await run(SCHEMA, "{ count }", plan, subgraph, variables={"flag": False})
    assert response.data == {"count": None}
    assert subgraph.requests == []


async def test_a_fetch_gets_the_variables_it_uses_and_no_absent_ones() -> None:
    subgraph = answering("a", {"count": 1})
    plan = fetch("a", "query($x: Int, $y: Int) { count }", variables=("x", "y"))
    await run(SCHEMA, "{ count }", plan, subgraph, variables={"x": None, "z": 3})
    assert subgraph.requests[0].variables == {"x": None}


async def test_internal_aliases_are_renamed_before_merging() -> None:
    pets = [
        {"__typename": "Cat", "_internal_1": 9, "id": "1"},
        {"__typename": "Dog", "x": 3, "id": "2"},
    ]
    rename = Rename((PathSegment("pets"),), frozenset({"Cat"}), "_internal_1", "x")
    plan = fetch("a", "{ pets { __typename id } }", renames=(rename,))
    response = await run(
        SCHEMA,
        "{ pets { ... on Cat { x: lives } ... on Dog { x: tricks } } }",
        plan,
        answering("a", {"pets": pets}),
    )
    assert response.data == {"pets": [{"x": 9}, {"x": 3}]}


async def test_internal_aliases_of_entities_are_renamed_before_merging() -> None:
    rename = Rename((), frozenset({"User"}), "_name_1", "name")
    flatten = at("me", entity_fetch("b", "User", "_name_1: name"))
    plan = Sequence(
        (
            fetch("a", "{ me { __typename id } }"),
            replace(flatten, node=replace(flatten.node, renames=(rename,))),
        )
    )
    response = await run(
        SCHEMA,
        "{ me { name } }",
        plan,
        answering("a", {"me": {"__typename": "User", "id": "1"}}),
        entities_by("b", "id", {"1": {"__typename": "User", "_name_1": "Ada"}}),
    )
    assert response.data == {"me": {"name": "Ada"}}


async def test_parallel_fetches_run_at_the_same_time() -> None:
    barrier = asyncio.Barrier(2)

    class Meeting(ScriptedSubgraph):
        async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
            await asyncio.wait_for(barrier.wait(), 5)
            return await super().execute(request)

    plan = Parallel((fetch("a", "{ count }"), fetch("b", "{ other }")))
    subgraphs = [
        Meeting("a", lambda _request: SubgraphResponse({"count": 1})),
        Meeting("b", lambda _request: SubgraphResponse({"other": 2})),
    ]
    response = await run(SCHEMA, "{ other count }", plan, *subgraphs)
    assert response.data == {"other": 2, "count": 1}


async def test_cancelling_the_request_cancels_every_fetch() -> None:
    started = asyncio.Semaphore(0)
    cancelled: list[str] = []

    class Stuck(ScriptedSubgraph):
        async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
            started.release()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(self.name)
                raise
            raise AssertionError("unreachable")

    plan = Parallel((fetch("a", "{ count }"), fetch("b", "{ other }")))
    stuck = [Stuck(name, lambda _request: SubgraphResponse({})) for name in ("a", "b")]
    task = asyncio.create_task(run(SCHEMA, "{ other count }", plan, *stuck))
    await started.acquire()
    await started.acquire()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(cancelled) == ["a", "b"]


async def test_a_transport_that_raises_is_an_internal_error_of_its_fields() -> None:
    def fail(_request: SubgraphRequest) -> SubgraphResponse:
        raise RuntimeError("password=hunter2")

    plan = Parallel((fetch("a", "{ count }"), fetch("b", "{ other }")))
    response = await run(
        SCHEMA, "{ count other }", plan, ScriptedSubgraph("a", fail), answering("b", {"other": 2})
    )
    assert response.data == {"count": None, "other": 2}
    [error] = response.errors
    assert error.formatted() == {
        "message": "Internal error.",
        "path": ["count"],
        "extensions": {"code": "INTERNAL"},
    }
    assert isinstance(error.cause, RuntimeError)


MALFORMED: list[Any] = [
    None,
    {},
    {"_entities": None},
    {"_entities": "x"},
    {"_entities": []},
    {"_entities": [{"name": "Ada"}]},
    {"_entities": [{"name": "Ada"}, {"name": "Bob"}, {"name": "Eve"}]},
    {"_entities": [{"name": "Ada"}, 7]},
]


@pytest.mark.parametrize("data", MALFORMED)
async def test_a_malformed_answer_gives_nobody_elses_data(data: dict[str, Any] | None) -> None:
    users = [{"__typename": "User", "id": key} for key in ("1", "2")]
    plan = Sequence(
        (
            fetch("a", "{ users { __typename id } }"),
            at("users", entity_fetch("b", "User", "name")),
        )
    )
    response = await run(
        SCHEMA,
        "{ users { id name } }",
        plan,
        answering("a", {"users": users}),
        answering("b", data),
    )
    assert response.data == {"users": [{"id": "1", "name": None}, {"id": "2", "name": None}]}
    assert [error.path for error in response.errors] == [("users", 0, "name"), ("users", 1, "name")]
    assert {error.extensions["code"] for error in response.errors} == {"UPSTREAM_ERROR"}
    assert all("Subgraph 'b' answered" in error.message for error in response.errors)


async def test_keys_that_were_not_asked_for_are_not_merged() -> None:
    plan = Sequence(
        (
            fetch("a", "{ me { __typename id } }"),
            at("me", entity_fetch("b", "User", "name")),
        )
    )
    rows = {"1": {"name": "Ada", "email": "forged@example.org", "id": "9"}}
    response = await run(
        SCHEMA,
        "{ me { id name } }",
        plan,
        answering("a", {"me": {"__typename": "User", "id": "1"}, "count": 7}),
        entities_by("b", "id", rows),
    )
    assert response.data == {"me": {"id": "1", "name": "Ada"}}


async def test_an_entity_of_another_type_is_an_error() -> None:
    plan = Sequence(
        (
            fetch("a", "{ me { __typename id } }"),
            at("me", entity_fetch("b", "User", "__typename name")),
        )
    )
    response = await run(
        SCHEMA,
        "{ me { name } }",
        plan,
        answering("a", {"me": {"__typename": "User", "id": "1"}}),
        entities_by("b", "id", {"1": {"__typename": "Cat", "name": "Tom"}}),
    )
    assert response.data == {"me": {"name": None}}
    [error] = response.errors
    assert error.message == ("Subgraph 'b' answered entities of other types than it was asked for.")
    assert error.path == ("me", "name")


async def test_parallel_answers_of_different_types_do_not_mix() -> None:
    plan = Parallel((fetch("a", "{ pets { id } }"), fetch("b", "{ pets { id } }")))
    response = await run(
        SCHEMA,
        "{ pets { __typename id ... on Cat { lives } ... on Dog { tricks } } }",
        plan,
        answering("a", {"pets": [{"__typename": "Cat", "id": "1", "lives": 9}, None]}),
        answering("b", {"pets": [{"__typename": "Dog", "id": "2"}, {"__typename": "Dog"}]}),
    )
    assert response.data is not None
    first = response.data["pets"][0]
    assert first in (
        {"__typename": "Cat", "id": "1", "lives": 9},
        {"__typename": "Dog", "id": "2", "tricks": None},
    )


async def test_an_entity_error_is_reported_at_every_place_of_its_representation() -> None:
    users = [{"__typename": "User", "id": key} for key in ("1", "2", "1")]
    plan = Sequence(
        (
            fetch("a", "{ users { __typename id } }"),
            at("users", entity_fetch("b", "User", "name")),
        )
    )
    error = SubgraphError("no name", ("_entities", 0, "name"), {"code": "NOT_FOUND"})
    response = await run(
        SCHEMA,
        "{ users { name } }",
        plan,
        answering("a", {"users": users}),
        answering("b", {"_entities": [{"name": None}, {"name": "Bob"}]}, error),
    )
    assert response.data == {"users": [{"name": None}, {"name": "Bob"}, {"name": None}]}
    assert [(error.path, error.message) for error in response.errors] == [
        (("users", 0, "name"), "no name"),
        (("users", 2, "name"), "no name"),
    ]


async def test_one_fetch_serves_several_places_and_reports_its_errors_at_each() -> None:
    friends = [{"__typename": "User", "id": key} for key in ("1", "3")]
    people = answering("a", {"me": {"__typename": "User", "id": "3", "friends": friends}})
    error = SubgraphError("No such user.", ("_entities", 0, "name"), {"code": "NOT_FOUND"})

    def names(_request: SubgraphRequest) -> SubgraphResponse:
        return SubgraphResponse({"_entities": [{"name": None}, {"name": "Ada"}]}, (error,))

    asked = ScriptedSubgraph("b", names)
    flatten = at("me", entity_fetch("b", "User", "name"))
    everywhere = replace(flatten, further=at("me.friends", flatten.node).paths)
    plan = Sequence((fetch("a", "{ me { __typename id friends { id } } }"), everywhere))
    response = await run(SCHEMA, "{ me { name friends { id name } } }", plan, people, asked)
    assert asked.requests[0].variables["representations"] == [
        {"__typename": "User", "id": "3"},
        {"__typename": "User", "id": "1"},
    ]
    assert response.data == {
        "me": {"name": None, "friends": [{"id": "1", "name": "Ada"}, {"id": "3", "name": None}]}
    }
    assert [error.path for error in response.errors] == [
        ("me", "name"),
        ("me", "friends", 1, "name"),
    ]


async def test_a_failed_root_fetch_is_reported_at_each_field_it_should_have_answered() -> None:
    failure = SubgraphError("down", None, {"code": "UPSTREAM_ERROR"})
    plan = Parallel((fetch("a", "{ count me { id } }"), fetch("b", "{ other }")))
    response = await run(
        SCHEMA,
        "{ other me { id } count }",
        plan,
        answering("a", None, failure),
        answering("b", {"other": 1}),
    )
    assert response.data == {"other": 1, "me": None, "count": None}
    assert [error.path for error in response.errors] == [("me",), ("count",)]


async def test_an_error_about_a_field_the_client_did_not_select_moves_up() -> None:
    error = SubgraphError("no key", ("me", "internalKey", "part"), {"code": "INTERNAL"})
    response = await run(
        SCHEMA,
        "{ me { id } }",
        fetch("a", "{ me { id internalKey } }"),
        answering("a", {"me": {"id": "1"}}, error),
    )
    assert response.data == {"me": {"id": "1"}}
    assert [error.path for error in response.errors] == [("me",)]


async def test_an_explained_null_gets_no_second_error() -> None:
    plan = Sequence(
        (
            fetch("a", "{ me { __typename id } }"),
            at("me", entity_fetch("b", "User", "email")),
        )
    )
    response = await run(
        SCHEMA,
        "{ me { id email } }",
        plan,
        answering("a", {"me": {"__typename": "User", "id": "1"}}),
        answering("b", None, SubgraphError("down", None, {"code": "UPSTREAM_ERROR"})),
    )
    assert response.data == {"me": None}
    assert [(error.message, error.path) for error in response.errors] == [("down", ("me", "email"))]


async def test_errors_come_in_the_order_of_the_response() -> None:
    plan = Parallel((fetch("b", "{ other }"), fetch("a", "{ count }")))
    subgraphs = [
        answering("a", None, SubgraphError("a is down")),
        answering("b", None, SubgraphError("b is down")),
    ]
    for query in ("{ count other }", "{ other count }"):
        response = await run(SCHEMA, query, plan, *subgraphs)
        assert [error.path for error in response.errors] == [
            (key,) for key in query.strip("{} ").split()
        ]


async def test_errors_with_paths_that_lead_nowhere_are_kept() -> None:
    users = [{"__typename": "User", "id": "1"}]
    plan = Sequence(
        (
            fetch("a", "{ users { __typename id } }"),
            at("users", entity_fetch("b", "User", "name")),
        )
    )
    odd = [("_entities", 9, "name"), ("_entities",), ("_entities", "x"), ("other", 0)]
    errors = [SubgraphError(f"odd {index}", path) for index, path in enumerate(odd)]
    response = await run(
        SCHEMA,
        "{ users { name } }",
        plan,
        answering("a", {"users": users}),
        answering("b", {"_entities": [None]}, *errors),
    )
    assert response.data == {"users": [{"name": None}]}
    assert [(error.message, error.path) for error in response.errors] == [
        (f"odd {index}", ("users", 0, "name")) for index in range(4)
    ]


async def test_an_error_without_a_path_and_without_a_missing_field_has_no_path() -> None:
    response = await run(
        SCHEMA,
        "{ count }",
        fetch("a", "{ count }"),
        answering("a", {"count": 1}, SubgraphError("slow")),
    )
    assert response.data == {"count": 1}
    assert [error.formatted() for error in response.errors] == [{"message": "slow"}]


async def test_an_entity_error_without_a_path_stands_at_what_is_missing() -> None:
    users = [{"__typename": "User", "id": key} for key in ("1", "2")]
    plan = Sequence(
        (
            fetch("a", "{ users { __typename id } }"),
            at("users", entity_fetch("b", "User", "name")),
        )
    )
    response = await run(
        SCHEMA,
        "{ users { name } }",
        plan,
        answering("a", {"users": users}),
        answering("b", {"_entities": [{"name": "Ada"}, None]}, SubgraphError("partly")),
    )
    assert response.data == {"users": [{"name": "Ada"}, {"name": None}]}
    assert [error.path for error in response.errors] == [("users", 0), ("users", 1, "name")]


REQUIRED = "type Query { me: User!  all: [User!]!  maybe: User } type User { id: ID! }"


async def test_what_a_failed_field_takes_away_beside_it_needs_no_error_of_its_own() -> None:
    failed = SubgraphError("No such page.", ("all",), {"code": "BAD_USER_INPUT"})
    response = await run(
        REQUIRED,
        "{ me { id } maybe { id } all { id } }",
        fetch("a", "{ me { id } maybe { id } all { id } }"),
        answering("a", None, failed),
    )
    assert response.data is None
    assert [(error.message, error.path) for error in response.errors] == [
        ("No such page.", ("all",))
    ]


async def test_a_null_that_no_other_error_accounts_for_has_its_own() -> None:
    strange = SubgraphError("Strange.", ("users", 9, "id"), {})
    gone = SubgraphError("Gone.", ("gone",), {})
    response = await run(
        "type Query { me: User  gone: User  users: [User] } type User { id: ID! }",
        "{ me { id } gone { id } users { id } }",
        fetch("a", "{ me { id } gone { id } users { id } }"),
        answering("a", {"me": {"id": None}, "gone": None, "users": []}, strange, gone),
    )
    assert response.data == {"me": None, "gone": None, "users": []}
    paths = {error.path for error in response.errors}
    assert paths == {("me", "id"), ("gone",), ("users", 9, "id")}
