"""Limits of an account hold where something is created, whoever hurries."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from datasources.database import Pool
from tests.harness.access import ADMIN, fill_access, set_metadata
from tests.harness.callers import super_admin
from tests.harness.directory import ACME, id_of
from tests.harness.graph import Graph
from tests.harness.sql import look

LIMIT = """
mutation ($input: SetAccountLimitsInput!) { setAccountLimits(input: $input) {
  limits { maxTeams maxKeys maxBudget { amount } teamCount updatedBy { name } }
  userErrors { code path }
} }
"""
CREATE = """
mutation ($input: CreateTeamInput!) { createTeam(input: $input) { userErrors { code } } }
"""


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    await fill_access(pool)
    return Graph(pool)


async def limit(graph: Graph, **values: Any) -> Any:
    answer = await graph.ask(super_admin(), LIMIT, input={"accountId": ACME, **values})
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["setAccountLimits"]


async def create(graph: Graph, name: str) -> list[str]:
    input = {"groupId": id_of("North"), "name": name}
    answer = await graph.ask(ADMIN, CREATE, input=input)
    assert answer.errors == ()
    assert answer.data is not None
    return [error["code"] for error in answer.data["createTeam"]["userErrors"]]


async def test_limits_not_sent_stay_and_null_removes_one(graph: Graph) -> None:
    await limit(graph, maxTeams=5, maxKeys=7, maxBudget={"amount": "12.50"})
    changed = await limit(graph, maxTeams=None)
    assert changed["limits"] == {
        "maxTeams": None,
        "maxKeys": 7,
        "maxBudget": {"amount": "12.50"},
        "teamCount": 2,
        "updatedBy": {"name": "root@platform.test"},
    }


async def test_a_negative_limit_is_refused(graph: Graph, pool: Pool) -> None:
    refused = await limit(graph, maxTeams=-1)
    assert [error["code"] for error in refused["userErrors"]] == ["INVALID"]
    assert await look(pool, "SELECT FROM gateway.account_limits") == []


async def test_the_limit_of_the_document_counts_until_one_is_set(graph: Graph, pool: Pool) -> None:
    await set_metadata(pool, {"entitlements": {"max_teams": 2}})
    assert await create(graph, "Green") == ["LIMIT_REACHED"]
    await limit(graph, maxTeams=3)
    assert await create(graph, "Green") == []


async def test_the_last_place_is_taken_once(graph: Graph, pool: Pool) -> None:
    await limit(graph, maxTeams=4)
    outcomes = await asyncio.gather(*[create(graph, f"Team {number}") for number in range(8)])
    assert sorted(outcomes) == [[], [], *[["LIMIT_REACHED"]] * 6]
    assert await look(pool, "SELECT count(*) FROM copilot.teams WHERE account_id = $1", ACME) == [
        (4,)
    ]
