"""An alert is told once for each higher level, with the write that raised it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from datasources.budgets.rows import AlertRow
from datasources.database import Pool
from resolvers.base import RequestContext
from resolvers.budgets.alerts import budget_alerts
from resolvers.errors import NotFound
from tests.harness.budgets import ADA, BOB, GROUP, ORG, TEAM, add_budget, admin
from tests.harness.callers import super_admin
from tests.harness.directory import id_of
from tests.harness.module import ModuleGraph
from tests.harness.sql import run


class Alerts:
    """What one subscriber is told."""

    def __init__(self, graph: ModuleGraph, **arguments: Any) -> None:
        context = RequestContext(admin(), graph.services, "test")
        self._events = budget_alerts(context, **arguments)
        self._next: asyncio.Future[AlertRow] = asyncio.ensure_future(anext(self._events))

    async def told(self, how_many: int) -> list[tuple[str, str, float]]:
        found = [await self._one() for _ in range(how_many)]
        return [(alert.id, alert.level, alert.usage_percent) for alert in found]

    async def _one(self) -> AlertRow:
        alert = await self._next
        self._next = asyncio.ensure_future(anext(self._events))
        return alert

    async def aclose(self) -> None:
        self._next.cancel()
        await asyncio.gather(self._next, return_exceptions=True)


@pytest.fixture
async def alerts(budgets: ModuleGraph, pool: Pool) -> AsyncIterator[Alerts]:
    """An administrator of the account who listens."""
    listening = Alerts(budgets)
    while not budgets.services.notices.follower_count:
        await run(pool, "SELECT 1")
    yield listening
    await listening.aclose()
    await budgets.services.notices.aclose()


async def use(graph: ModuleGraph, key: str, credits: int, **more: Any) -> Any:
    given = {"idempotencyKey": key, "scope": {"type": "USER", "id": ADA}, "credits": credits}
    return await graph.write(admin(), "recordUsage", "entry { outcome }", usage=given | more)


ADAS = id_of(f"budget of user {ADA}")
TEAMS = id_of(f"budget of team {TEAM}")


async def test_each_higher_level_is_told_once(budgets: ModuleGraph, alerts: Alerts) -> None:
    for number, credits in enumerate((79, 1, 5, 9, 1, 2, 3)):
        await use(budgets, str(number), credits)

    assert await alerts.told(3) == [
        (ADAS, "WARNING", 80.0),
        (ADAS, "CRITICAL", 95.0),
        (ADAS, "AT_LIMIT", 100.0),
    ]


async def test_every_budget_of_the_chain_that_rises_is_told_of_with_its_figures(
    budgets: ModuleGraph, pool: Pool, alerts: Alerts
) -> None:
    await run(
        pool,
        "UPDATE copilot.credit_budget SET limit_amount = 40, overflow_cap = 50"
        " WHERE scope_type IN ('team', 'user')",
    )
    await run(pool, "UPDATE copilot.credit_budget SET overflow_cap = 50")
    await use(budgets, "one", 50)

    found = {alert.id: alert for alert in [await alerts._one() for _ in range(4)]}
    percents = {id: (alert.usage_percent, alert.overflow_percent) for id, alert in found.items()}
    assert percents == {
        ADAS: (100.0, 20.0),
        TEAMS: (100.0, 20.0),
        id_of(f"budget of group {GROUP}"): (6.67, 20.0),
        id_of(f"budget of account {ORG}"): (4.0, 20.0),
    }
    assert {(alert.level, alert.account_id) for alert in found.values()} == {("AT_LIMIT", ORG)}
    assert len({alert.observed_at for alert in found.values()}) == 1


async def test_a_batch_tells_of_the_level_it_ends_at(budgets: ModuleGraph, alerts: Alerts) -> None:
    usages = [
        {"idempotencyKey": str(n), "scope": {"type": "USER", "id": ADA}, "credits": 10}
        for n in range(10)
    ]
    await budgets.write(admin(), "recordUsages", "entries { outcome }", usages=usages)

    assert await alerts.told(1) == [(ADAS, "AT_LIMIT", 100.0)]


async def test_what_is_refused_repeated_or_given_back_raises_nothing(
    budgets: ModuleGraph, alerts: Alerts
) -> None:
    entry = "entry { id outcome }"
    given = {"idempotencyKey": "k", "scope": {"type": "USER", "id": ADA}, "credits": 85}
    first = await budgets.write(admin(), "recordUsage", entry, usage=given)
    await budgets.write(admin(), "recordUsage", entry, usage=given)
    refused = await use(budgets, "too much", 30)
    assert refused["entry"]["outcome"] == "REFUSED"
    await budgets.write(
        admin(),
        "refundUsage",
        "budget { used }",
        entryId=first["entry"]["id"],
        credits=80,
        reason="failed",
        idempotencyKey="back",
    )
    await use(budgets, "again", 80)

    assert await alerts.told(2) == [(ADAS, "WARNING", 85.0), (ADAS, "WARNING", 85.0)]


async def test_a_limit_that_comes_down_raises_an_alert_and_a_trial_does_not(
    budgets: ModuleGraph, alerts: Alerts
) -> None:
    await use(budgets, "one", 50)
    await budgets.write(admin(), "updateBudget", "budget { id }", id=ADAS, limit=60)
    await budgets.write(
        admin(),
        "allocateBudget",
        "budget { id }",
        parentId=TEAMS,
        scope={"type": "USER", "id": ADA},
        allocated=52,
    )

    assert await alerts.told(2) == [(ADAS, "WARNING", 83.33), (ADAS, "CRITICAL", 96.15)]


async def test_a_share_that_shrinks_raises_an_alert(
    budgets: ModuleGraph, pool: Pool, alerts: Alerts
) -> None:
    await add_budget(pool, "user", BOB, 100, parent_budget_id=TEAMS)
    await run(
        pool,
        "UPDATE copilot.credit_budget SET allocation_strategy = 'equal_distribution'"
        " WHERE scope_type = 'user'",
    )
    await use(budgets, "one", 50)
    share = {"budgetId": TEAMS, "targetType": "USER", "amount": 110}
    await budgets.write(admin(), "distributeBudget", "share", dryRun=True, **share)
    payload = await budgets.write(admin(), "distributeBudget", "share", **share)
    assert payload == {"share": 55, "userErrors": []}

    assert await alerts.told(1) == [(ADAS, "WARNING", 90.91)]


async def test_less_for_the_account_raises_an_alert(budgets: ModuleGraph, alerts: Alerts) -> None:
    await use(budgets, "one", 100)
    await alerts.told(1)
    await budgets.write(
        super_admin(),
        "setAccountAllocation",
        "budget { alertLevel }",
        accountId=ORG,
        allocated=600,
        limit=120,
    )

    budget = id_of(f"budget of account {ORG}")
    assert await alerts.told(1) == [(budget, "WARNING", 83.33)]


async def test_only_the_levels_asked_for_are_told(budgets: ModuleGraph, pool: Pool) -> None:
    listening = Alerts(budgets, levels=["AT_LIMIT"])
    while not budgets.services.notices.follower_count:
        await run(pool, "SELECT 1")
    await use(budgets, "one", 85)
    await use(budgets, "two", 15)

    assert await listening.told(1) == [(ADAS, "AT_LIMIT", 100.0)]
    await listening.aclose()
    await budgets.services.notices.aclose()


async def test_an_account_that_does_not_exist_has_no_alerts(budgets: ModuleGraph) -> None:
    context = RequestContext(super_admin(), budgets.services, "test")
    with pytest.raises(NotFound):
        await anext(budget_alerts(context, account_id="nowhere"))
