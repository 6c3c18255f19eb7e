"""What went wrong with credits before: what two did at once, what was half done, what was lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auth.errors import Forbidden
from datasources.database import Pool
from resolvers.budgets.cycles import cycle_at
from schema.budgets import BUDGETS
from tests.harness.budgets import (
    ADA,
    BOB,
    CYCLE_END,
    CYCLE_START,
    GROUP,
    ORG,
    TEAM,
    add_budget,
    add_plan,
    admin,
    fill_budgets,
    machine,
)
from tests.harness.callers import super_admin
from tests.harness.directory import id_of
from tests.harness.module import ModuleGraph
from tests.harness.sql import look, run

ADAS, TEAMS = id_of(f"budget of user {ADA}"), id_of(f"budget of team {TEAM}")
GROUPS, ROOT = id_of(f"budget of group {GROUP}"), id_of(f"budget of account {ORG}")


def codes(payload: Any) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


def person(id: str) -> dict[str, str]:
    return {"type": "USER", "id": id}


async def record(graph: ModuleGraph, key: str, credits: int, **more: Any) -> Any:
    usage = {"idempotencyKey": key, "scope": person(ADA), "credits": credits} | more
    return await graph.write(machine(), "recordUsage", "entry { id outcome }", usage=usage)


async def allocate(graph: ModuleGraph, parent: str, scope: dict[str, str], credits: int) -> Any:
    given = {"parentId": parent, "scope": scope, "allocated": credits}
    return await graph.write(admin(), "allocateBudget", "budget { id }", **given)


async def update(graph: ModuleGraph, id: str, **given: Any) -> Any:
    return await graph.write(
        super_admin(), "updateBudget", "budget { id }", id=id, accountId=ORG, **given
    )


async def distribute(graph: ModuleGraph, id: str, **given: Any) -> Any:
    fields = "targetCount createdCount closedCount budget { distributed }"
    return await graph.write(admin(), "distributeBudget", fields, budgetId=id, **given)


async def stored(pool: Pool, column: str, id: str) -> Any:
    text = f"SELECT {column} FROM copilot.credit_budget WHERE id = $1::text::uuid"
    return (await look(pool, text, id))[0][0]


# --- at once --------------------------------------------------------------------------------------


async def test_a_parent_that_shrinks_and_one_that_hands_on_do_not_pass_each_other(
    budgets: ModuleGraph, pool: Pool
) -> None:
    answers = await asyncio.gather(
        update(budgets, TEAMS, allocated=100),
        allocate(budgets, TEAMS, person(BOB), 200),
        update(budgets, ROOT, allocated=600),
        allocate(budgets, ROOT, {"type": "GROUP", "id": GROUP}, 1000),
    )
    told = Counter(code for answer in answers for code in codes(answer))
    assert told.total() == 2
    assert set(told) <= {"BELOW_DISTRIBUTED", "INSUFFICIENT_CREDITS"}


async def test_distributions_at_once_give_each_person_one_share(
    budgets: ModuleGraph, pool: Pool
) -> None:
    answers = await asyncio.gather(*[distribute(budgets, TEAMS) for _ in range(6)])
    assert sum(answer["createdCount"] for answer in answers) == 1
    shares = "SELECT scope_id::text, allocated FROM copilot.credit_budget WHERE scope_type = 'user'"
    assert dict(await look(pool, shares)) == {ADA: 100, BOB: 200}


async def test_usage_at_once_fills_limit_and_cap_exactly(budgets: ModuleGraph, pool: Pool) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET overflow_cap = 5")
    answers = await asyncio.gather(*[record(budgets, str(n), 10) for n in range(30)])
    outcomes = Counter(answer["entry"]["outcome"] for answer in answers)
    assert outcomes == {"WITHIN_LIMIT": 10, "REFUSED": 20}
    more = await asyncio.gather(*[record(budgets, f"more {n}", 2) for n in range(30)])
    assert Counter(answer["entry"]["outcome"] for answer in more) == {"OVERFLOW": 2, "REFUSED": 28}
    counted = await look(pool, "SELECT DISTINCT used, overflow_used FROM copilot.credit_budget")
    assert counted == [(100, 4)]


def processes(pool: Pool) -> list[ModuleGraph]:
    """The module as several processes have it, each with its own queue of calls."""
    return [ModuleGraph(BUDGETS, pool) for _ in range(4)]


async def test_an_event_reported_many_times_at_once_is_charged_once(
    budgets: ModuleGraph, pool: Pool
) -> None:
    answers = await asyncio.gather(
        *[record(graph, "same", 10) for graph in processes(pool) for _ in range(3)]
    )
    assert len({answer["entry"]["id"] for answer in answers}) == 1
    assert await stored(pool, "used", ROOT) == 10
    assert await look(pool, "SELECT credits FROM gateway.usage_ledger") == [(10,)]


async def test_a_reservation_is_settled_once_and_a_charge_given_back_once(
    budgets: ModuleGraph, pool: Pool
) -> None:
    held = {"scope": person(ADA), "amount": 60, "idempotencyKey": "hold"}
    reserved = await budgets.write(machine(), "reserveUsage", "reservation { id }", **held)
    settling = {"reservationId": reserved["reservation"]["id"]}
    graphs = processes(pool)
    settled = await asyncio.gather(
        *[record(graph, str(n), 60, **settling) for n, graph in enumerate(graphs)]
    )
    assert sorted(map(codes, settled)) == [[], *[["INVALID_STATE"]] * 3]
    (charge,) = [answer["entry"]["id"] for answer in settled if answer["entry"]]

    async def refund(graph: ModuleGraph, key: int) -> Any:
        given = {"entryId": charge, "reason": "failed", "idempotencyKey": str(key)}
        return await graph.write(machine(), "refundUsage", "entry { id }", **given)

    back = await asyncio.gather(*[refund(graph, n) for n, graph in enumerate(graphs)])
    assert sorted(map(codes, back)) == [[], *[["INVALID"]] * 3]
    assert await stored(pool, "(used, overflow_used)", ROOT) == (0, 0)


_WAITING = """SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""


async def test_what_an_older_service_books_meanwhile_counts(
    budgets: ModuleGraph, pool: Pool
) -> None:
    """It takes no turns: only the row that it changes is locked."""
    async with pool.transaction() as older:
        await run(older, "UPDATE copilot.credit_budget SET used = 95 WHERE scope_type = 'user'")
        booking = asyncio.ensure_future(record(budgets, "one", 10))
        while not await look(pool, _WAITING):
            assert not booking.done()
    assert codes(await booking) == ["LIMIT_REACHED"]
    assert await stored(pool, "used", ADAS) == 95


async def test_of_budgets_created_at_once_for_one_scope_one_is(budgets: ModuleGraph) -> None:
    async def create() -> Any:
        return await budgets.write(
            admin(), "createBudget", "budget { id }", scope=person(BOB), allocated=10
        )

    answers = await asyncio.gather(*[create() for _ in range(6)])
    assert sorted(map(codes, answers)) == [[], *[["TAKEN"]] * 5]


async def test_of_plans_activated_and_cycles_renewed_at_once_one_is(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await run(pool, "DELETE FROM copilot.credit_budget")

    async def create(name: str) -> Any:
        fields = "plan { id } userErrors { code }"
        given = {"name": name, "amounts": {"allocated": 100}}
        return await budgets.write(
            super_admin(), "createBudgetPlan", fields, accountId=ORG, **given
        )

    created = await asyncio.gather(*[create(f"plan {n}") for n in range(4)])
    assert [codes(answer) for answer in created] == [[]] * 4
    active = await look(pool, "SELECT id::text FROM copilot.budget_plans WHERE is_active")
    assert len(active) == 1
    await run(pool, "DELETE FROM copilot.credit_budget")

    async def renew() -> Any:
        given = {"accountId": ORG, "planId": active[0][0]}
        return await budgets.write(super_admin(), "renewBudgetPlan", "isCreated", **given)

    renewed = await asyncio.gather(*[renew() for _ in range(4)])
    assert Counter(answer["isCreated"] for answer in renewed) == {True: 1, False: 3}


async def test_a_page_goes_on_where_the_last_one_ended_whoever_adds_meanwhile(
    budgets: ModuleGraph,
) -> None:
    async def page(after: str | None) -> Any:
        text = """query($id: ID!, $after: String) { account(id: $id) {
            budgets(first: 2, after: $after) { nodes { id } pageInfo { endCursor } } } }"""
        return (await budgets.ask(admin(), text, id=ORG, after=after)).field["budgets"]

    first = await page(None)
    await budgets.write(admin(), "createBudget", "budget { id }", scope=person(BOB), allocated=10)
    second = await page(first["pageInfo"]["endCursor"])
    seen = [node["id"] for node in [*first["nodes"], *second["nodes"]]]
    assert len(set(seen)) == 4
    assert set(seen) <= {ADAS, TEAMS, GROUPS, ROOT, *[node["id"] for node in second["nodes"]]}


# --- half done ------------------------------------------------------------------------------------


async def test_a_budget_that_was_closed_takes_no_usage_and_is_not_said_to_be_full(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await budgets.write(admin(), "deleteBudget", "deletedId", id=ADAS)
    payload = await record(budgets, "late", 1, scope=None, budgetId=ADAS)
    assert codes(payload) == ["NOT_FOUND"]
    assert await look(pool, "SELECT FROM gateway.usage_ledger") == []


async def test_a_budget_whose_cycle_has_ended_takes_no_usage(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET cycle_end = now() - interval '1 minute'")
    payload = await record(budgets, "late", 1, scope=None, budgetId=ADAS)
    assert codes(payload) == ["INVALID_STATE"]
    assert await stored(pool, "used", ADAS) == 0


async def test_a_plan_that_cannot_be_applied_is_not_kept_either(
    budgets: ModuleGraph, pool: Pool
) -> None:
    now = datetime.now(UTC)
    cycle = cycle_at(now, cadence="MONTHLY", day_of_month=1, anchor_at=now)
    assert cycle is not None
    await run(pool, "UPDATE copilot.credit_budget SET cycle_start = $1, cycle_end = $2", *cycle)
    plan = await add_plan(pool)
    given = {"accountId": ORG, "id": plan, "amounts": {"allocated": 599}}
    payload = await budgets.write(super_admin(), "updateBudgetPlan", "plan { id }", **given)
    assert codes(payload) == ["BELOW_DISTRIBUTED"]
    assert await look(pool, "SELECT distribution FROM copilot.budget_plans") == [({},)]
    await run(
        pool,
        'UPDATE copilot.budget_plans SET distribution = \'{"account_policy": {"allocation": 1}}\'',
    )
    again = {"accountId": ORG, "planId": plan, "force": True}
    payload = await budgets.write(super_admin(), "renewBudgetPlan", "isCreated", **again)
    assert codes(payload) == ["BELOW_DISTRIBUTED"]
    assert await stored(pool, "allocated", ROOT) == 1000


async def test_without_its_audit_event_nothing_changes(cloned_database_url: str) -> None:
    pool = await Pool.open(cloned_database_url)
    try:
        await fill_budgets(pool)
        await run(pool, "ALTER TABLE copilot.audit_log ADD CHECK (false) NOT VALID")
        graph = ModuleGraph(BUDGETS, pool)
        before = await look(pool, "SELECT * FROM copilot.credit_budget ORDER BY id")
        attempts = (
            record(graph, "one", 1),
            update(graph, ADAS, allocated=50),
            distribute(graph, TEAMS),
            allocate(graph, TEAMS, person(BOB), 5),
        )
        for attempt in attempts:
            with pytest.raises(AssertionError, match="audit_log_check"):
                await attempt
        assert await look(pool, "SELECT * FROM copilot.credit_budget ORDER BY id") == before
        assert await look(pool, "SELECT FROM gateway.usage_ledger") == []
    finally:
        await pool.close()


# --- lost or taken --------------------------------------------------------------------------------


async def test_a_distribution_leaves_what_other_parents_gave(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET allocation_strategy = 'equal_distribution'")
    payload = await distribute(budgets, ROOT)
    assert payload["targetCount"] == 1  # Bob, who had nothing
    assert await stored(pool, "parent_budget_id::text", ADAS) == TEAMS
    assert await stored(pool, "allocated", ADAS) == 100


async def test_a_share_that_is_closed_keeps_its_use(budgets: ModuleGraph, pool: Pool) -> None:
    await run(
        pool,
        "UPDATE copilot.credit_budget SET allocation_strategy = 'equal_distribution'"
        " WHERE scope_type = 'user'",
    )
    await record(budgets, "one", 20)
    await run(pool, "UPDATE copilot.account_memberships SET is_active = false WHERE user_id ="
                    " $1::text::uuid", ADA)  # fmt: skip
    assert (await distribute(budgets, TEAMS))["closedCount"] == 1
    assert await stored(pool, "(used, allocated)", ADAS) == (20, 20)
    assert await look(pool, "SELECT credits FROM gateway.usage_ledger") == [(20,)]


@pytest.mark.parametrize("credits", [-1, -(10**9)])
async def test_usage_is_never_negative(budgets: ModuleGraph, pool: Pool, credits: int) -> None:
    text = "mutation($i: RecordUsageInput!) { recordUsage(input: $i) { entry { id } } }"
    usage = {"idempotencyKey": "k", "scope": person(ADA), "credits": credits}
    answer = await budgets.ask(machine(), text, i={"usage": usage})
    assert answer.errors
    assert await stored(pool, "used", ADAS) == 0


@pytest.mark.parametrize(
    "amounts", [{"allocated": -1}, {"allocated": 900, "limit": -1}, {"overflowCap": -1}]
)
async def test_no_amount_of_a_budget_is_negative(
    budgets: ModuleGraph, pool: Pool, amounts: dict[str, int]
) -> None:
    rows = "SELECT * FROM copilot.credit_budget ORDER BY id"
    before = await look(pool, rows)
    given = {"allocated": 50} | amounts
    for mutation, input in (
        ("createBudget", {"scope": person(BOB), **given}),
        ("allocateBudget", {"parentId": TEAMS, "scope": person(BOB), **given}),
        ("updateBudget", {"id": ADAS, **amounts}),
        ("setAccountAllocation", amounts),
        ("createBudgetPlan", {"amounts": given}),
    ):
        type_ = f"{mutation[0].upper()}{mutation[1:]}Input"
        text = f"mutation($i: {type_}!) {{ {mutation}(input: $i) {{ userErrors {{ code }} }} }}"
        answer = await budgets.ask(super_admin(), text, i={"accountId": ORG, **input})
        assert answer.errors or codes(answer.field) == ["INVALID"], mutation
    assert await look(pool, rows) == before


async def test_what_is_not_said_is_the_strict_choice(budgets: ModuleGraph) -> None:
    fields = "budget { limit overflowCap }"
    created = await budgets.write(admin(), "createBudget", fields, scope=person(BOB), allocated=10)
    granted = await budgets.write(
        super_admin(), "setAccountAllocation", fields, accountId=ORG, allocated=900
    )
    assert created["budget"] == {"limit": 10, "overflowCap": 0}
    assert granted["budget"] == {"limit": 900, "overflowCap": 0}


async def test_an_administrator_changes_no_amounts_of_the_account_s_own_plan_or_budget(
    budgets: ModuleGraph, pool: Pool
) -> None:
    plan = await add_plan(pool)
    text = "mutation($i: UpdateBudgetPlanInput!) { updateBudgetPlan(input: $i) { plan { id } } }"
    attempts: list[dict[str, Any]] = [
        {"amounts": {"allocated": 9}},
        {"renewal": {"cadence": "YEARLY"}},
        {"isOverflowBilled": False},
    ]
    for given in attempts:
        answer = await budgets.ask(admin(), text, i={"id": plan, **given})
        assert isinstance(answer.errors[0].original_error, Forbidden)
    own = {"scope": {"type": "ACCOUNT", "id": ORG}, "allocated": 10**6}
    assert codes(await budgets.write(admin(), "createBudget", "budget { id }", **own)) == [
        "INVALID"
    ]


async def test_a_parent_is_of_the_same_account_and_cycle(budgets: ModuleGraph, pool: Pool) -> None:
    later = {"cycle_start": CYCLE_END, "cycle_end": CYCLE_END + timedelta(30)}
    next_cycle = await add_budget(pool, "group", GROUP, 500, id=id_of("next cycle"), **later)
    other = {"account_id": "another", "id": id_of("theirs")}
    theirs = await add_budget(pool, "group", id_of("their group"), 500, **other)
    assert codes(await update(budgets, TEAMS, parentId=next_cycle)) == ["CYCLE_OVERLAP"]
    assert codes(await update(budgets, TEAMS, parentId=theirs)) == ["NOT_FOUND"]
    assert codes(await allocate(budgets, theirs, person(BOB), 1)) == ["NOT_FOUND"]


async def test_people_of_another_account_get_no_budget(budgets: ModuleGraph, pool: Pool) -> None:
    stranger = id_of("stranger")
    await run(
        pool,
        "INSERT INTO copilot.users (id, account_id, email, name)"
        " VALUES ($1::text::uuid, 'another', 'x@else.test', 'X')",
        stranger,
    )
    given = {"scope": person(stranger), "allocated": 1}
    assert codes(await budgets.write(admin(), "createBudget", "budget { id }", **given)) == [
        "NOT_FOUND"
    ]


# --- counted twice, or not at all -----------------------------------------------------------------


async def test_risk_over_all_accounts_counts_each_credit_once(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await record(budgets, "one", 90)
    text = "{ platform { budgetRisk { levels { allocated used } } } }"
    levels = (await budgets.ask(super_admin(), text)).field["budgetRisk"]["levels"]
    assert sum(level["used"] for level in levels) == 90
    assert sum(level["allocated"] for level in levels) == 1000


async def test_budgets_of_other_cycles_raise_no_alert(budgets: ModuleGraph, pool: Pool) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET used = allocated WHERE scope_type = 'user'")
    text = "query($id: ID!) { account(id: $id) { budgetAlerts { totalCount } } }"
    assert (await budgets.ask(admin(), text, id=ORG)).field["budgetAlerts"]["totalCount"] == 1
    await run(
        pool,
        "UPDATE copilot.credit_budget SET cycle_start = $1, cycle_end = $2 WHERE scope_type ="
        " 'user'",
        CYCLE_END,
        CYCLE_END + timedelta(30),
    )
    assert (await budgets.ask(admin(), text, id=ORG)).field["budgetAlerts"]["totalCount"] == 0


async def test_every_moment_belongs_to_one_cycle(budgets: ModuleGraph, pool: Pool) -> None:
    later = {"cycle_start": CYCLE_END, "cycle_end": CYCLE_END + timedelta(days=30, seconds=-1)}
    await add_budget(pool, "account", ORG, 500, id=id_of("next root"), **later)
    text = "query($id: ID!, $at: DateTime) { account(id: $id) { rootBudget(at: $at) { id } } }"

    async def root(at: datetime) -> Any:
        answer = await budgets.ask(admin(), text, id=ORG, at=at.isoformat())
        return answer.field["rootBudget"]["id"]

    assert await root(CYCLE_START) == ROOT
    assert await root(CYCLE_END - timedelta(microseconds=1)) == ROOT
    assert await root(CYCLE_END) == id_of("next root")
