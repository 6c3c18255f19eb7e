"""Equal entities of one answer stand as one object wherever nobody can tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from graphql import build_schema

from federation.execution.executor import Executor
from federation.execution.sharing import Sharing, share_equal
from federation.plan import Condition, Flatten, OperationKind, Parallel, QueryPlan, Sequence
from federation.subgraph import SubgraphError, SubgraphResponse
from tests.federation.plans import (
    ScriptedSubgraph,
    answering,
    at,
    entities_by,
    entity_fetch,
    fetch,
    operation,
    run,
)

SCHEMA = """
    type Query { posts: [Post]  media: [Media]  me: User  boss: User }
    type Post { id: ID!  author: User  authors: [[User]] }
    interface Media { maker: User }
    type Book implements Media { maker: User }
    type Film implements Media { maker: User }
    type User { id: ID!  name: String  home: Home  best: User }
    type Home { city: String  size(unit: String): Int }
"""
NAME = entity_fetch("names", "User", "name")
NAMES = {"1": {"name": "Ada"}, "2": {"name": "Bob"}}


def sharing(*nodes: Any) -> Sharing:
    return Sharing.of(Sequence(nodes))


def shared_authors(data: dict[str, Any], *nodes: Any) -> list[Any]:
    """Objects at `posts.author` after sharing what a plan lets be shared."""
    posts = fetch("posts", "{ posts { author { id } authors { id } } }")
    share_equal([data], sharing(posts, *(nodes or (at("posts.author", NAME),))))
    return [post["author"] for post in data["posts"]]


def test_equal_entities_become_one_object() -> None:
    keys = ("1", "1", "2", 3, 3)
    found = shared_authors({"posts": [{"author": {"id": key}} for key in keys]})
    assert found[0] is found[1]
    assert found[3] is found[4]
    assert [item["id"] for item in found] == list(keys)


def test_entities_that_differ_in_anything_stay_apart() -> None:
    given = [{"id": "1"}, {"id": "1", "age": 3}, {"id": 1}, {"id": True}, {"id": 1.0}, None, {}]
    found = shared_authors({"posts": [{"author": item} for item in given]})
    assert found == given
    assert len({id(item) for item in found}) == len(given)


def test_entities_in_lists_of_lists_are_found() -> None:
    posts = [{"authors": [[{"id": "1"}, None], [{"id": "1"}]], "author": None}]
    shared_authors({"posts": posts}, at("posts.authors", NAME))
    assert posts[0]["authors"][0][0] is posts[0]["authors"][1][0]  # type: ignore[index]  # a list of lists of dicts


def test_values_nested_without_end_are_not_compared() -> None:
    deep: Any = "1"
    other: Any = "1"
    for _ in range(5000):
        deep, other = [deep], [other]
    items = [{"id": "1", "any": deep}, {"id": "1", "any": other}]
    first, second = shared_authors({"posts": [{"author": item} for item in items]})
    assert first is not second


@pytest.mark.parametrize(
    "nodes",
    [
        # Asked for differently below objects of different types.
        (at("posts[Post].author", NAME),),
        # Answered by two subgraphs, whose answers are merged by their place.
        (at("posts.author", NAME), fetch("more", "{ posts { author { home { city } } } }")),
        # No field tells entities apart.
        (at("posts.author", replace(NAME, requires=())),),
    ],
)
def test_what_may_come_to_differ_is_not_shared(nodes: tuple[Any, ...]) -> None:
    first, second = shared_authors({"posts": [{"author": {"id": "1"}} for _ in range(2)]}, *nodes)
    assert first is not second


def test_places_are_those_of_every_branch_of_a_plan() -> None:
    found = sharing(
        fetch("posts", "{ posts { author { id } } }"),
        Condition("v", at("posts", NAME), Parallel((at("posts.author", NAME),))),
    )
    author = at("posts.author", NAME).path
    assert found.shared(author) == {0, 1}
    assert found.at(author[:1]).below["author"].by == "id"
    assert not found.at((*author, *author)).below
    assert not sharing(at("posts[Post].author", NAME)).at(author).below


async def test_a_shared_entity_is_represented_and_shown_at_every_place() -> None:
    posts = [{"id": key, "author": {"id": author}} for key, author in ("11", "21", "32")]
    asked = entities_by("names", "id", NAMES)
    plan = Sequence(
        (
            fetch("posts", "{ posts { id author { id } } }"),
            at("posts.author", NAME),
        )
    )
    response = await run(
        SCHEMA,
        "{ posts { id author { name } } }",
        plan,
        answering("posts", {"posts": posts}),
        asked,
    )
    assert response.data == {
        "posts": [
            {"id": "1", "author": {"name": "Ada"}},
            {"id": "2", "author": {"name": "Ada"}},
            {"id": "3", "author": {"name": "Bob"}},
        ]
    }
    assert len(asked.requests[0].variables["representations"]) == 2


async def test_an_error_about_a_shared_entity_stands_at_every_place() -> None:
    posts = [{"author": {"id": "1"}} for _ in range(2)]
    error = SubgraphError("Gone.", ("_entities", 0, "name"), {"code": "NOT_FOUND"})
    names = ScriptedSubgraph("names", lambda _: SubgraphResponse({"_entities": [{}]}, (error,)))
    plan = Sequence((fetch("posts", "{ posts { author { id } } }"), at("posts.author", NAME)))
    response = await run(
        SCHEMA, "{ posts { author { name } } }", plan, answering("posts", {"posts": posts}), names
    )
    assert response.data == {"posts": [{"author": {"name": None}}] * 2}
    assert [error.path for error in response.errors] == [
        ("posts", 0, "author", "name"),
        ("posts", 1, "author", "name"),
    ]


async def test_below_several_places_of_one_fetch_each_keeps_its_own() -> None:
    homes = entities_by("homes", "id", {"1": {"home": {"city": "Graz"}}})
    home = at("me", entity_fetch("homes", "User", "home { city }"))
    both = Flatten(home.path, home.node, at("boss", home.node).paths)

    def size(key: str, unit: str) -> Any:
        node = entity_fetch("sizes", "User", f'home {{ size(unit: "{unit}") }}')
        return at(key, node)

    def sized(request: Any) -> SubgraphResponse:
        value = 1 if '"km"' in request.fetch.operation else 1000
        return SubgraphResponse({"_entities": [{"home": {"size": value}}]})

    user = {"__typename": "User", "id": "1"}
    plan = Sequence(
        (
            fetch("users", "{ me { __typename id } boss { __typename id } }"),
            both,
            size("me", "km"),
            size("boss", "m"),
        )
    )
    response = await run(
        SCHEMA,
        '{ me { home { city size(unit: "km") } } boss { home { city size(unit: "m") } } }',
        plan,
        answering("users", {"me": dict(user), "boss": dict(user)}),
        homes,
        ScriptedSubgraph("sizes", sized),
    )
    assert response.data == {
        "me": {"home": {"city": "Graz", "size": 1}},
        "boss": {"home": {"city": "Graz", "size": 1000}},
    }


async def test_an_operation_used_often_completes_a_shared_object_alike_at_every_place() -> None:
    def posts(_request: Any) -> SubgraphResponse:
        return SubgraphResponse({"posts": [{"author": {"id": key}} for key in "121"]})

    nodes = (fetch("posts", "{ posts { author { id } } }"), at("posts.author", NAME))
    text = "{ posts { author { id name kind: __typename } } }"
    executor = Executor(
        operation(text), QueryPlan(OperationKind.QUERY, Sequence(nodes)), build_schema(SCHEMA), {}
    )
    subgraphs = {
        "posts": ScriptedSubgraph("posts", posts),
        "names": entities_by("names", "id", NAMES),
    }
    answers = [
        await executor.execute({}, subgraphs, context=None, is_authenticated=True)
        for _ in range(12)
    ]
    assert answers == [answers[0]] * 12
    assert answers[0].data == {
        "posts": [
            {"author": {"id": key, "name": NAMES[key]["name"], "kind": "User"}} for key in "121"
        ]
    }
