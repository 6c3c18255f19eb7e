"""Credits of many accounts at once: tried, carried out, interrupted, recorded one by one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from datasources.database import Pool
from datasources.health import ping
from resolvers.budgets.bulk import go_on_granting
from tests.harness.budgets import ORG, add_plan, fill_budgets
from tests.harness.callers import super_admin
from tests.harness.directory import add_account
from tests.harness.graph import Graph
from tests.harness.sql import look, run

GAMMA, DELTA = "gamma", "delta"
EVERY = [ORG, GAMMA, DELTA]
OPERATION = """id kind status isDryRun matchedCount changedCount skippedCount accountCount
  progressPercent selection values accountId problem requestedBy { name }
  items { nodes { targetId outcome reason account { id } } }"""
SET = f"""mutation ($input: BulkSetAccountAllocationInput!) {{
  bulkSetAccountAllocation(input: $input) {{
    operation {{ {OPERATION} }} userErrors {{ code path }} }} }}"""
OPERATIONS = f"{{ platform {{ bulkOperations {{ nodes {{ {OPERATION} }} }} }} }}"
COUNTS = ("matchedCount", "changedCount", "skippedCount", "accountCount")
HANDED_ON = "600 credits of it are handed on or set aside."
ALREADY = "Is that way already."


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    return await filled(pool)


async def filled(pool: Pool) -> Graph:
    """An account that has handed on 600 of its 1000 credits, and two without credits."""
    await fill_budgets(pool)
    await add_account(pool, GAMMA, "gamma.test")
    await add_account(pool, DELTA, "delta.test")
    return Graph(pool)


async def bulk(graph: Graph, **input: Any) -> Any:
    answer = await graph.ask(super_admin(), SET, input=input)
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["bulkSetAccountAllocation"]


async def operations(graph: Graph) -> list[Any]:
    answer = await graph.ask(super_admin(), OPERATIONS)
    assert answer.errors == ()
    assert answer.data is not None
    nodes: list[Any] = answer.data["platform"]["bulkOperations"]["nodes"]
    return nodes


def outcomes(operation: Any) -> dict[str, str]:
    """What became of each account; of those left alone, why."""
    return {
        item["targetId"]: item["reason"] or item["outcome"] for item in operation["items"]["nodes"]
    }


async def granted(pool: Pool) -> list[Any]:
    return await look(
        pool,
        "SELECT account_id, allocated, limit_amount, overflow_cap, credit_factor::text, updated_by"
        " FROM gateway.account_allocations WHERE is_applied ORDER BY 1, effective_from_at",
    )


async def roots(pool: Pool) -> list[Any]:
    return await look(
        pool,
        "SELECT account_id, allocated, limit_amount, overflow_cap, used FROM copilot.credit_budget"
        " WHERE scope_type = 'account' ORDER BY account_id",
    )


async def recorded(pool: Pool) -> list[Any]:
    return await look(
        pool,
        "SELECT a.account_id, a.action, l.operation_id::text, l.request_id, a.actor_id"
        " FROM copilot.audit_log a JOIN gateway.audit_links l ON l.event_id = a.id ORDER BY 1",
    )


# --- trying and doing -----------------------------------------------------------------------------


async def test_it_says_what_it_would_do_and_does_it(graph: Graph, pool: Pool) -> None:
    given = {"accountIds": [ORG, GAMMA, "nobody"], "allocated": 2000, "creditFactor": "2.50"}
    before = await roots(pool)
    trial = (await bulk(graph, **given, dryRun=True))["operation"]
    assert outcomes(trial) == {
        ORG: "MATCHED",
        GAMMA: "MATCHED",
        "nobody": "There is no such account.",
    }
    assert [trial[count] for count in COUNTS] == [3, 0, 1, 2]
    assert (trial["isDryRun"], trial["status"], trial["progressPercent"]) == (
        True,
        "SUCCEEDED",
        100,
    )
    assert await granted(pool) == await recorded(pool) == []
    assert await roots(pool) == before

    done = (await bulk(graph, **given))["operation"]
    assert (done["kind"], done["status"], done["accountId"]) == (
        "SET_ACCOUNT_ALLOCATION",
        "SUCCEEDED",
        None,
    )
    assert done["requestedBy"] == {"name": super_admin().id}
    assert done["selection"] == {"accountIds": given["accountIds"]}
    assert done["values"] == {"allocated": 2000, "creditFactor": "2.50"}
    assert [done[count] for count in COUNTS] == [3, 2, 1, 2]
    named = {item["targetId"]: item["account"] for item in done["items"]["nodes"]}
    assert named == {ORG: {"id": ORG}, GAMMA: {"id": GAMMA}, "nobody": None}
    root = super_admin().id
    assert await granted(pool) == [
        (ORG, 2000, 2000, 0, "2.50", root),
        (GAMMA, 2000, 2000, 0, "2.50", root),
    ]
    assert await roots(pool) == [(ORG, 2000, 2000, 0, 0), (GAMMA, 2000, 2000, 0, 0)]
    assert await recorded(pool) == [
        (ORG, "bulk_update", done["id"], "test", root),
        (GAMMA, "bulk_update", done["id"], "test", root),
    ]


@pytest.mark.parametrize("dry_run", [True, False])
async def test_accounts_it_does_not_fit_are_left_alone_and_the_others_are_not(
    graph: Graph, pool: Pool, dry_run: bool
) -> None:
    given = {"accountIds": EVERY, "allocated": 599, "limit": 500, "overflowCap": None}
    operation = (await bulk(graph, **given, dryRun=dry_run))["operation"]
    done = "MATCHED" if dry_run else "CHANGED"
    assert outcomes(operation) == {ORG: HANDED_ON, GAMMA: done, DELTA: done}
    assert operation["values"] == {"allocated": 599, "limit": 500, "overflowCap": None}
    assert (await roots(pool))[0] == (ORG, 1000, 1000, 0, 0)
    new = [] if dry_run else [(id, 599, 500, None, "1", super_admin().id) for id in (DELTA, GAMMA)]
    assert await granted(pool) == new
    assert [row[0] for row in await recorded(pool)] == [row[0] for row in new]


async def test_use_is_never_reset_and_what_is_not_said_stays(graph: Graph, pool: Pool) -> None:
    await run(
        pool,
        "UPDATE copilot.credit_budget SET used = 40, overflow_cap = 7 WHERE scope_id::text = $1",
        ORG,
    )
    plan = await add_plan(pool)
    await bulk(graph, accountIds=[ORG], allocated=900)
    assert await roots(pool) == [(ORG, 900, 900, 7, 40)]
    policy = "SELECT distribution #>> '{account_policy,allocation}' FROM copilot.budget_plans"
    assert await look(pool, policy) == [("900",)], plan
    await bulk(graph, accountIds=[ORG], creditFactor="3")
    assert (await granted(pool))[-1] == (ORG, 900, 900, 7, "3", super_admin().id)


async def test_what_is_that_way_already_is_left_alone(graph: Graph, pool: Pool) -> None:
    given = {"accountIds": EVERY, "allocated": 2000, "creditFactor": "2"}
    await bulk(graph, **given)
    before = await granted(pool)
    again = (await bulk(graph, **given | {"creditFactor": "2.0"}))["operation"]
    assert outcomes(again) == dict.fromkeys(EVERY, ALREADY)
    assert await granted(pool) == before
    await run(
        pool,
        "UPDATE copilot.credit_budget SET allocated = 1500 WHERE scope_type = 'account'"
        " AND account_id = $1",
        GAMMA,
    )
    assert outcomes((await bulk(graph, **given))["operation"])[GAMMA] == "CHANGED"
    assert (GAMMA, 2000, 2000, 0, 0) in await roots(pool)


async def test_accounts_are_found_by_conditions(graph: Graph, pool: Pool) -> None:
    operation = (await bulk(graph, filter={"search": "amm"}, allocated=10))["operation"]
    assert outcomes(operation) == {GAMMA: "CHANGED"}
    assert operation["selection"] == {"filter": {"search": "amm"}}
    nothing = (await bulk(graph, filter={"search": "zzz"}, allocated=10))["operation"]
    assert (nothing["status"], nothing["matchedCount"]) == ("SUCCEEDED", 0)
    assert len(await granted(pool)) == 1


async def test_a_repeated_key_answers_with_the_first_operation(graph: Graph, pool: Pool) -> None:
    given = {"accountIds": [GAMMA], "allocated": 10, "idempotencyKey": "once"}
    first, second = await asyncio.gather(bulk(graph, **given), bulk(graph, **given))
    again = await bulk(graph, **given)
    assert first["operation"]["id"] == second["operation"]["id"] == again["operation"]["id"]
    assert outcomes(again["operation"]) == {GAMMA: "CHANGED"}
    other = await bulk(graph, **given | {"allocated": 11})
    assert [error["code"] for error in other["userErrors"]] == ["KEY_REUSED"]
    assert [row[:2] for row in await granted(pool)] == [(GAMMA, 10)]


@pytest.mark.parametrize(
    ("input", "code", "path"),
    [
        ({"accountIds": [GAMMA]}, "REQUIRED", "allocated"),
        ({"accountIds": [GAMMA], "allocated": None}, "REQUIRED", "allocated"),
        ({"accountIds": [GAMMA], "creditFactor": None}, "REQUIRED", "creditFactor"),
        ({"accountIds": [GAMMA], "creditFactor": "0"}, "INVALID", "creditFactor"),
        ({"accountIds": [GAMMA], "allocated": 2**31}, "INVALID", "allocated"),
        ({"accountIds": [GAMMA], "allocated": 5, "limit": 6}, "INVALID", "limit"),
        ({"accountIds": [GAMMA], "overflowCap": 2**31}, "INVALID", "overflowCap"),
        ({"allocated": 5}, "EMPTY_SELECTION", "accountIds"),
        ({"accountIds": [], "filter": {}, "allocated": 5}, "EMPTY_SELECTION", "accountIds"),
    ],
)
async def test_what_fits_no_account_begins_nothing(
    graph: Graph, pool: Pool, input: Any, code: str, path: str
) -> None:
    answer = await bulk(graph, **input)
    assert answer["operation"] is None
    assert answer["userErrors"] == [{"code": code, "path": ["input", path]}]
    assert await look(pool, "SELECT FROM gateway.bulk_operations") == []


async def test_a_limit_alone_is_compared_with_what_each_account_has(graph: Graph) -> None:
    operation = (await bulk(graph, accountIds=[ORG, GAMMA], limit=800))["operation"]
    assert outcomes(operation) == {
        ORG: "CHANGED",
        GAMMA: "A limit is never above what is allocated.",
    }


# --- while it runs --------------------------------------------------------------------------------


@asynccontextmanager
async def held(pool: Pool, account_id: str) -> AsyncIterator[None]:
    """Have somebody else change the credits of an account for the length of a block."""
    await run(
        pool, "INSERT INTO gateway.budget_locks VALUES ($1) ON CONFLICT DO NOTHING", account_id
    )
    lock = "SELECT FROM gateway.budget_locks WHERE account_id = $1 FOR UPDATE"
    async with pool.transaction() as database:
        await look(database, lock, account_id)
        yield


async def reached(pool: Pool, count: int) -> None:
    """Wait until it is known what became of so many accounts."""
    known = "SELECT FROM gateway.bulk_operation_items WHERE outcome IS NOT NULL"
    while len(await look(pool, known)) < count:
        await ping(pool)


@pytest.mark.parametrize("dry_run", [True, False])
async def test_progress_is_seen_account_by_account_and_others_are_not_kept_waiting(
    graph: Graph, pool: Pool, dry_run: bool
) -> None:
    ids, done = sorted(EVERY), "MATCHED" if dry_run else "CHANGED"
    given = {"accountIds": ids, "allocated": 2000, "dryRun": dry_run}
    async with held(pool, ids[-1]):
        working = asyncio.create_task(bulk(graph, **given))
        await reached(pool, 2)
        (operation,) = await operations(graph)
        async with held(pool, ids[0]):
            assert not working.done()
    assert (operation["status"], operation["accountCount"]) == ("RUNNING", 2)
    assert operation["progressPercent"] == pytest.approx(200 / 3)
    assert outcomes(operation) == dict.fromkeys(ids[:2], done)
    assert outcomes((await working)["operation"]) == dict.fromkeys(ids, done)


async def test_what_was_interrupted_goes_on_by_itself_for_whoever_asked(
    graph: Graph, pool: Pool
) -> None:
    ids = sorted(EVERY)
    async with held(pool, ids[1]):
        working = asyncio.create_task(bulk(graph, accountIds=ids, allocated=2000))
        await reached(pool, 1)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    assert await go_on_granting(graph.services) == []

    await run(pool, "UPDATE gateway.bulk_operations SET started_at = now() - interval '1 hour'")
    (operation,) = await operations(graph)
    assert operation["status"] == "RUNNING"
    at_once = await asyncio.gather(*[go_on_granting(graph.services) for _ in range(4)])
    assert [operation["id"]] in at_once
    (operation,) = await operations(graph)
    assert (operation["status"], operation["progressPercent"]) == ("SUCCEEDED", 100)
    assert [operation[count] for count in COUNTS] == [3, 3, 0, 3]
    assert outcomes(operation) == dict.fromkeys(ids, "CHANGED")
    root = super_admin().id
    assert [(row[0], row[-1]) for row in await granted(pool)] == [(id, root) for id in ids]
    causes = ["test", None, None]
    assert await recorded(pool) == [
        (id, "bulk_update", operation["id"], cause, root)
        for id, cause in zip(ids, causes, strict=True)
    ]
    assert await go_on_granting(graph.services) == []


async def test_an_account_that_is_deleted_meanwhile_is_left_alone(graph: Graph, pool: Pool) -> None:
    ids = sorted([ORG, GAMMA])
    async with held(pool, ids[0]):
        working = asyncio.create_task(bulk(graph, accountIds=ids, allocated=2000))
        while not await operations(graph):
            await ping(pool)
        await run(pool, 'DELETE FROM "Alchemi_AccountTable" WHERE account_id = $1', ids[1])
    operation = (await working)["operation"]
    assert outcomes(operation) == {ids[0]: "CHANGED", ids[1]: "There is no such account."}


async def test_a_fault_ends_it_and_leaves_what_was_done(cloned_database_url: str) -> None:
    pool = await Pool.open(cloned_database_url)
    try:
        graph = await filled(pool)
        ids = sorted(EVERY)
        check = f"ALTER TABLE gateway.account_allocations ADD CHECK (account_id <> '{ids[1]}')"
        await run(pool, check)
        answer = await graph.ask(super_admin(), SET, input={"accountIds": ids, "allocated": 2000})
        assert [error.extensions["code"] for error in answer.errors] == ["INTERNAL"]
        (operation,) = await operations(graph)
        assert operation["status"] == "FAILED"
        assert operation["problem"].startswith("A fault stopped it.")
        assert outcomes(operation) == {
            ids[0]: "CHANGED",
            ids[1]: "Was not reached.",
            ids[2]: "Was not reached.",
        }
        assert [operation[count] for count in COUNTS] == [3, 1, 2, 1]
        assert [row[0] for row in await granted(pool)] == ids[:1]
        await run(pool, "UPDATE gateway.bulk_operations SET started_at = now() - interval '1 hour'")
        assert await go_on_granting(graph.services) == []
    finally:
        await pool.close()
