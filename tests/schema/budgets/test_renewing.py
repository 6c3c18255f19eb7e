"""What a new cycle begins with: the children its plan carries, and what the last one is charged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auth.caller import Caller
from datasources.database import Pool
from resolvers.budgets.cycles import Cycle, cycle_at
from resolvers.budgets.schedule import renew_what_is_due
from tests.harness.budgets import ADA, BOB, GROUP, ORG, TEAM, add_budget, admin, machine
from tests.harness.callers import super_admin
from tests.harness.directory import id_of
from tests.harness.module import ModuleGraph
from tests.harness.sql import look, run

ROOT, TEAMS = id_of(f"budget of account {ORG}"), id_of(f"budget of team {TEAM}")


def this_month() -> Cycle:
    now = datetime.now(UTC)
    cycle = cycle_at(now, cadence="MONTHLY", day_of_month=1, anchor_at=now)
    assert cycle is not None
    return cycle


async def age(pool: Pool) -> None:
    """Let what runs be the whole month before."""
    start = this_month().start_at
    before = (start - timedelta(days=1)).replace(day=1)
    text = "UPDATE copilot.credit_budget SET cycle_start = $1, cycle_end = $2"
    await run(pool, text, before, start - timedelta(seconds=1))


async def plan(graph: ModuleGraph, **given: Any) -> Any:
    given = {"accountId": ORG, "amounts": {"allocated": 1000}} | given
    return await graph.write(super_admin(), "createBudgetPlan", "plan { id }", **given)


async def renew(graph: ModuleGraph, plan: str, **given: Any) -> Any:
    fields = "isCreated carriedCount budget { id used allocated } cycle { startAt endAt }"
    given = {"accountId": ORG, "planId": plan} | given
    return await graph.write(super_admin(), "renewBudgetPlan", fields, **given)


async def started(graph: ModuleGraph, pool: Pool, **given: Any) -> Any:
    """A plan, and the cycle it starts after the one of the month before."""
    made = await plan(graph, **given)
    await age(pool)
    return await renew(graph, made["plan"]["id"])


async def children(pool: Pool) -> list[tuple[str, int]]:
    """Scopes with a budget in this month's cycle, the account's own left out."""
    text = """SELECT scope_id::text, allocated FROM copilot.credit_budget
        WHERE cycle_start = $1 AND scope_type <> 'account'"""
    return sorted(await look(pool, text, this_month().start_at))


def codes(payload: Any) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


async def test_children_are_carried_over_with_their_amounts_and_without_their_use(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET used = 40, overflow_cap = 7")
    renewed = await started(budgets, pool)

    assert renewed["carriedCount"] == 3
    text = """SELECT scope_type, allocated, limit_amount, overflow_cap, used, overflow_used
        FROM copilot.credit_budget WHERE cycle_start = $1 AND scope_type <> 'account' ORDER BY 1"""
    assert await look(pool, text, this_month().start_at) == [
        ("group", 600, 600, 7, 0, 0),
        ("team", 300, 300, 7, 0, 0),
        ("user", 100, 100, 7, 0, 0),
    ]


async def test_a_plan_may_start_every_cycle_empty(budgets: ModuleGraph, pool: Pool) -> None:
    await add_budget(pool, "user", BOB, 20, parent_budget_id=TEAMS, allocation_strategy="override")
    renewed = await started(budgets, pool, renewal={"children": "START_EMPTY"})
    assert (renewed["isCreated"], renewed["carriedCount"]) == (True, 0)
    assert await children(pool) == []


async def test_a_plan_may_carry_exceptions_only(budgets: ModuleGraph, pool: Pool) -> None:
    await add_budget(pool, "user", BOB, 20, parent_budget_id=TEAMS, allocation_strategy="override")
    renewed = await started(budgets, pool, renewal={"children": "OVERRIDES_ONLY"})
    assert renewed["carriedCount"] == 1
    assert await children(pool) == [(BOB, 20)]


async def test_what_was_closed_is_not_carried(budgets: ModuleGraph, pool: Pool) -> None:
    made = await plan(budgets)
    adas = id_of(f"budget of user {ADA}")
    await run(pool, "UPDATE copilot.credit_budget SET used = 30")
    assert codes(await budgets.write(admin(), "deleteBudget", "deletedId", id=adas)) == []
    await age(pool)
    assert (await renew(budgets, made["plan"]["id"]))["carriedCount"] == 2
    assert await children(pool) == sorted([(GROUP, 600), (TEAM, 300)])


async def charged(pool: Pool) -> int:
    """Overflow that was charged when the cycle before was closed."""
    text = "SELECT overflow_charged FROM gateway.budget_details WHERE budget_id = $1::text::uuid"
    return int((await look(pool, text, ROOT))[0][0])


async def allocated(pool: Pool, id: str) -> int:
    text = "SELECT allocated FROM copilot.credit_budget WHERE id = $1::text::uuid"
    return int((await look(pool, text, id))[0][0])


OVERFLOWN = "UPDATE copilot.credit_budget SET overflow_used = 30 WHERE scope_type = 'account'"


async def test_overflow_is_charged_once_when_its_cycle_is_closed(
    budgets: ModuleGraph, pool: Pool
) -> None:
    """Whatever else falls due in the account afterwards; so are unused credits carried over."""
    await run(pool, OVERFLOWN)
    made = await plan(budgets, renewal={"rolloverCap": 50})
    await age(pool)
    renewed = await renew(budgets, made["plan"]["id"])
    for number in range(2):
        await renew(budgets, made["plan"]["id"])
        hold = {"scope": {"type": "USER", "id": ADA}, "amount": 1, "idempotencyKey": str(number)}
        await budgets.write(machine(), "reserveUsage", "reservation { id }", **hold)
        await run(pool, "UPDATE gateway.usage_reservations SET expires_at = now()")
        assert (await renew_what_is_due(budgets.services)).account_ids == (ORG,)
    assert await charged(pool) == 30
    assert await allocated(pool, renewed["budget"]["id"]) == 1050
    told = "SELECT count(*) FROM copilot.audit_log WHERE action = 'close_cycle'"
    assert await look(pool, told) == [(1,)]


MOST = 2**31 - 1


async def test_what_a_budget_cannot_hold_is_not_carried_over(
    budgets: ModuleGraph, pool: Pool
) -> None:
    amounts, renewal = {"allocated": MOST - 20}, {"rolloverCap": 50}
    renewed = await started(budgets, pool, amounts=amounts, renewal=renewal)
    assert codes(renewed) == []
    assert await allocated(pool, renewed["budget"]["id"]) == MOST


async def test_more_is_not_granted_than_a_budget_can_hold_with_what_was_carried_over(
    budgets: ModuleGraph, pool: Pool
) -> None:
    renewed = await started(budgets, pool, renewal={"rolloverCap": 50})
    grant = {"accountId": ORG, "allocated": MOST - 49}
    refused = await budgets.write(super_admin(), "setAccountAllocation", "budget { id }", **grant)
    assert [(error["code"], error["path"]) for error in refused["userErrors"]] == [
        ("INVALID", ["input", "allocated"])
    ]
    assert await allocated(pool, renewed["budget"]["id"]) == 1050
    grant["allocated"] = MOST - 50
    await budgets.write(super_admin(), "setAccountAllocation", "budget { id }", **grant)
    assert await allocated(pool, renewed["budget"]["id"]) == MOST


async def test_overflow_that_is_not_billed_is_not_charged(budgets: ModuleGraph, pool: Pool) -> None:
    await run(pool, OVERFLOWN)
    await started(budgets, pool, isOverflowBilled=False)
    assert await charged(pool) == 0


async def test_overflow_that_was_set_aside_for_is_not_charged(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await run(pool, OVERFLOWN)
    made = await plan(budgets)
    await budgets.write(admin(), "updateBudget", "budget { pooled }", id=ROOT, pooled=20)
    await age(pool)
    await renew(budgets, made["plan"]["id"])
    assert await charged(pool) == 10


async def test_a_cycle_applied_again_keeps_what_was_used(budgets: ModuleGraph, pool: Pool) -> None:
    made = await plan(budgets)
    await age(pool)
    first = await renew(budgets, made["plan"]["id"])
    await run(pool, "UPDATE copilot.credit_budget SET used = 250 WHERE scope_type = 'account'")
    rules = """UPDATE copilot.budget_plans
        SET distribution = jsonb_set(distribution, '{account_policy}', '{"allocation": 800}')"""
    await run(pool, rules)

    stays = await renew(budgets, made["plan"]["id"])
    again = await renew(budgets, made["plan"]["id"], force=True)
    same = {"id": first["budget"]["id"], "used": 250}
    assert (stays["isCreated"], stays["budget"]) == (False, {**same, "allocated": 1000})
    assert (again["isCreated"], again["budget"]) == (False, {**same, "allocated": 800})


async def test_a_manual_plan_starts_a_month_when_told_to_and_never_by_itself(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await run(pool, "DELETE FROM copilot.credit_budget")
    made = await plan(budgets, renewal={"cadence": "MANUAL"})
    await renew_what_is_due(budgets.services)
    assert await look(pool, "SELECT FROM copilot.credit_budget") == []

    cycle = (await renew(budgets, made["plan"]["id"]))["cycle"]
    month = Cycle(*[datetime.fromisoformat(cycle[name]) for name in ("startAt", "endAt")])
    assert month == this_month()


async def test_a_suspended_account_starts_no_cycle(budgets: ModuleGraph, pool: Pool) -> None:
    await plan(budgets)
    await age(pool)
    await run(pool, "UPDATE \"Alchemi_AccountTable\" SET status = 'suspended'")
    await renew_what_is_due(budgets.services)
    assert await children(pool) == []
    await run(pool, "UPDATE \"Alchemi_AccountTable\" SET status = 'active'")
    await renew_what_is_due(budgets.services)
    assert len(await children(pool)) == 3


ROOTS = """SELECT allocated, limit_amount, overflow_cap FROM copilot.credit_budget
    WHERE scope_type = 'account' ORDER BY cycle_start"""


async def this_cycle(pool: Pool) -> None:
    """Let what runs be this whole month."""
    start, end = this_month()
    text = "UPDATE copilot.credit_budget SET cycle_start = $1, cycle_end = $2"
    await run(pool, text, start, end)


@pytest.mark.parametrize("caller", [admin(), super_admin()], ids=["admin", "super admin"])
@pytest.mark.parametrize("granted", [{}, {"allocated": 900, "overflowCap": 30}])
async def test_a_plan_that_says_no_amounts_leaves_those_of_the_running_cycle(
    budgets: ModuleGraph, pool: Pool, caller: Caller, granted: dict[str, int]
) -> None:
    await this_cycle(pool)
    if granted:
        given = {"accountId": ORG, **granted}
        await budgets.write(super_admin(), "setAccountAllocation", "budget { id }", **given)
    before = await look(pool, ROOTS)
    given = {"accountId": ORG, "name": "Without amounts"}
    assert codes(await budgets.write(caller, "createBudgetPlan", "plan { id }", **given)) == []
    assert await look(pool, ROOTS) == before


async def test_a_plan_that_becomes_active_gives_its_amounts_and_ends_the_other(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await this_cycle(pool)
    await plan(budgets)
    other = await plan(budgets, amounts={"allocated": 800}, isActive=False)
    assert await look(pool, ROOTS) == [(1000, 1000, 0)]
    given = {"accountId": ORG, "id": other["plan"]["id"], "isActive": True}
    await budgets.write(super_admin(), "updateBudgetPlan", "plan { id }", **given)
    assert await look(pool, ROOTS) == [(800, 800, 0)]
    active = "SELECT id::text FROM copilot.budget_plans WHERE is_active"
    assert await look(pool, active) == [(other["plan"]["id"],)]


async def test_without_amounts_or_a_grant_there_is_nothing_and_no_overflow_either(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await run(pool, "DELETE FROM copilot.credit_budget")
    assert codes(await plan(budgets, amounts=None)) == []
    assert await look(pool, ROOTS) == [(0, 0, 0)]


async def test_a_plan_that_says_no_amounts_gives_what_was_granted(
    budgets: ModuleGraph, pool: Pool
) -> None:
    granted = {"accountId": ORG, "allocated": 900, "overflowCap": 30}
    await budgets.write(super_admin(), "setAccountAllocation", "budget { id }", **granted)
    made = await plan(budgets, amounts=None)
    await age(pool)
    renewed = await renew(budgets, made["plan"]["id"])
    text = "SELECT allocated, overflow_cap FROM copilot.credit_budget WHERE id = $1::text::uuid"
    assert await look(pool, text, renewed["budget"]["id"]) == [(900, 30)]


@pytest.mark.parametrize(
    "given",
    [
        {"renewal": {"dayOfMonth": 0}},
        {"renewal": {"dayOfMonth": 29}},
        {"renewal": {"rolloverCap": 2**31}},
        {"amounts": {"allocated": 10, "limit": 11}},
        {"distribution": {"groupWeightPercent": 60}},
        {"distribution": {"groupWeightPercent": -10, "teamWeightPercent": 90}},
        {"distribution": {"targetType": "ACCOUNT"}},
        {"name": " "},
    ],
)
async def test_a_plan_that_makes_no_sense_is_refused(
    budgets: ModuleGraph, pool: Pool, given: dict[str, Any]
) -> None:
    assert codes(await plan(budgets, **given))[0] in {"INVALID", "REQUIRED"}
    assert await look(pool, "SELECT FROM copilot.budget_plans") == []


async def test_a_note_that_is_taken_away_is_the_standard_one(budgets: ModuleGraph) -> None:
    async def note(id: str, text: str | None) -> str:
        given = {"accountId": ORG, "id": id, "overflowBillingNote": text}
        fields = "plan { overflowBillingNote }"
        payload = await budgets.write(super_admin(), "updateBudgetPlan", fields, **given)
        return str(payload["plan"]["overflowBillingNote"])

    id = (await plan(budgets, isActive=False))["plan"]["id"]
    assert await note(id, "Paid by Sales.") == "Paid by Sales."
    for nothing in (None, "  "):
        assert await note(id, nothing) == "Usage beyond the limit is invoiced separately."
