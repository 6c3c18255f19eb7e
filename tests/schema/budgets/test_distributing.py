"""Whom credits are shared out over, and what is refused before anything is written."""

from __future__ import annotations

from typing import Any

import pytest

from datasources.database import Pool
from datasources.tables import groups, teams
from tests.harness.budgets import ADA, BOB, GROUP, ORG, TEAM, add_budget, admin
from tests.harness.directory import id_of
from tests.harness.module import ModuleGraph
from tests.harness.rows import add
from tests.harness.sql import look, run

ROOT = id_of(f"budget of account {ORG}")
GROUPS, TEAMS = id_of(f"budget of group {GROUP}"), id_of(f"budget of team {TEAM}")
ADAS = id_of(f"budget of user {ADA}")


async def distribute(graph: ModuleGraph, id: str, **more: Any) -> Any:
    fields = "share remainder targetCount createdCount lockedCount"
    return await graph.write(admin(), "distributeBudget", fields, budgetId=id, **more)


async def shares(pool: Pool) -> dict[str, int]:
    rows = "SELECT scope_id::text, allocated FROM copilot.credit_budget WHERE scope_type = 'user'"
    return dict(await look(pool, rows))


def codes(payload: Any) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


async def test_what_rounding_leaves_goes_to_the_first_by_id(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await run(pool, "DELETE FROM copilot.credit_budget WHERE scope_type = 'user'")
    payload = await distribute(budgets, TEAMS, amount=101)

    first, last = sorted([ADA, BOB])
    assert (payload["share"], payload["remainder"]) == (50, 1)
    assert await shares(pool) == {first: 51, last: 50}


async def test_where_everybody_is_an_exception_nothing_is_written(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await add_budget(pool, "user", BOB, 50, parent_budget_id=TEAMS)
    await run(pool, "UPDATE copilot.credit_budget SET allocation_strategy = 'override'")
    before = await look(pool, "SELECT * FROM copilot.credit_budget ORDER BY id")
    payload = await distribute(budgets, TEAMS)

    assert (payload["share"], payload["targetCount"], payload["lockedCount"]) == (0, 0, 2)
    assert await look(pool, "SELECT * FROM copilot.credit_budget ORDER BY id") == before
    assert await look(pool, "SELECT FROM copilot.audit_log") == []


async def test_there_must_be_somebody_to_share_over(budgets: ModuleGraph, pool: Pool) -> None:
    empty = id_of("empty team")
    await add(pool, teams, id=empty, name="Empty", group_id=GROUP, account_id=ORG)
    await add_budget(pool, "team", empty, 10, parent_budget_id=GROUPS, id=id_of("empty"))

    assert codes(await distribute(budgets, id_of("empty"))) == ["INVALID"]


@pytest.mark.parametrize(
    ("budget", "level"),
    [(ADAS, "USER"), (TEAMS, "TEAM"), (TEAMS, "GROUP"), (GROUPS, "GROUP"), (ROOT, "ACCOUNT")],
)
async def test_credits_go_to_a_narrower_level(
    budgets: ModuleGraph, budget: str, level: str
) -> None:
    assert codes(await distribute(budgets, budget, targetType=level)) == ["OUT_OF_SCOPE"]


async def test_who_is_named_lies_inside_the_budget(budgets: ModuleGraph, pool: Pool) -> None:
    theirs = id_of("their group")
    await add(pool, groups, id=theirs, name="Theirs", account_id="another")
    for id in (theirs, id_of("nobody"), TEAM):
        named = {"targetType": "GROUP", "targetIds": [id]}
        assert codes(await distribute(budgets, ROOT, **named)) == ["OUT_OF_SCOPE"]
        weighed = {"targetType": "GROUP", "weights": [{"targetId": id, "weight": 1}]}
        assert codes(await distribute(budgets, ROOT, **weighed)) == ["OUT_OF_SCOPE"]


async def test_no_more_is_shared_than_there_is(budgets: ModuleGraph, pool: Pool) -> None:
    assert codes(await distribute(budgets, TEAMS, amount=201)) == ["INSUFFICIENT_CREDITS"]
    assert await shares(pool) == {ADA: 100}
    assert codes(await distribute(budgets, TEAMS, amount=200)) == []
    assert await shares(pool) == {ADA: 100, BOB: 200}


async def test_what_is_set_aside_is_not_shared(budgets: ModuleGraph, pool: Pool) -> None:
    await budgets.write(admin(), "updateBudget", "budget { id }", id=TEAMS, pooled=50)
    await distribute(budgets, TEAMS)
    assert await shares(pool) == {ADA: 100, BOB: 150}


async def test_a_share_that_was_handed_on_stays_though_its_team_has_left(
    budgets: ModuleGraph, pool: Pool
) -> None:
    elsewhere, beside = id_of("other group"), id_of("team beside")
    await add(pool, groups, id=elsewhere, name="Sales", account_id=ORG)
    await add(pool, teams, id=beside, name="Beta", group_id=GROUP, account_id=ORG)
    strategy = "UPDATE copilot.credit_budget SET allocation_strategy = 'equal_distribution'"
    await run(pool, strategy)
    left = "UPDATE copilot.teams SET group_id = $1::text::uuid WHERE id = $2::text::uuid"
    await run(pool, left, elsewhere, TEAM)

    payload = await budgets.write(
        admin(), "distributeBudget", "closedCount createdCount", budgetId=GROUPS, targetType="TEAM"
    )
    assert (payload["closedCount"], payload["createdCount"]) == (0, 1)
    kept = "SELECT allocated FROM copilot.credit_budget WHERE id = $1::text::uuid"
    assert await look(pool, kept, TEAMS) == [(300,)]
