"""Plans start cycles that meet without gap or overlap, and hand down what they say."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from auth.errors import Forbidden
from datasources.database import Pool
from resolvers.budgets.cycles import Cycle, cycle_at
from resolvers.budgets.schedule import renew_what_is_due
from tests.harness.budgets import ADA, ORG, TEAM, add_budget, admin, machine
from tests.harness.callers import super_admin
from tests.harness.directory import id_of
from tests.harness.module import ModuleGraph
from tests.harness.sql import look, run

PLAN = "plan { id name isActive nextRenewalAt amounts { allocated limit overflowCap } }"


def this_month() -> Cycle:
    now = datetime.now(UTC)
    cycle = cycle_at(now, cadence="MONTHLY", day_of_month=1, anchor_at=now)
    assert cycle is not None
    return cycle


async def create(graph: ModuleGraph, **given: Any) -> Any:
    fields = f"{PLAN} budget {{ id allocated cycle {{ startAt endAt }} plan {{ id }} }}"
    return await graph.write(super_admin(), "createBudgetPlan", fields, accountId=ORG, **given)


async def renew(graph: ModuleGraph, plan: str, **given: Any) -> Any:
    fields = (
        "isCreated carriedCount cycle { startAt endAt rolledOver overflowCharged }"
        " budget { id allocated limit pooled distributed unallocated }"
    )
    given = {"accountId": ORG, "planId": plan} | given
    return await graph.write(super_admin(), "renewBudgetPlan", fields, **given)


def codes(payload: Any) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


async def age(pool: Pool) -> None:
    """Let what runs be the whole month before."""
    start = this_month().start_at
    before = (start - timedelta(days=1)).replace(day=1)
    await run(
        pool,
        "UPDATE copilot.credit_budget SET cycle_start = $1, cycle_end = $2",
        before,
        start - timedelta(seconds=1),
    )


async def test_an_active_plan_is_applied_in_the_same_step(budgets: ModuleGraph, pool: Pool) -> None:
    await run(pool, "DELETE FROM copilot.credit_budget")
    payload = await create(budgets, amounts={"allocated": 700}, name="Gold")

    assert payload["userErrors"] == []
    assert payload["plan"]["amounts"] == {"allocated": 700, "limit": 700, "overflowCap": 0}
    assert payload["budget"]["allocated"] == 700
    start, end = this_month()
    cycle = payload["budget"]["cycle"]
    assert datetime.fromisoformat(cycle["startAt"]) == start
    assert datetime.fromisoformat(cycle["endAt"]) == end
    assert datetime.fromisoformat(payload["plan"]["nextRenewalAt"]) == end


async def test_there_is_one_active_plan(budgets: ModuleGraph, pool: Pool) -> None:
    for name in ("one", "two"):
        await create(budgets, name=name)
    rows = await look(pool, "SELECT name, is_active FROM copilot.budget_plans ORDER BY name")
    assert rows == [("one", False), ("two", True)]


async def test_amounts_renewal_and_billing_are_the_super_admin_s(budgets: ModuleGraph) -> None:
    attempts: list[dict[str, Any]] = [
        {"amounts": {"allocated": 1}},
        {"renewal": {}},
        {"isOverflowBilled": False},
    ]
    for sent in attempts:
        answer = await budgets.ask(
            admin(),
            "mutation($i: CreateBudgetPlanInput!) { createBudgetPlan(input: $i) { plan { id } } }",
            i=sent,
        )
        assert isinstance(answer.errors[0].original_error, Forbidden)
    own = await budgets.write(
        admin(),
        "createBudgetPlan",
        "plan { distribution { mode notes groupWeightPercent } }",
        isActive=False,
        distribution={"mode": "EQUAL", "notes": "n"},
    )
    assert own["plan"]["distribution"] == {
        "mode": "EQUAL",
        "notes": "n",
        "groupWeightPercent": 50.0,
    }


async def test_a_plan_is_changed_in_every_field_and_never_below_what_is_handed_on(
    budgets: ModuleGraph, pool: Pool
) -> None:
    start, end = this_month()
    await run(pool, "UPDATE copilot.credit_budget SET cycle_start = $1, cycle_end = $2", start, end)
    plan = (await create(budgets, amounts={"allocated": 1000}))["plan"]["id"]
    changed = await budgets.write(
        super_admin(),
        "updateBudgetPlan",
        f"{PLAN} budget {{ allocated }}",
        accountId=ORG,
        id=plan,
        amounts={"allocated": 900, "overflowCap": None},
        renewal={"cadence": "YEARLY", "dayOfMonth": 1, "anchorAt": start.isoformat()},
        isOverflowBilled=False,
        overflowBillingNote="note",
        distribution={"keepsOverrides": False},
    )
    assert changed["userErrors"] == []
    assert changed["plan"]["amounts"] == {"allocated": 900, "limit": 900, "overflowCap": None}
    below = await budgets.write(
        super_admin(),
        "updateBudgetPlan",
        "plan { id }",
        accountId=ORG,
        id=plan,
        amounts={"allocated": 599},
    )
    assert codes(below) == ["BELOW_DISTRIBUTED"]
    assert await look(
        pool, "SELECT distribution #>> '{account_policy,allocation}' FROM copilot.budget_plans"
    ) == [("900",)]


async def test_an_active_plan_cannot_be_removed_and_an_inactive_one_leaves_no_trace(
    budgets: ModuleGraph, pool: Pool
) -> None:
    plan = (await create(budgets))["plan"]["id"]

    async def delete() -> Any:
        return await budgets.write(admin(), "deleteBudgetPlan", "deletedId", id=plan)

    assert codes(await delete()) == ["INVALID_STATE"]
    await budgets.write(admin(), "updateBudgetPlan", "plan { id }", id=plan, isActive=False)
    await run(pool, "UPDATE copilot.credit_budget SET budget_plan_id = $1::text::uuid", plan)
    assert (await delete())["deletedId"] == plan
    named = "SELECT 1 FROM copilot.credit_budget WHERE budget_plan_id IS NOT NULL"
    assert await look(pool, named) == []


async def test_a_renewal_carries_children_rolls_over_and_charges_overflow(
    budgets: ModuleGraph, pool: Pool
) -> None:
    plan = (await create(budgets, amounts={"allocated": 1000}, renewal={"rolloverCap": 50}))[
        "plan"
    ]["id"]
    await age(pool)
    await run(
        pool,
        "UPDATE copilot.credit_budget SET used = 900, overflow_used = 7"
        " WHERE scope_type = 'account'",
    )
    trial = await renew(budgets, plan, dryRun=True)
    renewed = await renew(budgets, plan, idempotencyKey="k")

    assert trial["isCreated"] is True
    assert renewed["isCreated"] is True
    assert renewed["carriedCount"] == 3
    assert renewed["cycle"]["rolledOver"] == 50
    assert {**renewed["budget"], "id": ""} == {
        "id": "",
        "allocated": 1050,
        "limit": 1000,
        "pooled": 50,
        "distributed": 600,
        "unallocated": 400,
    }
    assert await renew(budgets, plan, idempotencyKey="k") == renewed
    assert (await renew(budgets, plan))["isCreated"] is False
    charged = await look(pool, "SELECT sum(overflow_charged)::int FROM gateway.budget_details")
    assert charged == [(7,)]


async def test_children_that_no_longer_fit_are_cut(budgets: ModuleGraph, pool: Pool) -> None:
    plan = (await create(budgets, amounts={"allocated": 1000}))["plan"]["id"]
    await age(pool)
    await run(
        pool,
        "UPDATE copilot.budget_plans SET distribution = jsonb_set(distribution,"
        " '{account_policy}', '{\"allocation\": 250}')",
    )
    renewed = await renew(budgets, plan)
    assert renewed["carriedCount"] == 3
    assert renewed["budget"]["distributed"] == 250


async def add_children(pool: Pool, count: int) -> None:
    """Budgets of one credit below the team's, in its cycle."""
    rows = await look(pool, "SELECT DISTINCT cycle_start, cycle_end FROM copilot.credit_budget")
    cycle = dict(zip(("cycle_start", "cycle_end"), rows[0], strict=True))
    parent = id_of(f"budget of team {TEAM}")
    for number in range(count):
        person = id_of(f"person {number}")
        await add_budget(pool, "user", person, 1, parent_budget_id=parent, **cycle)


async def test_a_renewal_takes_as_many_statements_however_many_children_there_are(
    budgets: ModuleGraph, pool: Pool
) -> None:
    plan = (await create(budgets, amounts={"allocated": 1000}))["plan"]["id"]
    await age(pool)
    taken = []
    for count in (0, 30):
        await add_children(pool, count)
        before = pool.statements
        renewed = await renew(budgets, plan, dryRun=True)
        taken.append((renewed["carriedCount"], pool.statements - before))

    assert [carried for carried, _ in taken] == [3, 33]
    assert taken[0][1] == taken[1][1]


async def test_a_cycle_that_would_overlap_is_refused(budgets: ModuleGraph, pool: Pool) -> None:
    plan = (await create(budgets, amounts={"allocated": 1000}))["plan"]["id"]
    at = (datetime.now(UTC) + timedelta(days=25)).isoformat()
    now = datetime.now(UTC)
    await run(
        pool,
        "UPDATE copilot.credit_budget SET cycle_start = $1, cycle_end = $2",
        now - timedelta(days=50),
        now + timedelta(days=100),
    )
    assert codes(await renew(budgets, plan, at=at)) == ["CYCLE_OVERLAP"]


async def test_what_is_due_is_done_once_by_one_of_several(budgets: ModuleGraph, pool: Pool) -> None:
    await create(budgets, amounts={"allocated": 1000})
    await age(pool)
    ticks = await asyncio.gather(*[renew_what_is_due(budgets.services) for _ in range(4)])

    assert sum(ORG in tick.account_ids for tick in ticks) == 1
    assert await look(
        pool,
        "SELECT count(*) FROM copilot.credit_budget WHERE scope_type = 'account'"
        " AND cycle_start = $1",
        this_month().start_at,
    ) == [(1,)]
    assert (await renew_what_is_due(budgets.services)).account_ids == ()
    renewals = "SELECT actor_id FROM copilot.audit_log WHERE action = 'renew'"
    assert await look(pool, renewals) == [("system",)]
    causes = (
        "SELECT request_id, position > 0 FROM copilot.audit_log"
        " LEFT JOIN gateway.audit_links ON event_id = id WHERE action = 'renew'"
    )
    assert await look(pool, causes) == [(None, True)]


async def test_what_was_granted_for_later_takes_effect_by_itself(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await budgets.write(
        super_admin(),
        "setAccountAllocation",
        "budget { allocated }",
        accountId=ORG,
        allocated=5000,
        effectiveFromAt="2099-01-01T00:00:00Z",
    )
    await run(pool, "UPDATE gateway.account_allocations SET effective_from_at = now()")
    await renew_what_is_due(budgets.services)
    root = "SELECT allocated FROM copilot.credit_budget WHERE scope_type = 'account'"
    assert await look(pool, root) == [(5000,)]


async def test_lapsed_holds_are_let_go_by_themselves(budgets: ModuleGraph, pool: Pool) -> None:
    await budgets.write(
        machine(),
        "reserveUsage",
        "reservation { id }",
        scope={"type": "USER", "id": ADA},
        amount=10,
        idempotencyKey="k",
    )
    await run(pool, "UPDATE gateway.usage_reservations SET expires_at = now()")
    await renew_what_is_due(budgets.services)
    assert await look(pool, "SELECT status FROM gateway.usage_reservations") == [("EXPIRED",)]
    assert await look(pool, "SELECT DISTINCT reserved FROM gateway.budget_details") == [(0,)]
