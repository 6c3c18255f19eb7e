"""Operations that modules of this process answer together, as front ends ask them."""

from __future__ import annotations

from typing import Any

import pytest

from auth.caller import Caller, Role
from federation.engine import Engine
from tests.federation.compiled.comparing import in_order
from tests.federation.queries import RandomOperation
from tests.harness.demo import Demo, demo, loaded
from tests.schema.test_direct import is_direct, planned
from tests.schema.test_federation_equals_monolith import built, caller_of, federated

__all__ = ["demo", "loaded"]

PEOPLE = """query ($first: Int!, $after: String) { account {
    directory { users(first: $first, after: $after) {
        nodes { name budget { remaining } effectiveAccess { models { isEnabled } } }
        pageInfo { hasNextPage endCursor }
    } }
} }"""

BRANCH = """query ($scope: ScopeInput, $active: Boolean, $with: Boolean!) { account {
    name
    effectiveAccess(scope: $scope) {
        chain { type id } budget { available budget { id scope { type id } } }
        features { isEnabled resolution { steps { effect } } feature { code } }
    }
    directory { users(filter: { isActive: $active }) { edges { cursor node {
        memberships(first: 1) @include(if: $with) { nodes { team { name budget { used } } } }
    } } } }
    budgets(first: 9) { nodes { scope { type subject {
        __typename ... on Group { name } ... on Account { name } ... on User { name email }
    } } } }
} }"""


async def answer(
    engine: Engine, operation: RandomOperation, caller: Caller, demo: Demo
) -> tuple[Any, list[str]]:
    response, _ = await federated(engine, operation, caller, demo)
    return in_order(response.data), [error.message for error in response.errors]


@pytest.mark.parametrize("role", [Role.ACCOUNT_ADMIN, Role.AUDITOR])
async def test_pages_with_cursors_and_variables_take_no_plan(role: Role, demo: Demo) -> None:
    engine, _ = built()
    caller = caller_of(role, demo)
    operation = RandomOperation(PEOPLE, {"first": 3})
    for _ in range(2):
        found, errors = await answer(engine, operation, caller, demo)
        assert errors == []
        assert found == (await answer(planned(), operation, caller, demo))[0]
        assert is_direct(engine, PEOPLE)
        page = dict(dict(dict(dict(found)["account"])["directory"])["users"])["pageInfo"]
        operation = RandomOperation(PEOPLE, {"first": 3, "after": dict(page)["endCursor"]})


@pytest.mark.parametrize("with_members", [True, False])
async def test_what_several_modules_work_out_takes_no_plan(with_members: bool, demo: Demo) -> None:
    engine, _ = built()
    caller = caller_of(Role.ACCOUNT_ADMIN, demo)
    scope = {"type": "ACCOUNT", "id": demo.first.id}
    values = {"scope": scope, "active": True, "with": with_members}
    operation = RandomOperation(BRANCH, values)
    expected = await answer(planned(), operation, caller, demo)
    assert await answer(engine, operation, caller, demo) == expected
    assert expected[1] == []
    assert is_direct(engine, BRANCH)


async def test_errors_are_those_of_the_plan(demo: Demo) -> None:
    engine, _ = built()
    caller = caller_of(Role.MEMBER, demo)
    text = """query ($id: ID!) { account { name
        effectiveAccess(scope: { type: TEAM, id: $id }) { chain { id } models { isEnabled } }
    } }"""
    operation = RandomOperation(text, {"id": "nobody's"})
    expected = await answer(planned(), operation, caller, demo)
    assert await answer(engine, operation, caller, demo) == expected
    assert expected[1] == ["You may ask only what you yourself may use."]
    assert is_direct(engine, text)
