"""The budgets page and the calls around a model call, over the whole graph, for each role."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auth.caller import Caller, Role
from auth.policy import FEATURE_KEYS
from auth.scopes import scopes_of_roles
from datasources.database import Pool
from tests.harness.budgets import ADA, ORG, fill_budgets, machine
from tests.harness.callers import member, person
from tests.harness.demo import NOW, Demo
from tests.harness.graph import Graph

EXAMPLES = Path(__file__).parent


def _text(name: str) -> str:
    return (EXAMPLES / f"{name}.graphql").read_text()


def _reader(account_id: str, role: Role = Role.ACCOUNT_ADMIN) -> Caller:
    caller = person(account_id, role, scopes=scopes_of_roles([role]))
    return replace(caller, features=FEATURE_KEYS)


async def _data(graph: Graph, caller: Caller, name: str, **variables: Any) -> Any:
    response = await graph.ask(caller, _text(name), **variables)
    assert response.errors == ()
    assert response.data is not None
    return response.data


@pytest.mark.parametrize("role", [Role.ACCOUNT_ADMIN, Role.AUDITOR])
async def test_the_budgets_page_shows_the_tree_with_its_sums(demo: Demo, role: Role) -> None:
    graph = Graph(demo.pool)
    for account_id in demo.ids[:3]:
        caller = _reader(account_id, role)
        data = await _data(graph, caller, "budget_tree", at=NOW.isoformat())
        account = data["account"]
        root = account["rootBudget"]
        groups = root["children"]["nodes"]
        assert account["allocation"]["creditFactor"] == "5"
        assert root["scope"]["subject"]["name"]
        assert root["distributed"] == sum(group["allocated"] for group in groups)
        assert root["unallocated"] == root["allocated"] - root["distributed"]
        assert [group["allocated"] for group in groups] == sorted(
            (group["allocated"] for group in groups), reverse=True
        )
        assert all(group["distributed"] <= group["allocated"] for group in groups)
        assert len(account["budgetPlans"]["nodes"]) == 1
        assert [cycle["rootBudget"] is not None for cycle in account["budgetCycles"]["nodes"]] == [
            True,
            True,
        ]
        branch = await _data(graph, caller, "budget_branch", id=groups[0]["id"])
        assert branch["account"]["budget"]["parent"]["id"] == root["id"]


async def test_the_budgets_page_takes_a_fixed_number_of_statements(demo: Demo) -> None:
    graph = Graph(demo.pool)
    for account_id in demo.ids[:3]:
        before = demo.pool.statements
        await _data(graph, _reader(account_id), "budget_tree", at=NOW.isoformat())
        counted = demo.pool.statements - before
        assert counted <= 25, "a relation takes one statement a level, and its number another"


async def test_members_see_no_budgets_but_their_own(demo: Demo) -> None:
    response = await Graph(demo.pool).ask(member(demo.first.id), _text("budget_tree"))
    assert {error.extensions["code"] for error in response.errors} == {"FORBIDDEN"}
    assert response.data is not None
    assert {value for key, value in response.data["account"].items() if key != "id"} == {None}


async def test_credits_are_held_before_a_call_and_booked_after_it(pool: Pool) -> None:
    await fill_budgets(pool)
    graph = Graph(pool)
    caller = replace(machine(), scopes=frozenset({"usage:write", "usage:read"}))
    held = await _data(
        graph, caller, "reserve_usage", accountId=ORG, userId=ADA, estimate=50, key="hold"
    )
    reservation = held["reserveUsage"]["reservation"]["id"]
    assert held["reserveUsage"]["effectiveBudget"]["available"] == 50
    usage = {"idempotencyKey": "call", "reservationId": reservation, "credits": 30}
    first = await _data(graph, caller, "record_usage", accountId=ORG, usage=usage)
    again = await _data(graph, caller, "record_usage", accountId=ORG, usage=usage)

    booked = first["recordUsage"]
    assert booked["entry"]["outcome"] == "WITHIN_LIMIT"
    assert booked["effectiveBudget"]["available"] == 70
    assert booked["effectiveBudget"]["budget"]["alertLevel"] is None
    assert again["recordUsage"] == {**booked, "isReplay": True}


async def test_a_service_that_may_not_report_is_refused(pool: Pool) -> None:
    await fill_budgets(pool)
    response = await Graph(pool).ask(
        machine(), _text("record_usage"), accountId=ORG, usage={"idempotencyKey": "k"}
    )
    assert [error.extensions["code"] for error in response.errors] == ["FORBIDDEN"]
