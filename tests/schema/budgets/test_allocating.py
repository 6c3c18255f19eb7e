"""Credits are handed down, changed and freed, and never more than the parent has."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from auth.errors import Forbidden
from datasources.database import Pool
from tests.harness.budgets import (
    ADA,
    BOB,
    CYCLE_START,
    GROUP,
    ORG,
    TEAM,
    add_budget,
    admin,
    machine,
)
from tests.harness.callers import super_admin
from tests.harness.directory import id_of
from tests.harness.module import ModuleGraph
from tests.harness.sql import look, run

BUDGET = "budget { id allocated limit overflowCap distributed unallocated pooled strategy }"


def level(name: str) -> str:
    scopes = {"account": ORG, "group": GROUP, "team": TEAM, "user": ADA}
    return id_of(f"budget of {name} {scopes[name]}")


async def allocate(graph: ModuleGraph, person: str, credits: int, **more: Any) -> Any:
    given = {"parentId": level("team"), "scope": {"type": "USER", "id": person}} | more
    fields = f"{BUDGET} parent {{ distributed unallocated }}"
    return await graph.write(admin(), "allocateBudget", fields, allocated=credits, **given)


def codes(payload: Any) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


async def test_credits_are_allocated_and_the_parent_has_them_no_more(
    budgets: ModuleGraph, pool: Pool
) -> None:
    payload = await allocate(budgets, BOB, 150, reason="a project")

    assert payload["userErrors"] == []
    assert payload["budget"]["allocated"] == payload["budget"]["limit"] == 150
    assert payload["budget"]["overflowCap"] == 0
    assert payload["parent"] == {"distributed": 250, "unallocated": 50}
    (event,) = await look(pool, "SELECT action, details->>'reason' FROM copilot.audit_log")
    assert event == ("allocate", "a project")


async def test_an_existing_child_is_changed(budgets: ModuleGraph) -> None:
    assert (await allocate(budgets, ADA, 300))["parent"] == {"distributed": 300, "unallocated": 0}
    assert (await allocate(budgets, ADA, 20))["parent"] == {"distributed": 20, "unallocated": 280}


async def test_more_than_is_unallocated_is_refused(budgets: ModuleGraph, pool: Pool) -> None:
    assert codes(await allocate(budgets, BOB, 201)) == ["INSUFFICIENT_CREDITS"]
    assert await look(pool, "SELECT 1 FROM copilot.audit_log") == []


async def test_ten_parallel_allocations_never_hand_out_more_than_there_is(
    budgets: ModuleGraph, pool: Pool
) -> None:
    people = [id_of(f"person {number}") for number in range(10)]
    for person in people:
        await run(
            pool,
            "INSERT INTO copilot.users (id, account_id, email, name)"
            " VALUES ($1::text::uuid, $2, $1, $1)",
            person,
            ORG,
        )
        await run(
            pool,
            "INSERT INTO copilot.account_memberships (account_id, user_id, team_id)"
            " VALUES ($2, $1::text::uuid, $3::text::uuid)",
            person,
            ORG,
            TEAM,
        )
    answers = await asyncio.gather(*[allocate(budgets, person, 60) for person in people])

    assert sorted(codes(answer) == [] for answer in answers) == [False] * 7 + [True] * 3
    assert await look(
        pool,
        "SELECT sum(allocated) FROM copilot.credit_budget WHERE parent_budget_id = $1::text::uuid",
        level("team"),
    ) == [(280,)]


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ({"type": "USER", "id": GROUP}, "NOT_FOUND"),
        ({"type": "GROUP", "id": GROUP}, "OUT_OF_SCOPE"),
        ({"type": "TEAM", "id": TEAM}, "OUT_OF_SCOPE"),
        ({"type": "ACCOUNT", "id": ORG}, "INVALID"),
    ],
)
async def test_a_scope_must_exist_and_lie_inside_the_parent(
    budgets: ModuleGraph, scope: dict[str, str], code: str
) -> None:
    assert codes(await allocate(budgets, BOB, 1, scope=scope)) == [code]


async def test_children_of_other_parents_are_not_taken_over(budgets: ModuleGraph) -> None:
    payload = await allocate(budgets, ADA, 10, parentId=level("group"))
    assert codes(payload) == ["TAKEN"]


async def create(graph: ModuleGraph, credits: int, **more: Any) -> Any:
    given = {"scope": {"type": "USER", "id": BOB}} | more
    return await graph.write(admin(), "createBudget", BUDGET, allocated=credits, **given)


async def test_a_budget_is_created_out_of_the_nearest_broader_one(budgets: ModuleGraph) -> None:
    created = await create(budgets, 50)
    assert created["budget"]["limit"] == 50
    answer = await budgets.entity(
        admin(), "Budget", created["budget"]["id"], "parent { id } scope { subject { __typename } }"
    )
    assert answer == {"parent": {"id": level("team")}, "scope": {"subject": {"__typename": "User"}}}
    assert codes(await create(budgets, 50)) == ["TAKEN"]


async def test_limits_stay_within_what_is_allocated(budgets: ModuleGraph) -> None:
    assert codes(await create(budgets, 50, limit=51)) == ["INVALID"]
    assert codes(await create(budgets, 2**31)) == ["INVALID"]
    assert (await create(budgets, 50, limit=40))["budget"]["limit"] == 40


async def test_another_tenant_s_row_of_the_same_scope_is_not_in_the_way(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await add_budget(pool, "user", BOB, 5, account_id="another", id=id_of("theirs"))
    created = await create(budgets, 50)
    assert created["userErrors"] == []
    answer = await budgets.entity(admin(), "Budget", created["budget"]["id"], "scope { id }")
    assert answer == {"scope": {"id": BOB}}


async def update(graph: ModuleGraph, name: str, caller: Any = None, **given: Any) -> Any:
    more = {"accountId": ORG} if caller is not None else {}
    return await graph.write(
        caller or admin(), "updateBudget", BUDGET, id=level(name), **given, **more
    )


async def test_a_budget_never_shrinks_below_what_it_handed_on(budgets: ModuleGraph) -> None:
    assert codes(await update(budgets, "group", allocated=299)) == ["BELOW_DISTRIBUTED"]
    assert (await update(budgets, "group", allocated=300))["budget"]["unallocated"] == 0
    assert codes(await update(budgets, "team", allocated=301)) == ["INSUFFICIENT_CREDITS"]


async def test_a_limit_never_falls_below_what_is_used(budgets: ModuleGraph, pool: Pool) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET used = 50 WHERE scope_type = 'user'")
    assert codes(await update(budgets, "user", limit=49)) == ["INVALID_STATE"]
    assert codes(await update(budgets, "user", allocated=49)) == ["INVALID_STATE"]
    assert (await update(budgets, "user", allocated=50))["budget"]["limit"] == 50


async def test_a_cap_never_falls_below_what_is_used_of_it(budgets: ModuleGraph, pool: Pool) -> None:
    text = "UPDATE copilot.credit_budget SET overflow_used = 5, overflow_cap = 9"
    await run(pool, text)
    assert codes(await update(budgets, "user", overflowCap=4)) == ["INVALID_STATE"]
    assert (await update(budgets, "user", overflowCap=5))["budget"]["overflowCap"] == 5


async def test_null_clears_a_cap_and_absent_leaves_it(budgets: ModuleGraph) -> None:
    assert (await update(budgets, "user", overflowCap=7))["budget"]["overflowCap"] == 7
    assert (await update(budgets, "user", allocated=90))["budget"]["overflowCap"] == 7
    assert (await update(budgets, "user", overflowCap=None))["budget"]["overflowCap"] is None


async def test_credits_are_set_aside(budgets: ModuleGraph) -> None:
    pooled = (await update(budgets, "team", pooled=150))["budget"]
    assert (pooled["pooled"], pooled["unallocated"], pooled["limit"]) == (150, 50, 150)
    assert codes(await allocate(budgets, BOB, 51)) == ["INSUFFICIENT_CREDITS"]
    assert codes(await update(budgets, "team", pooled=201)) == ["BELOW_DISTRIBUTED"]
    assert (await update(budgets, "team", pooled=0))["budget"]["limit"] == 300


async def test_a_new_parent_contains_the_scope_and_has_the_credits(budgets: ModuleGraph) -> None:
    assert codes(await update(budgets, "team", parentId=level("user"))) == ["OUT_OF_SCOPE"]
    assert codes(await update(budgets, "group", parentId=level("team"))) == ["OUT_OF_SCOPE"]
    assert codes(await update(budgets, "user", parentId=level("account"))) == []


async def test_the_account_s_own_amounts_are_the_super_admin_s(budgets: ModuleGraph) -> None:
    for amount in ("allocated", "limit", "overflowCap"):
        answer = await budgets.ask(
            admin(),
            "mutation($i: UpdateBudgetInput!) { updateBudget(input: $i) { budget { id } } }",
            i={"id": level("account"), amount: 900},
        )
        assert isinstance(answer.errors[0].original_error, Forbidden)
    payload = await update(budgets, "account", super_admin(), overflowCap=5)
    assert payload["budget"]["overflowCap"] == 5


async def delete(graph: ModuleGraph, name: str, **more: Any) -> Any:
    fields = "deletedId parent { distributed unallocated }"
    return await graph.write(admin(), "deleteBudget", fields, id=level(name), **more)


async def test_a_closed_budget_frees_what_it_did_not_use_and_keeps_its_ledger(
    budgets: ModuleGraph, pool: Pool
) -> None:
    scope = {"type": "USER", "id": ADA}
    usage = {"idempotencyKey": "k", "scope": scope, "credits": 30}
    await budgets.write(machine(), "recordUsage", "isReplay", usage=usage)

    payload = await delete(budgets, "user")
    assert payload["deletedId"] == level("user")
    assert payload["parent"] == {"distributed": 30, "unallocated": 270}
    answer = await budgets.ask(
        admin(),
        """query($id: ID!, $b: ID!) { account(id: $id) {
            budget(id: $b) { id }
            usage { nodes { budget { id used isActive } } }
        } }""",
        id=ORG,
        b=level("user"),
    )
    assert answer.field["budget"] is None
    (entry,) = answer.field["usage"]["nodes"]
    assert entry["budget"] == {"id": level("user"), "used": 30, "isActive": False}
    assert await look(pool, "SELECT count(*) FROM gateway.usage_ledger") == [(1,)]


async def test_a_closed_budget_can_be_opened_again_with_its_use(budgets: ModuleGraph) -> None:
    usage = {"idempotencyKey": "k", "scope": {"type": "USER", "id": ADA}, "credits": 30}
    await budgets.write(machine(), "recordUsage", "isReplay", usage=usage)
    await delete(budgets, "user")

    assert codes(await allocate(budgets, ADA, 29)) == ["INVALID_STATE"]
    payload = await allocate(budgets, ADA, 40)
    assert payload["budget"]["id"] == level("user")
    assert payload["parent"] == {"distributed": 40, "unallocated": 260}


async def test_a_budget_that_opens_again_has_its_overflow(budgets: ModuleGraph, pool: Pool) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET overflow_cap = 9")
    usage = {"idempotencyKey": "k", "scope": {"type": "USER", "id": ADA}, "credits": 105}
    await budgets.write(machine(), "recordUsage", "isReplay", usage=usage)
    await delete(budgets, "user")

    assert codes(await allocate(budgets, ADA, 100, overflowCap=4)) == ["INVALID_STATE"]
    assert (await allocate(budgets, ADA, 100, overflowCap=5))["budget"]["overflowCap"] == 5


async def test_a_closed_budget_is_as_if_it_were_not_there(budgets: ModuleGraph) -> None:
    for name in ("user", "team"):
        assert codes(await delete(budgets, name)) == []

    assert codes(await delete(budgets, "team")) == ["NOT_FOUND"]
    assert codes(await update(budgets, "team", allocated=1)) == ["NOT_FOUND"]
    assert codes(await allocate(budgets, BOB, 1)) == ["NOT_FOUND"]
    assert codes(await create(budgets, 1, parentId=level("team"))) == ["NOT_FOUND"]
    assert codes(await distribute(budgets, "team")) == ["NOT_FOUND"]


async def test_a_budget_with_children_is_kept_or_its_children_are_moved(
    budgets: ModuleGraph,
) -> None:
    assert codes(await delete(budgets, "team")) == ["IN_USE"]
    payload = await delete(budgets, "team", children="MOVE_TO_PARENT")
    assert payload["parent"] == {"distributed": 100, "unallocated": 500}
    assert codes(await delete(budgets, "account")) == ["PROTECTED"]


async def distribute(graph: ModuleGraph, name: str, **more: Any) -> Any:
    counts = "targetCount createdCount updatedCount closedCount lockedCount"
    return await graph.write(
        admin(),
        "distributeBudget",
        f"share remainder {counts} children {{ allocated limit overflowCap strategy }}"
        " budget { allocated distributed unallocated }",
        budgetId=level(name),
        **more,
    )


async def test_manual_amounts_stay_and_only_what_is_unallocated_is_shared(
    budgets: ModuleGraph,
) -> None:
    payload = await distribute(budgets, "team")

    assert (payload["targetCount"], payload["createdCount"]) == (1, 1)
    assert payload["children"] == [
        {"allocated": 200, "limit": 200, "overflowCap": 0, "strategy": "EQUAL_DISTRIBUTION"}
    ]
    assert payload["budget"] == {"allocated": 300, "distributed": 300, "unallocated": 0}


async def test_shares_are_equal_and_the_first_get_what_rounding_leaves(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await run(
        pool,
        "UPDATE copilot.credit_budget SET allocation_strategy = 'equal_distribution'"
        " WHERE scope_type = 'user'",
    )
    payload = await distribute(budgets, "team", amount=201)

    assert (payload["share"], payload["remainder"]) == (100, 1)
    assert sorted(child["allocated"] for child in payload["children"]) in ([101], [100, 101])
    again = await distribute(budgets, "team", amount=201)
    assert (again["createdCount"], again["updatedCount"]) == (0, 0)


async def test_nobody_gets_less_than_they_used(budgets: ModuleGraph, pool: Pool) -> None:
    await run(
        pool,
        "UPDATE copilot.credit_budget SET allocation_strategy = 'equal_distribution', used = 90"
        " WHERE scope_type = 'user'",
    )
    await distribute(budgets, "team", amount=100)
    rows = await look(
        pool, "SELECT allocated FROM copilot.credit_budget WHERE scope_type = 'user' ORDER BY 1"
    )
    assert rows == [(10,), (90,)]
    assert codes(await distribute(budgets, "team", amount=80)) == ["INSUFFICIENT_CREDITS"]


async def test_overrides_are_left_alone_unless_asked_for(budgets: ModuleGraph) -> None:
    await allocate(budgets, ADA, 100, strategy="OVERRIDE")
    payload = await distribute(budgets, "team")
    assert (payload["lockedCount"], payload["targetCount"], payload["share"]) == (1, 1, 200)
    payload = await distribute(budgets, "team", includeOverrides=True)
    assert (payload["lockedCount"], payload["targetCount"], payload["share"]) == (0, 2, 150)


async def test_weights_divide_in_proportion(budgets: ModuleGraph, pool: Pool) -> None:
    await delete(budgets, "user")
    weights = [{"targetId": ADA, "weight": 3}, {"targetId": BOB, "weight": 1}]
    payload = await distribute(budgets, "team", weights=weights, amount=100)

    assert payload["share"] is None
    assert sorted(child["allocated"] for child in payload["children"]) == [25, 75]


async def test_a_dry_run_answers_and_changes_nothing(budgets: ModuleGraph, pool: Pool) -> None:
    payload = await distribute(budgets, "team", dryRun=True)
    assert payload["createdCount"] == 1
    assert payload["children"][0]["allocated"] == 200
    assert await look(pool, "SELECT count(*) FROM copilot.credit_budget") == [(4,)]
    assert await look(pool, "SELECT count(*) FROM copilot.audit_log") == [(0,)]


async def test_shares_of_who_left_are_closed_with_their_use(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await distribute(budgets, "team")
    await run(
        pool, "UPDATE copilot.credit_budget SET used = 20 WHERE scope_id = $1::text::uuid", BOB
    )
    await run(
        pool,
        "UPDATE copilot.account_memberships SET is_active = false WHERE user_id = $1::text::uuid",
        BOB,
    )
    payload = await distribute(budgets, "team", includeOverrides=True)
    assert payload["closedCount"] == 0
    await run(
        pool,
        "UPDATE copilot.credit_budget SET allocation_strategy = 'equal_distribution'"
        " WHERE scope_type = 'user'",
    )
    payload = await distribute(budgets, "team")
    assert payload["closedCount"] == 1
    assert payload["budget"] == {"allocated": 300, "distributed": 300, "unallocated": 0}


async def grant(graph: ModuleGraph, **given: Any) -> Any:
    return await graph.write(
        super_admin(),
        "setAccountAllocation",
        f"allocation {{ allocated limit overflowCap creditFactor }} {BUDGET}",
        accountId=ORG,
        **given,
    )


async def test_a_grant_is_applied_to_the_running_cycle(budgets: ModuleGraph) -> None:
    payload = await grant(budgets, allocated=2000, overflowCap=50, creditFactor="2.5")
    assert payload["allocation"] == {
        "allocated": 2000,
        "limit": 2000,
        "overflowCap": 50,
        "creditFactor": "2.5",
    }
    assert payload["budget"]["allocated"] == payload["budget"]["limit"] == 2000
    assert codes(await grant(budgets, allocated=599)) == ["BELOW_DISTRIBUTED"]
    assert codes(await grant(budgets, creditFactor="0")) == ["INVALID"]


async def test_an_account_s_first_grant_starts_its_month(budgets: ModuleGraph, pool: Pool) -> None:
    await run(pool, "DELETE FROM copilot.credit_budget")
    payload = await grant(budgets, allocated=500, idempotencyKey="k")
    assert payload["budget"]["allocated"] == 500
    assert await grant(budgets, allocated=500, idempotencyKey="k") == payload


async def test_a_later_grant_waits_for_its_moment(budgets: ModuleGraph) -> None:
    payload = await grant(budgets, allocated=9, effectiveFromAt="2099-01-01T00:00:00Z")
    assert payload["budget"]["allocated"] == 1000
    past = CYCLE_START.isoformat()
    assert codes(await grant(budgets, allocated=9, effectiveFromAt=past)) == ["INVALID"]


async def test_what_is_granted_is_read_as_it_is_in_effect(budgets: ModuleGraph) -> None:
    async def read() -> Any:
        text = "query($id: ID!) { account(id: $id) { allocation { allocated creditFactor } } }"
        return (await budgets.ask(admin(), text, id=ORG)).field["allocation"]

    assert await read() is None
    await grant(budgets, allocated=2000, creditFactor="2.5")
    await grant(budgets, allocated=9000, effectiveFromAt="2099-01-01T00:00:00Z")
    assert await read() == {"allocated": 2000, "creditFactor": "2.5"}


async def test_what_an_account_may_do_says_who_calls(budgets: ModuleGraph) -> None:
    elsewhere = replace(admin(), account_id="another")
    payload = await budgets.write(elsewhere, "deleteBudget", "deletedId", id=level("user"))
    assert codes(payload) == ["NOT_FOUND"]


async def test_a_machine_that_spans_accounts_needs_the_feature_in_the_one_it_addresses(
    budgets: ModuleGraph, pool: Pool
) -> None:
    everywhere = replace(machine(), account_id=None, spans_accounts=True)
    given = {"accountId": ORG, "id": level("user"), "strategy": "OVERRIDE"}
    document = (
        "mutation($i: UpdateBudgetInput!) { updateBudget(input: $i) { budget { strategy } } }"
    )
    answer = await budgets.ask(everywhere, document, i=given)
    assert answer.field == {"budget": {"strategy": "OVERRIDE"}}

    await run(
        pool,
        """UPDATE "Alchemi_AccountTable"
        SET metadata = '{"entitlements": {"features": {"copilot_budgets": false}}}'""",
    )
    answer = await budgets.ask(everywhere, document, i=given)
    assert isinstance(answer.errors[0].original_error, Forbidden)
