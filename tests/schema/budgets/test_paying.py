"""Which budget pays, and how far beyond its limit: caps of the whole chain, several teams."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from datasources.access import access_of
from datasources.database import Pool
from datasources.scopes import ScopeRow
from datasources.tables import accounts, groups, team_memberships, teams
from tests.harness.budgets import ADA, BOB, ORG, TEAM, add_budget, admin, machine
from tests.harness.directory import add_identity_team, add_identity_user, id_of
from tests.harness.module import ModuleGraph
from tests.harness.rows import add
from tests.harness.sql import look, run

ROOT = id_of(f"budget of account {ORG}")
TEAMS = id_of(f"budget of team {TEAM}")
OTHER_GROUP, OTHER_TEAM = id_of("other group"), id_of("other team")


async def record(graph: ModuleGraph, key: str, credits: int, **more: Any) -> Any:
    usage = {"idempotencyKey": key, "scope": {"type": "USER", "id": ADA}, "credits": credits}
    fields = "entry { id outcome overflowCredits budget { scope { id } } }"
    return await graph.write(machine(), "recordUsage", fields, usage=usage | more)


def codes(payload: Any) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


async def test_without_a_cap_overflow_has_no_end(budgets: ModuleGraph, pool: Pool) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET overflow_cap = NULL")
    assert (await record(budgets, "one", 100))["entry"]["outcome"] == "WITHIN_LIMIT"
    beyond = (await record(budgets, "two", 10**6))["entry"]
    assert (beyond["outcome"], beyond["overflowCredits"]) == ("OVERFLOW", 10**6)


@pytest.mark.parametrize("level", ["account", "group", "team", "user"])
async def test_the_smallest_cap_of_the_chain_counts(
    budgets: ModuleGraph, pool: Pool, level: str
) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET overflow_cap = NULL")
    cap = "UPDATE copilot.credit_budget SET overflow_cap = 3 WHERE scope_type = $1"
    await run(pool, cap, level)
    assert (await record(budgets, "one", 104))["entry"]["outcome"] == "REFUSED"
    assert (await record(budgets, "two", 103))["entry"]["outcome"] == "SPLIT"


@pytest.fixture
async def in_two_teams(budgets: ModuleGraph, pool: Pool) -> ModuleGraph:
    """Bob, who has no budget of his own, is in another team of another group as well."""
    await add(pool, groups, id=OTHER_GROUP, name="Sales", account_id=ORG)
    await add(pool, teams, id=OTHER_TEAM, name="Beta", group_id=OTHER_GROUP, account_id=ORG)
    await add(pool, team_memberships, user_id=BOB, team_id=OTHER_TEAM, account_id=ORG)
    await add_budget(pool, "team", OTHER_TEAM, 250, parent_budget_id=ROOT)
    return budgets


async def test_of_several_teams_the_one_that_has_most_left_pays(
    in_two_teams: ModuleGraph, pool: Pool
) -> None:
    bob = {"scope": {"type": "USER", "id": BOB}}
    paid = [await record(in_two_teams, str(number), 40, **bob) for number in range(4)]
    assert [one["entry"]["budget"]["scope"]["id"] for one in paid] == [
        TEAM,  # 300 and 250
        TEAM,  # 260 and 250
        OTHER_TEAM,  # 220 and 250
        TEAM,  # 220 and 210
    ]
    held = await in_two_teams.write(
        machine(),
        "reserveUsage",
        "effectiveBudget { budget { scope { id } } }",
        amount=1,
        idempotencyKey="hold",
        **bob,
    )
    assert held["effectiveBudget"] == {"budget": {"scope": {"id": OTHER_TEAM}}}


async def payers(graph: ModuleGraph, person: str) -> tuple[str, str]:
    """Whose budget holds credits for somebody, and whose effective access names."""
    scope = {"type": "USER", "id": person}
    fields = "effectiveBudget { budget { scope { id } } }"
    given = {"scope": scope, "amount": 1, "idempotencyKey": str(uuid4())}
    held = (await graph.write(machine(), "reserveUsage", fields, **given))["effectiveBudget"]
    id = access_of(ScopeRow("USER", person, ORG)).id
    named = await graph.entity(admin(), "EffectiveAccess", id, "budget { budget { scope { id } } }")
    return held["budget"]["scope"]["id"], named["budget"]["budget"]["scope"]["id"]


@pytest.fixture
async def in_core(budgets: ModuleGraph, pool: Pool) -> ModuleGraph:
    """A team with a budget that only the identity provider knows."""
    await add_identity_team(pool, ORG, "core")
    given = {"scope": {"type": "TEAM", "id": "core"}, "allocated": 400, "parentId": ROOT}
    made = await budgets.write(admin(), "createBudget", "budget { id }", **given)
    assert codes(made) == []
    return budgets


@pytest.mark.parametrize("column", [{"teams": ["core"]}, {"team_id": "core"}])
async def test_teams_of_the_identity_provider_pay_as_access_says(
    in_core: ModuleGraph, pool: Pool, column: dict[str, Any]
) -> None:
    await add_identity_user(pool, ORG, "auth|eve", user_email="eve@else.test", **column)
    await add_identity_user(pool, ORG, "auth|bob", user_email="BOB@budgets.test", **column)
    assert await payers(in_core, "auth|eve") == ("core", "core")
    assert await payers(in_core, BOB) == ("core", "core")  # who has more left than their other team


async def test_teams_of_the_identity_provider_share_over_whom_they_pay_for(
    in_core: ModuleGraph, pool: Pool
) -> None:
    await add_identity_user(pool, ORG, "auth|eve", user_email="eve@else.test", teams=["core"])
    await add_identity_user(pool, ORG, "auth|bob", user_email="BOB@budgets.test", team_id="core")
    text = """query($id: ID!) { account(id: $id) { budgets(filter: {scopeIds: ["core"]}) {
        nodes { id } } } }"""
    (core,) = (await in_core.ask(admin(), text, id=ORG)).field["budgets"]["nodes"]
    shared = await in_core.write(
        admin(), "distributeBudget", "children { scope { id } allocated }", budgetId=core["id"]
    )
    shares = {child["scope"]["id"]: child["allocated"] for child in shared["children"]}
    assert shares == {"auth|eve": 200, BOB: 200}


async def test_who_is_no_member_any_more_is_in_no_team(
    in_two_teams: ModuleGraph, pool: Pool
) -> None:
    ended = "UPDATE copilot.account_memberships SET is_active = false WHERE user_id = $1"
    await run(pool, ended, BOB)
    assert await payers(in_two_teams, BOB) == (ORG, ORG)
    shared = await in_two_teams.write(
        admin(), "distributeBudget", "targetCount", budgetId=id_of(f"budget of team {OTHER_TEAM}")
    )
    assert codes(shared) == ["INVALID"]


async def test_the_same_key_in_another_account_is_another_event(
    budgets: ModuleGraph, pool: Pool
) -> None:
    other = id_of("other")
    await add(pool, accounts, account_id=other, account_name="Other")
    await add_budget(pool, "account", other, 50, account_id=other, id=id_of("other root"))
    await record(budgets, "same", 10)
    usage = {"idempotencyKey": "same", "budgetId": id_of("other root"), "credits": 20}
    theirs = await budgets.write(
        machine(other), "recordUsage", "isReplay entry { credits }", usage=usage
    )
    assert theirs == {"isReplay": False, "entry": {"credits": 20}, "userErrors": []}


async def test_what_is_held_or_given_back_is_at_least_one_credit(
    budgets: ModuleGraph, pool: Pool
) -> None:
    entry = (await record(budgets, "one", 10))["entry"]["id"]
    back = {"entryId": entry, "reason": "failed", "idempotencyKey": "back"}
    hold = {"scope": {"type": "USER", "id": ADA}, "idempotencyKey": "hold"}
    for mutation, given in (
        ("refundUsage", {**back, "credits": 0}),
        ("refundUsage", {**back, "reason": " "}),
        ("reserveUsage", {**hold, "amount": 0}),
        ("reserveUsage", {**hold, "amount": 1, "expiresInSeconds": 0}),
    ):
        payload = await budgets.write(machine(), mutation, "userErrors { code }", **given)
        assert codes(payload)[0] in {"INVALID", "REQUIRED"}, given
    counted = "SELECT DISTINCT used, overflow_used FROM copilot.credit_budget"
    assert await look(pool, counted) == [(10, 0)]
    assert await look(pool, "SELECT FROM gateway.usage_reservations") == []


async def test_only_a_charge_is_given_back(budgets: ModuleGraph) -> None:
    async def refund(entry: str, key: str) -> Any:
        given = {"entryId": entry, "reason": "failed", "idempotencyKey": key}
        return await budgets.write(machine(), "refundUsage", "entry { id }", **given)

    refused = (await record(budgets, "much", 101))["entry"]["id"]
    charge = (await record(budgets, "one", 10))["entry"]["id"]
    back = (await refund(charge, "a"))["entry"]["id"]
    assert codes(await refund(refused, "b")) == ["INVALID_STATE"]
    assert codes(await refund(back, "c")) == ["INVALID_STATE"]
    assert codes(await refund(id_of("none"), "d")) == ["NOT_FOUND"]
