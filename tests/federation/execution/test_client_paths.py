from __future__ import annotations

import pytest

from federation.execution.client_paths import ClientPaths
from federation.execution.conditions import condition_variables
from federation.execution.response import ResponsePath
from tests.federation.plans import operation

OPERATION = operation("""
    query($on: Boolean!, $other: Boolean!) {
      users @tagged(by: $other) { id  ... on User { name  pets @include(if: $on) { lives } }  ...F }
      me: user { id }
    }
    fragment F on User { friend @skip(if: false) { id @skip(if: $on) } }
""")

NEAREST: list[tuple[ResponsePath, ResponsePath]] = [
    (("users", 3, "name"), ("users", 3, "name")),
    (("users", 0, "friend", "id"), ("users", 0, "friend")),
    (("users", 1, "pets", 0, "lives"), ("users", 1, "pets", 0, "lives")),
    (("users", 1, "secret", "part"), ("users", 1)),
    (("user",), ()),
    (("me", "id"), ("me", "id")),
    ((0, "users"), ()),
    ((), ()),
]


@pytest.mark.parametrize(("path", "nearest"), NEAREST)
def test_the_nearest_position_is_one_the_response_has(
    path: ResponsePath, nearest: ResponsePath
) -> None:
    assert ClientPaths(OPERATION, {"on": True}).nearest(path) == nearest


def test_ranks_follow_the_response() -> None:
    paths = ClientPaths(OPERATION, {"on": True})
    in_order: list[ResponsePath] = [
        ("users", 0, "name"),
        ("users", 0, "friend"),
        ("users", 2, "id"),
        ("users", 10, "id"),
        ("me",),
    ]
    shuffled = [in_order[position] for position in (3, 0, 4, 2, 1)]
    assert sorted(shuffled, key=paths.rank) == in_order


def test_only_skip_and_include_decide_what_is_there() -> None:
    assert condition_variables(OPERATION) == ("on",)
