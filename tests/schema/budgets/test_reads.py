"""What is shown of budgets: sums of the whole tree, cycles as they are meant, forecasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auth.caller import Role
from datasources.access import access_of
from datasources.database import Pool
from datasources.scopes import ScopeRow
from schema.budgets import BUDGETS
from tests.harness.budgets import (
    ADA,
    BOB,
    CYCLE_END,
    CYCLE_START,
    GROUP,
    ORG,
    add_budget,
    admin,
    fill_budgets,
    fill_places,
    machine,
)
from tests.harness.callers import person, super_admin
from tests.harness.directory import add_identity_user
from tests.harness.module import ModuleGraph
from tests.harness.sql import look, run


async def account(graph: ModuleGraph, fields: str, **variables: Any) -> Any:
    declared = "".join(f", ${name}: ID!" for name in variables)
    query = f"query($id: ID!{declared}) {{ account(id: $id) {{ {fields} }} }}"
    return (await graph.ask(admin(), query, id=ORG, **variables)).field


async def test_a_cycle_of_former_writers_ends_where_the_next_begins(budgets: ModuleGraph) -> None:
    found = await account(budgets, "rootBudget { isActive cycle { startAt endAt isActive } }")
    root = found["rootBudget"]
    assert root["isActive"] is True
    assert datetime.fromisoformat(root["cycle"]["startAt"]) == CYCLE_START
    assert datetime.fromisoformat(root["cycle"]["endAt"]) == CYCLE_END


async def test_a_limit_of_former_writers_is_never_above_what_is_allocated(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET limit_amount = 5000")
    found = await account(budgets, "rootBudget { limit remaining }")
    assert found["rootBudget"] == {"limit": 1000, "remaining": 1000}


async def test_what_is_unallocated_comes_from_all_children_also_on_a_page_of_one(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await add_budget(pool, "user", BOB, 70)
    found = await account(
        budgets,
        "budgets(first: 1, filter: {scopeTypes: [ACCOUNT]}) { nodes {"
        " distributed unallocated children(first: 1) { totalCount } parent { id } } }",
    )
    assert found["budgets"]["nodes"] == [
        {"distributed": 670, "unallocated": 330, "children": {"totalCount": 2}, "parent": None}
    ]


async def test_the_summary_counts_the_account_once_and_the_running_cycle_only(
    budgets: ModuleGraph, pool: Pool
) -> None:
    await add_budget(
        pool,
        "group",
        GROUP,
        9999,
        id="99999999-0000-4000-8000-000000000001",
        cycle_start=CYCLE_END,
        cycle_end=CYCLE_END + timedelta(30),
    )
    await run(pool, "UPDATE copilot.credit_budget SET used = 90 WHERE scope_type = 'user'")
    summary = (
        await account(
            budgets,
            "budgetSummary { allocated distributed unallocated used usagePercent"
            " levels { scopeType budgetCount allocated } alerts { key count } }",
        )
    )["budgetSummary"]
    assert (summary["allocated"], summary["distributed"], summary["used"]) == (1000, 600, 0)
    assert [(level["scopeType"], level["allocated"]) for level in summary["levels"]] == [
        ("ACCOUNT", 1000),
        ("GROUP", 600),
        ("TEAM", 300),
        ("USER", 100),
    ]
    assert {tally["key"]: tally["count"] for tally in summary["alerts"]} == {"": 3, "WARNING": 1}


async def test_alerts_are_those_of_the_running_cycle_the_highest_first(
    budgets: ModuleGraph, pool: Pool
) -> None:
    for level, used, overflow in (("user", 100, 0), ("team", 240, 0), ("group", 575, 0)):
        await run(
            pool,
            "UPDATE copilot.credit_budget SET used = $2, overflow_used = $3 WHERE scope_type = $1",
            level,
            used,
            overflow,
        )
    fields = "budgetAlerts { totalCount nodes { level usagePercent budget { scope { type } } } }"
    found = (await account(budgets, fields))["budgetAlerts"]
    assert found["totalCount"] == 3
    assert [(a["level"], a["usagePercent"]) for a in found["nodes"]] == [
        ("AT_LIMIT", 100.0),
        ("CRITICAL", 95.83),
        ("WARNING", 80.0),
    ]
    answer = await budgets.ask(
        super_admin(),
        "{ platform { budgetAlerts(filter: {minUsagePercent: 95}) { totalCount }"
        " budgetRisk { levels { level accountCount used } projectedOverflow } } }",
    )
    assert answer.field["budgetAlerts"] == {"totalCount": 2}
    risk = {one["level"]: one["accountCount"] for one in answer.field["budgetRisk"]["levels"]}
    assert risk == {None: 1, "WARNING": 0, "CRITICAL": 0, "AT_LIMIT": 0}


@pytest.mark.parametrize(
    ("figures", "level"),
    [
        ((100, 79, 0), None),
        ((100, 80, 0), "WARNING"),
        ((100, 94, 0), "WARNING"),
        ((100, 95, 0), "CRITICAL"),
        ((100, 99, 0), "CRITICAL"),
        ((100, 100, 0), "AT_LIMIT"),
        ((100, 10, 1), "AT_LIMIT"),
        ((0, 0, 0), None),
        ((0, 0, 1), "AT_LIMIT"),
    ],
)
async def test_levels_are_the_same_where_they_are_shown_sought_and_counted(
    budgets: ModuleGraph, pool: Pool, figures: tuple[int, int, int], level: str | None
) -> None:
    await run(
        pool,
        "UPDATE copilot.credit_budget SET limit_amount = $1, used = $2, overflow_used = $3"
        " WHERE scope_type = 'user'",
        *figures,
    )
    found = await account(
        budgets,
        """budgets(filter: {scopeTypes: [USER]}) { nodes { id alertLevel } }
        budgetAlerts { nodes { level } } budgetSummary { alerts { key count } }
        sought: budgets(filter: {alertLevels: [WARNING, CRITICAL, AT_LIMIT]}) { nodes { id } }""",
    )
    (shown,) = found["budgets"]["nodes"]
    assert shown["alertLevel"] == level
    assert found["budgetAlerts"]["nodes"] == [{"level": level}] * (level is not None)
    assert found["sought"]["nodes"] == [{"id": shown["id"]}] * (level is not None)
    counted = {tally["key"]: tally["count"] for tally in found["budgetSummary"]["alerts"]}
    assert counted == ({"": 4} if level is None else {"": 3, level: 1})


async def test_a_forecast_says_when_the_limit_is_used_up(budgets: ModuleGraph, pool: Pool) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET used = 50, overflow_cap = 10")
    found = await account(
        budgets,
        "budget(id: $b) { forecast { basedOnDays projectedUsed projectedOverflow exhaustedAt } }"
        " rootBudget { forecast { exhaustedAt } }",
        b=str((await look(pool, _ID, "user"))[0][0]),
    )
    forecast = found["budget"]["forecast"]
    assert forecast["basedOnDays"] in {10, 11}
    assert (forecast["projectedUsed"], forecast["projectedOverflow"]) == (100, 10)
    exhausted = datetime.fromisoformat(forecast["exhaustedAt"])
    assert datetime.now(UTC) < exhausted < CYCLE_END
    assert found["rootBudget"]["forecast"]["exhaustedAt"] is None


_ID = "SELECT id::text FROM copilot.credit_budget WHERE scope_type = $1"


async def test_a_forecast_ends_with_the_cycle(budgets: ModuleGraph, pool: Pool) -> None:
    await run(pool, "UPDATE copilot.credit_budget SET cycle_end = now() - interval '1 day'")
    fields = "budgets { nodes { isActive forecast { basedOnDays } alertLevel } }"
    nodes = (await account(budgets, fields))["budgets"]["nodes"]
    assert {(node["isActive"], node["forecast"]) for node in nodes} == {(False, None)}


async def test_ids_that_are_no_uuids_have_budgets_too(pool: Pool) -> None:
    text_account = "acme-text"
    await fill_places(pool, text_account)
    await add_identity_user(pool, text_account, "eve@text.test", user_email="eve@text.test")
    graph = ModuleGraph(BUDGETS, pool)
    granted = await graph.write(
        super_admin(),
        "setAccountAllocation",
        "budget { scope { id subject { __typename } } }",
        accountId=text_account,
        allocated=500,
    )
    assert granted["budget"]["scope"] == {"id": text_account, "subject": {"__typename": "Account"}}
    created = await graph.write(
        admin(text_account),
        "createBudget",
        "budget { scope { id subject { __typename } } parent { scope { id } } }",
        scope={"type": "USER", "id": "eve@text.test"},
        allocated=100,
    )
    assert created["budget"] == {
        "scope": {"id": "eve@text.test", "subject": {"__typename": "User"}},
        "parent": {"scope": {"id": text_account}},
    }
    booked = await graph.write(
        machine(text_account),
        "recordUsage",
        "entry { outcome } effectiveBudget { isInherited available }",
        usage={
            "idempotencyKey": "k",
            "scope": {"type": "USER", "id": "eve@text.test"},
            "credits": 5,
        },
    )
    assert booked["entry"] == {"outcome": "WITHIN_LIMIT"}
    assert booked["effectiveBudget"] == {"isInherited": False, "available": 95}


async def test_the_budget_that_pays_is_explained(budgets: ModuleGraph) -> None:
    payload = await budgets.write(
        machine(),
        "reserveUsage",
        "effectiveBudget { budget { scope { type } } resolution { chain { type }"
        " steps { source effect isDeciding scope { type } } decidedBy { scope { type } } } }",
        scope={"type": "USER", "id": ADA},
        amount=10,
        idempotencyKey="k",
    )
    resolution = payload["effectiveBudget"]["resolution"]
    assert [scope["type"] for scope in resolution["chain"]] == ["USER", "TEAM", "GROUP", "ACCOUNT"]
    assert [step["scope"]["type"] for step in resolution["steps"]] == [
        "ACCOUNT",
        "GROUP",
        "TEAM",
        "USER",
    ]
    assert resolution["steps"][-1]["effect"] == (
        "90 of 100 credits are left, and 0 beyond the limit."
    )
    assert resolution["decidedBy"] == {"scope": {"type": "USER"}}


async def test_people_see_their_own_budget_and_nobody_else_s(pool: Pool) -> None:
    await fill_budgets(pool)
    graph = ModuleGraph(BUDGETS, pool)
    query = """query($of: [_Any!]!) { _entities(representations: $of) {
        ... on User { budget { allocated } } } }"""
    representation = {"__typename": "User", "id": ADA, "accountId": ORG}
    for caller, allocated in (
        (person(ORG, Role.MEMBER, id=ADA), {"allocated": 100}),
        (person(ORG, Role.MEMBER, id=BOB), None),
        (person(ORG, Role.AUDITOR, id=BOB), {"allocated": 100}),
    ):
        answer = await graph.ask(caller, query, of=[representation])
        assert answer.field == [{"budget": allocated}]


async def test_effective_access_names_the_budget_that_pays(budgets: ModuleGraph) -> None:
    for scope, allocated, is_inherited in (
        (ScopeRow("USER", ADA, ORG), 100, False),
        (ScopeRow("USER", BOB, ORG), 300, True),
        (ScopeRow("GROUP", GROUP, ORG), 600, False),
    ):
        found = await budgets.entity(
            admin(),
            "EffectiveAccess",
            access_of(scope).id,
            "budget { isInherited available budget { allocated } }",
        )
        assert found == {
            "budget": {
                "isInherited": is_inherited,
                "available": allocated,
                "budget": {"allocated": allocated},
            }
        }
    stranger = access_of(ScopeRow("USER", ADA, ORG)).id
    outside = await budgets.entity(admin("another"), "EffectiveAccess", stranger, "id")
    assert outside is None
