"""One subscription to a BASE plan at a time, and one event once, also for many at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from datasources.database import Pool, PoolOptions
from tests.harness.directory import ACME, BETA
from tests.harness.graph import Graph
from tests.harness.sql import look
from tests.harness.subscriptions import Office, codes

LIMITS = {"maxTeams": 7, "GB": 2.5}
SECRET = "pay_5ecret"


@pytest.mark.parametrize(
    ("start", "end", "is_refused"),
    [
        (5, 15, True),
        (15, None, True),
        (-5, 40, True),
        (12, 13, True),
        (20, 30, False),
        (0.5, 10, False),
    ],
)
async def test_two_base_plans_do_not_run_at_a_time(
    office: Office, start: float, end: float | None, is_refused: bool
) -> None:
    plan = await office.plan()
    anchor = datetime.now(UTC)

    def at(days: float | None) -> str | None:
        return None if days is None else (anchor + timedelta(days=days)).isoformat()

    await office.subscribed(plan, startAt=at(10), endAt=at(20))
    other = await office.plan(code="other")
    answer = await office.subscribe(other, startAt=at(start), endAt=at(end))
    assert codes(answer) == ([("CYCLE_OVERLAP", "subscription.startAt")] if is_refused else [])


async def test_other_accounts_and_addons_do_not_count(office: Office) -> None:
    plan = await office.plan()
    await office.subscribed(plan)
    assert codes(await office.subscribe(plan, BETA)) == []
    await office.subscribed(await office.plan(code="more", kind="ADDON"))


async def test_of_two_base_plans_at_once_one_is_had(office: Office, database_url: str) -> None:
    plan = await office.plan(limits=LIMITS, featureCodes=["sso"])
    crowd = await Pool.open(database_url, PoolOptions(max_size=8))
    try:
        other = Office(Graph(crowd))
        answers = await asyncio.gather(
            *[desk.subscribe(plan) for desk in (office, other) for _ in range(4)]
        )
        found = await look(crowd, "SELECT count(*) FROM gateway.subscriptions")
    finally:
        await crowd.close()
    refused = [answer for answer in answers if answer["subscription"] is None]
    assert [codes(answer) for answer in refused] == [
        [("CYCLE_OVERLAP", "subscription.startAt")]
    ] * 7
    assert found == [(1,)]


async def test_one_waits_for_the_other_and_is_then_refused(
    office: Office, pool: Pool, database_url: str
) -> None:
    """Two transactions, the first of which is held open while the second has begun."""
    plan = await office.plan()
    second = await Pool.open(database_url, PoolOptions(max_size=2))
    try:
        async with pool.transaction() as first:
            await look(
                first,
                'SELECT FROM "Alchemi_AccountTable" WHERE account_id = $1 FOR NO KEY UPDATE',
                ACME,
            )
            waiting = asyncio.create_task(Office(Graph(second)).subscribe(plan))
            blocked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            blocked += " AND datname = current_database()"
            while await look(first, blocked) == [(0,)]:
                await look(first, "SELECT pg_stat_clear_snapshot()")
            await look(
                first,
                "INSERT INTO gateway.subscriptions (account_id, plan_id, billing_period,"
                " unit_price, start_at) VALUES ($1, $2, 'MONTHLY', 1, now()) RETURNING id",
                ACME,
                plan,
            )
        answer = await waiting
    finally:
        await second.close()
    assert codes(answer) == [("CYCLE_OVERLAP", "subscription.startAt")]


async def test_a_repeated_event_subscribes_once(office: Office, pool: Pool) -> None:
    plan = await office.plan(kind="ADDON")
    first = await office.subscribed(plan, idempotencyKey="event", payment={"id": SECRET})
    again = await office.subscribed(plan, idempotencyKey="event", payment={"id": SECRET})
    assert again == first
    other = await office.subscribe(plan, idempotencyKey="event", quantity=2)
    assert codes(other) == [("KEY_REUSED", "idempotencyKey")]
    assert await look(pool, "SELECT count(*) FROM gateway.subscriptions") == [(1,)]
