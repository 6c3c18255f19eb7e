"""Usage is charged along the whole chain, split between limit and overflow, once per key."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from datasources.database import Pool
from tests.harness.budgets import (
    ADA,
    BOB,
    CYCLE_END,
    CYCLE_START,
    GROUP,
    ORG,
    TEAM,
    admin,
    grant,
    machine,
)
from tests.harness.module import ModuleGraph
from tests.harness.sql import look, run

ENTRY = "entry { id outcome credits overflowCredits refusedCredits budget { scope { type } } }"
LEFT = "effectiveBudget { available availableOverflow isInherited budget { id used } }"


async def record(
    graph: ModuleGraph, key: str, credits: int | None, user: str = ADA, **more: Any
) -> Any:
    scope = {"type": "USER", "id": user}
    given: dict[str, Any] = {"idempotencyKey": key, "scope": scope} | more
    if credits is not None:
        given["credits"] = credits
    return await graph.write(admin(), "recordUsage", f"isReplay {ENTRY} {LEFT}", usage=given)


async def counters(pool: Pool) -> dict[str, tuple[int, int]]:
    rows = await look(
        pool, "SELECT scope_type, used, overflow_used FROM copilot.credit_budget ORDER BY 1"
    )
    return {level: (used, overflow) for level, used, overflow in rows}


async def test_every_budget_of_the_chain_is_charged(budgets: ModuleGraph, pool: Pool) -> None:
    payload = await record(budgets, "one", 40)

    assert payload["entry"]["outcome"] == "WITHIN_LIMIT"
    assert payload["entry"]["budget"]["scope"]["type"] == "USER"
    assert payload["effectiveBudget"]["available"] == 60
    assert payload["effectiveBudget"]["budget"]["used"] == 40
    assert payload["userErrors"] == []
    assert await counters(pool) == dict.fromkeys(("account", "group", "team", "user"), (40, 0))


async def test_who_has_no_budget_is_paid_for_by_the_next_broader_one(
    budgets: ModuleGraph, pool: Pool
) -> None:
    payload = await record(budgets, "one", 40, BOB)

    assert payload["effectiveBudget"]["isInherited"] is True
    assert payload["entry"]["budget"]["scope"]["type"] == "TEAM"
    assert (await counters(pool))["user"] == (0, 0)
    assert (await counters(pool))["team"] == (40, 0)


async def test_a_repeated_key_answers_with_the_first_result(
    budgets: ModuleGraph, pool: Pool
) -> None:
    first = await record(budgets, "one", 40)
    again = await record(budgets, "one", 40)

    assert again["isReplay"] is True
    assert again["entry"] == first["entry"]
    assert (await counters(pool))["account"] == (40, 0)


async def test_a_key_with_another_input_is_refused(budgets: ModuleGraph, pool: Pool) -> None:
    await record(budgets, "one", 40)
    payload = await record(budgets, "one", 41)

    assert payload["entry"] is None
    assert [error["code"] for error in payload["userErrors"]] == ["KEY_REUSED"]
    assert payload["userErrors"][0]["path"] == ["input", "usage", "idempotencyKey"]
    assert (await counters(pool))["account"] == (40, 0)


async def test_the_limit_is_filled_before_overflow_begins(budgets: ModuleGraph, pool: Pool) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET overflow_cap = 5")
    await record(budgets, "one", 98)
    payload = await record(budgets, "two", 5)

    assert payload["entry"]["outcome"] == "SPLIT"
    assert (payload["entry"]["credits"], payload["entry"]["overflowCredits"]) == (2, 3)
    assert payload["effectiveBudget"]["available"] == 0
    assert payload["effectiveBudget"]["availableOverflow"] == 2
    assert await counters(pool) == dict.fromkeys(("account", "group", "team", "user"), (100, 3))


async def test_refused_usage_is_kept_and_counted_nowhere(budgets: ModuleGraph, pool: Pool) -> None:
    payload = await record(budgets, "one", 101)

    assert payload["entry"]["outcome"] == "REFUSED"
    assert payload["entry"]["refusedCredits"] == 101
    assert [error["code"] for error in payload["userErrors"]] == ["LIMIT_REACHED"]
    assert (await counters(pool))["account"] == (0, 0)
    assert (await record(budgets, "one", 101))["userErrors"][0]["code"] == "LIMIT_REACHED"
    assert await look(pool, "SELECT outcome FROM gateway.usage_ledger") == [("REFUSED",)]


async def test_the_account_s_total_is_the_ceiling(budgets: ModuleGraph, pool: Pool) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET used = 990 WHERE scope_type = 'account'")
    assert (await record(budgets, "one", 10))["entry"]["outcome"] == "WITHIN_LIMIT"
    assert (await record(budgets, "two", 1))["entry"]["outcome"] == "REFUSED"


@pytest.mark.parametrize("credits", [0, 2**31])
async def test_amounts_out_of_range_are_refused(
    budgets: ModuleGraph, pool: Pool, credits: int
) -> None:
    payload = await record(budgets, "one", credits)

    assert [error["code"] for error in payload["userErrors"]] == ["INVALID"]
    assert await look(pool, "SELECT 1 FROM gateway.usage_ledger") == []


@pytest.mark.parametrize(
    ("cost", "factor", "credits"),
    [("0.10", "5", 1), ("2.00", "5", 10), ("2.01", "5", 11), ("0.0000001", "0.5", 1)],
)
async def test_cost_times_factor_is_rounded_up_once(
    budgets: ModuleGraph, pool: Pool, cost: str, factor: str, credits: int
) -> None:
    await grant(pool, factor)
    payload = await record(budgets, "one", None, cost={"amount": cost})

    assert payload["userErrors"] == []
    assert payload["entry"]["credits"] == credits
    rows = await look(pool, "SELECT cost, credit_factor FROM gateway.usage_ledger")
    assert rows == [(Decimal(cost), Decimal(factor))]


async def test_the_factor_that_is_in_effect_counts(budgets: ModuleGraph, pool: Pool) -> None:
    for factor, since in (("2", CYCLE_START), ("3", CYCLE_START + timedelta(1)), ("9", CYCLE_END)):
        await grant(pool, factor, effective_from_at=since)
    payload = await record(budgets, "one", None, cost={"amount": "10"})
    assert payload["entry"]["credits"] == 30


async def test_usage_needs_credits_or_a_cost_and_somebody_who_pays(budgets: ModuleGraph) -> None:
    missing = await record(budgets, "one", None)
    unknown = await record(budgets, "two", 1, user=TEAM)

    assert [error["code"] for error in missing["userErrors"]] == ["REQUIRED"]
    assert [error["code"] for error in unknown["userErrors"]] == ["NOT_FOUND"]


async def test_usage_does_not_land_after_the_cycle(budgets: ModuleGraph, pool: Pool) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET cycle_end = now() - interval '1 minute'")
    payload = await record(budgets, "one", 1)

    assert [error["code"] for error in payload["userErrors"]] == ["NOT_FOUND"]


async def test_a_batch_answers_each_on_its_own_terms(budgets: ModuleGraph, pool: Pool) -> None:
    scope = {"type": "USER", "id": ADA}
    usages = [
        {"idempotencyKey": "a", "scope": scope, "credits": 60, "modelName": "gpt"},
        {"idempotencyKey": "b", "scope": scope, "credits": 0},
        {"idempotencyKey": "c", "scope": scope, "credits": 50},
        {"idempotencyKey": "a", "scope": scope, "credits": 60, "modelName": "gpt"},
        {"idempotencyKey": "d", "scope": {"type": "GROUP", "id": GROUP}, "credits": 50},
    ]
    payload = await budgets.write(
        machine(), "recordUsages", "entries { outcome credits }", usages=usages
    )

    outcomes = [entry and entry["outcome"] for entry in payload["entries"]]
    assert outcomes == ["WITHIN_LIMIT", None, "REFUSED", "WITHIN_LIMIT", "WITHIN_LIMIT"]
    assert [(e["code"], e["path"][:3]) for e in payload["userErrors"]] == [
        ("INVALID", ["input", "usages", "1"]),
        ("LIMIT_REACHED", ["input", "usages", "2"]),
    ]
    assert (await counters(pool))["account"] == (110, 0)
    events = await look(pool, "SELECT action, details->>'credits' FROM copilot.audit_log")
    assert events == [("record_usage", "110")]
    links = "SELECT position, request_id FROM gateway.audit_links"
    assert await look(pool, links) == [(1, "test-request")]


@pytest.mark.parametrize(
    ("credits", "told"),
    [(100, ("info", 100, 0, 0)), (105, ("warning", 100, 5, 0)), (106, ("warning", 0, 0, 106))],
)
async def test_use_beyond_a_limit_is_told_as_a_warning(
    budgets: ModuleGraph, pool: Pool, credits: int, told: tuple[str, int, int, int]
) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET overflow_cap = 5")
    await record(budgets, "one", credits)
    text = """SELECT severity, (details->>'credits')::int, (details->>'overflow_credits')::int,
        (details->>'refused_credits')::int FROM copilot.audit_log"""
    assert await look(pool, text) == [told]


async def test_more_than_five_hundred_at_once_are_refused(budgets: ModuleGraph) -> None:
    usages = [{"idempotencyKey": str(n), "budgetId": ORG, "credits": 1} for n in range(501)]
    payload = await budgets.write(machine(), "recordUsages", "entries { id }", usages=usages)

    assert payload["entries"] == []
    assert [error["code"] for error in payload["userErrors"]] == ["INVALID"]


async def test_the_ledger_keeps_where_usage_came_from(budgets: ModuleGraph, pool: Pool) -> None:
    said: dict[str, Any] = {
        "agentId": "agent",
        "modelName": "gpt",
        "connectorId": "connector",
        "guard": "PII",
        "workspaceId": "w",
        "threadId": "t",
        "requestId": "r",
        "promptTokens": 7,
        "completionTokens": 9,
        "description": "asked",
        "metadata": {"a": 1},
    }
    await record(budgets, "one", 3, **said)
    answer = await budgets.ask(
        admin(),
        """query($id: ID!, $u: ID!) { account(id: $id) { usage(filter: {userIds: [$u]}) { nodes {
            kind modelName tool guard workspaceId threadId requestId promptTokens completionTokens
            description metadata agent { id } connector { id } user { id } recordedBy { id }
        } } } }""",
        id=ORG,
        u=ADA,
    )

    (entry,) = answer.field["usage"]["nodes"]
    assert entry == {
        "kind": "CHARGE",
        "modelName": "gpt",
        "tool": "llm",
        "guard": "PII",
        "workspaceId": "w",
        "threadId": "t",
        "requestId": "r",
        "promptTokens": 7,
        "completionTokens": 9,
        "description": "asked",
        "metadata": {"a": 1},
        "agent": {"id": "agent"},
        "connector": {"id": "connector"},
        "user": {"id": ADA},
        "recordedBy": {"id": ADA},
    }


async def reserve(graph: ModuleGraph, key: str, amount: int, **more: Any) -> Any:
    return await graph.write(
        admin(),
        "reserveUsage",
        f"reservation {{ id status amount }} {LEFT}",
        scope={"type": "USER", "id": ADA},
        amount=amount,
        idempotencyKey=key,
        **more,
    )


async def test_what_is_held_cannot_be_used_by_others_and_settles(
    budgets: ModuleGraph, pool: Pool
) -> None:
    held = await reserve(budgets, "hold", 80)
    assert held["effectiveBudget"]["available"] == 20
    assert (await reserve(budgets, "hold", 80))["reservation"] == held["reservation"]
    assert (await record(budgets, "other", 21))["entry"]["outcome"] == "REFUSED"
    assert (await reserve(budgets, "more", 21))["userErrors"][0]["code"] == "LIMIT_REACHED"

    settled = await record(budgets, "one", 95, reservationId=held["reservation"]["id"])
    assert settled["entry"]["outcome"] == "WITHIN_LIMIT"
    again = await record(budgets, "two", 1, reservationId=held["reservation"]["id"])
    assert [error["code"] for error in again["userErrors"]] == ["INVALID_STATE"]
    assert await look(pool, "SELECT DISTINCT reserved FROM gateway.budget_details") == [(0,)]
    assert (await counters(pool))["account"] == (95, 0)


async def test_a_released_reservation_holds_nothing(budgets: ModuleGraph) -> None:
    held = (await reserve(budgets, "hold", 80))["reservation"]["id"]
    for _ in range(2):
        payload = await budgets.write(
            admin(), "releaseUsage", "reservation { status }", reservationId=held
        )
        assert payload["reservation"] == {"status": "RELEASED"}
    assert (await record(budgets, "one", 100))["entry"]["outcome"] == "WITHIN_LIMIT"


async def test_what_nobody_settles_in_time_is_free_again_and_still_charged(
    budgets: ModuleGraph, pool: Pool
) -> None:
    held = (await reserve(budgets, "hold", 80))["reservation"]["id"]
    await run(pool, "UPDATE gateway.usage_reservations SET expires_at = now()")

    late = await record(budgets, "late", 100, reservationId=held)
    assert late["entry"]["outcome"] == "WITHIN_LIMIT"
    payload = await budgets.write(admin(), "releaseUsage", "reservation { id }", reservationId=held)
    assert [error["code"] for error in payload["userErrors"]] == ["EXPIRED"]


async def refund(graph: ModuleGraph, entry: str, key: str, **more: Any) -> Any:
    return await graph.write(
        machine(),
        "refundUsage",
        "entry { kind credits overflowCredits refundOf { id } } budget { used overflowUsed }",
        entryId=entry,
        reason="model failed",
        idempotencyKey=key,
        **more,
    )


async def test_a_refund_is_an_entry_of_its_own_and_gives_overflow_back_first(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET overflow_cap = 10")
    entry = (await record(budgets, "one", 105))["entry"]["id"]

    first = await refund(budgets, entry, "back", credits=7)
    assert first["entry"]["credits"] == 2
    assert first["entry"]["overflowCredits"] == 5
    assert first["entry"]["refundOf"] == {"id": entry}
    assert first["budget"] == {"used": 98, "overflowUsed": 0}
    assert (await refund(budgets, entry, "back", credits=7)) == first
    assert (await refund(budgets, entry, "much", credits=99))["userErrors"][0]["code"] == "INVALID"
    assert (await refund(budgets, entry, "rest"))["entry"]["credits"] == 98
    assert (await counters(pool))["account"] == (0, 0)
    actions = await look(pool, "SELECT action FROM copilot.audit_log ORDER BY created_at, id")
    assert sorted(action for (action,) in actions) == [
        "record_usage",
        "refund_usage",
        "refund_usage",
    ]


async def test_breakdowns_agree_with_the_ledger(budgets: ModuleGraph) -> None:
    for number, (user, model, credits) in enumerate(
        [(ADA, "gpt", 10), (ADA, "claude", 20), (BOB, "claude", 5)]
    ):
        await record(budgets, f"k{number}", credits, user, modelName=model)
    answer = await budgets.ask(
        admin(),
        """query($id: ID!) { account(id: $id) {
            usageBreakdown(by: [MODEL]) { ...Sums }
            two: usageBreakdown(by: [USER, MODEL], first: 2) { ...Sums }
            filtered: usageBreakdown(by: [MODEL], filter: {toolS: ["llm"]}) { ...Sums }
            rootBudget { usageBreakdown(by: [TEAM]) { ...Sums } }
        } } fragment Sums on UsageBreakdown {
            totals { credits entryCount } other { credits }
            slices { keys { value label } totals { credits } sharePercent }
        }""".replace("toolS", "tools"),
        id=ORG,
    )

    account = answer.field
    by_model = account["usageBreakdown"]
    assert by_model["totals"] == {"credits": 35, "entryCount": 3}
    assert [(s["keys"][0]["value"], s["totals"]["credits"]) for s in by_model["slices"]] == [
        ("claude", 25),
        ("gpt", 10),
    ]
    assert account["filtered"]["slices"] == by_model["slices"]
    assert account["two"]["other"] == {"credits": 5}
    assert [s["keys"][0]["label"] for s in account["two"]["slices"]] == ["Ada", "Ada"]
    (team,) = account["rootBudget"]["usageBreakdown"]["slices"]
    assert team["keys"] == [{"value": TEAM, "label": "Alpha"}]
    assert team["sharePercent"] == 100.0
