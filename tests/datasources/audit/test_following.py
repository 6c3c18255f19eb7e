"""Following the trail: each event once, with its commit, and none missed whatever breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest

from auth.caller import SYSTEM
from datasources.audit import AuditEvent, record
from datasources.audit_chain import chain_events
from datasources.audit_following import PLATFORM, AuditTrail, EventIds
from datasources.database import Pool, PoolOptions
from datasources.health import ping
from datasources.migrations.row_level_security import ROLE
from datasources.notices import Feed
from tests.harness.callers import nobody, person, super_admin
from tests.harness.sql import look


@pytest.fixture
async def trail(pool: Pool) -> AsyncIterator[AuditTrail]:
    """What a process follows."""
    following = AuditTrail(pool.as_caller(SYSTEM), seconds=0.001)
    yield following
    await following.aclose()


async def happen(pool: Pool, *accounts: str | None) -> list[str]:
    """One transaction with an event of each; their ids."""
    async with pool.as_caller(super_admin()).transaction() as database:
        links = [await record(database, super_admin(), event(account)) for account in accounts]
        await chain_events(database, links)
    return [link.event_id for link in links]


def event(account_id: str | None) -> AuditEvent:
    return AuditEvent(
        "copilot_directory", "update", "user", "u", "Changed.", {}, account_id=account_id
    )


async def told(feed: Feed[EventIds], count: int) -> list[str]:
    found: list[str] = []
    while len(found) < count:
        found += await anext(feed)
    return found


async def test_events_are_told_with_their_commit_in_the_order_of_the_chain(
    pool: Pool, trail: AuditTrail
) -> None:
    await happen(pool, "a")
    async with trail.follow(["a"]) as feed:
        async with pool.as_caller(super_admin()).transaction() as database:
            late = await record(database, super_admin(), event("a"))
            early = await happen(pool, "a", "a")
            assert await told(feed, 2) == early
            await chain_events(database, [late])
        assert await told(feed, 1) == [late.event_id]


async def test_what_is_taken_back_is_not_told(pool: Pool, trail: AuditTrail) -> None:
    async with trail.follow(["a"]) as feed:
        with suppress(LookupError):
            async with pool.as_caller(super_admin()).transaction() as database:
                await chain_events(database, [await record(database, super_admin(), event("a"))])
                raise LookupError
        ids = await happen(pool, "a")
        assert await told(feed, 1) == ids


async def test_each_is_told_of_the_chains_they_follow(pool: Pool, trail: AuditTrail) -> None:
    async with AsyncExitStack() as stack:
        follow = stack.enter_async_context
        of_a = await follow(trail.follow(["a"]))
        of_both = await follow(trail.follow(["b", PLATFORM]))
        of_all = await follow(trail.follow(None))
        assert trail.follower_count == 3
        a, b, new, own = await happen(pool, "a", "b", "new", None)
        (last,) = await happen(pool, "a")
        assert await told(of_a, 2) == [a, last]
        assert set(await told(of_both, 2)) == {b, own}
        assert set(await told(of_all, 5)) == {a, b, new, own, last}
    assert trail.follower_count == 0


async def test_nobody_is_told_of_what_was_before_they_followed(
    pool: Pool, trail: AuditTrail
) -> None:
    async with trail.follow(["a"]) as first:
        (before,) = await happen(pool, "a")
        async with trail.follow(["a"]) as second, trail.follow(None) as third:
            await happen(pool, "b")
            (after,) = await happen(pool, "a")
            assert await told(second, 1) == [after]
            assert set(await told(third, 2)) > {after}
        assert await told(first, 2) == [before, after]


async def test_who_comes_back_is_not_told_of_what_happened_meanwhile(
    pool: Pool, trail: AuditTrail
) -> None:
    async with trail.follow(["b"]) as staying:
        async with trail.follow(["a"]), trail.follow(None):
            pass
        await happen(pool, "a", "c")
        async with trail.follow(["a"]) as feed, trail.follow(None) as every:
            (now,) = await happen(pool, "a")
            assert await told(feed, 1) == [now]
            assert await told(every, 1) == [now]
        ids = await happen(pool, "b")
        assert await told(staying, 1) == ids


async def test_many_at_once_are_told_in_parts(pool: Pool, trail: AuditTrail) -> None:
    async with trail.follow(["a"]) as feed:
        ids = await happen(pool, *["a"] * 201)
        assert [await anext(feed), await anext(feed)] == [tuple(ids[:200]), tuple(ids[200:])]


async def test_a_look_that_fails_loses_nothing(
    database_url: str, pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    cut = await Pool.open(database_url, PoolOptions(min_size=1, max_size=1))
    trail = AuditTrail(cut.as_caller(SYSTEM), seconds=0.001)
    others = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid = $1"
    )
    ((pid,),) = await look(cut, "SELECT pg_backend_pid()")
    async with trail.follow(["a"]) as feed:
        async with pool.transaction() as database:
            await look(database, "LOCK TABLE gateway.audit_chains")
            while not await look(pool, "SELECT FROM pg_locks WHERE pid = $1 AND NOT granted", pid):
                await ping(pool)
            assert await look(pool, others, pid) == [(1,)]
        ids = await happen(pool, "a", "a")
        assert await told(feed, 2) == ids
    assert "the next look finds what is new" in caplog.text
    await trail.aclose()
    await cut.close()


async def test_nothing_is_looked_for_while_nobody_listens(database_url: str, pool: Pool) -> None:
    asked = await Pool.open(database_url, PoolOptions(min_size=1, max_size=1))
    trail = AuditTrail(asked.as_caller(SYSTEM), seconds=0.001)
    async with trail.follow(["a"]) as feed:
        ids = await happen(pool, "a")
        assert await told(feed, 1) == ids
    before = asked.statements
    await asyncio.gather(*[ping(pool) for _ in range(20)])
    assert asked.statements == before
    await asked.close()


async def test_under_row_level_security_only_who_spans_accounts_follows(
    database_url: str, pool: Pool
) -> None:
    fenced = await Pool.open(database_url, PoolOptions(max_size=2, role=ROLE))
    trail = AuditTrail(fenced.as_caller(SYSTEM), seconds=0.001)
    async with trail.follow(["a"]) as of_a, trail.follow(None) as of_all:
        (id, other) = await happen(pool, "a", "b")
        assert await told(of_a, 1) == [id]
        assert await told(of_all, 2) == [id, other]
    for asked in (
        "SELECT chain FROM gateway.audit_chain_ends(NULL) ORDER BY 1",
        "SELECT chain FROM gateway.audit_events_after('{}', '{}', true) ORDER BY 1",
    ):
        for who, seen in ((person("a"), []), (nobody(), []), (super_admin(), [("a",), ("b",)])):
            assert await look(fenced.as_caller(who), asked) == seen
    await fenced.close()
