"""Notices on a real server: with their transaction, to whom they concern, and never half."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from itertools import count

import pytest
from sqlalchemy import text

from datasources import notices as module
from datasources.base import Statement
from datasources.database import Pool
from datasources.errors import DatabaseUnavailable, NoticesMissed
from datasources.notices import Feed, Notice, Notices, announce

_LISTENERS = (
    "FROM pg_stat_activity WHERE application_name = 'cockpit-gateway-notices'"
    " AND datname = current_database()"
)
_CUT = Statement(text(f"SELECT pg_terminate_backend(pid) {_LISTENERS}"))
_COUNT = Statement(text(f"SELECT count(*) {_LISTENERS}"))
_NONSENSE = Statement(
    text("SELECT pg_notify('gateway_notices', said) FROM unnest(CAST(:said AS text[])) AS said")
)


@pytest.fixture
async def heard(database_url: str) -> AsyncIterator[Notices]:
    """What a process hears."""
    opened = Notices(database_url)
    yield opened
    await opened.aclose()


def _notice(number: int, account_id: str = "a", topic: str = "t") -> Notice:
    return Notice(topic, account_id, {"number": number})


async def _numbers(feed: Feed[Notice], how_many: int) -> list[int]:
    return [(await anext(feed)).said["number"] for _ in range(how_many)]


async def test_a_notice_goes_out_with_its_transaction_and_never_without(
    pool: Pool, heard: Notices
) -> None:
    async with heard.follow("t", "a") as feed:
        with suppress(LookupError):
            async with pool.transaction() as database:
                await announce(database, [_notice(1)])
                raise LookupError
        async with pool.transaction() as database:
            await announce(database, [_notice(2), _notice(3)])
            await announce(pool, [_notice(4)])

        assert await _numbers(feed, 3) == [4, 2, 3]


async def test_each_hears_of_the_topic_and_the_account_they_follow(
    pool: Pool, heard: Notices
) -> None:
    async with AsyncExitStack() as stack:
        follow = stack.enter_async_context
        own = await follow(heard.follow("t", "a"))
        theirs = await follow(heard.follow("t", "b"))
        every = await follow(heard.follow("t", None))
        other = await follow(heard.follow("u", None))
        sent = [_notice(1), _notice(2, "b"), _notice(3, topic="u"), _notice(4), _notice(5, "b")]
        await announce(pool, [*sent, _notice(6, topic="u")])

        assert await _numbers(own, 2) == [1, 4]
        assert await _numbers(theirs, 2) == [2, 5]
        assert await _numbers(every, 4) == [1, 2, 4, 5]
        assert await _numbers(other, 2) == [3, 6]
        assert heard.follower_count == 4

    assert heard.follower_count == 0


async def test_all_followers_of_a_process_share_one_connection(pool: Pool, heard: Notices) -> None:
    async with AsyncExitStack() as stack:
        follows = [heard.follow("t", str(number % 7)) for number in range(50)]
        await asyncio.gather(*[stack.enter_async_context(one) for one in follows])
        row = await pool.fetchrow(_COUNT)

    assert row is not None
    assert row[0] == 1


async def test_a_lost_connection_ends_every_feed_and_the_next_follower_makes_another(
    pool: Pool, heard: Notices
) -> None:
    async with heard.follow("t", "a") as feed, heard.follow("t", None) as other:
        await announce(pool, [_notice(1)])
        assert await _numbers(feed, 1) == [1]
        await pool.fetch(_CUT)
        with pytest.raises(DatabaseUnavailable):
            await anext(feed)
        assert await _numbers(other, 1) == [1]
        with pytest.raises(DatabaseUnavailable):
            await anext(other)
    async with heard.follow("t", "a") as feed:
        await announce(pool, [_notice(2)])
        assert await _numbers(feed, 1) == [2]


async def test_a_connection_that_has_fallen_silent_is_found_out(
    pool: Pool, heard: Notices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PULSE_SECONDS", 0.01)
    async with heard.follow("t", "a") as feed:
        connection = heard._connection
        assert connection is not None
        # As when the other end is gone and nothing says so: what is sent waits for ever.
        monkeypatch.setattr(type(connection), "execute", _never)
        with pytest.raises(DatabaseUnavailable):
            await anext(feed)
        monkeypatch.undo()
    async with heard.follow("t", "a") as feed:
        await announce(pool, [_notice(1)])
        assert await _numbers(feed, 1) == [1]


async def _never(*_: object, **options: float) -> None:
    await asyncio.wait_for(asyncio.Event().wait(), options["timeout"])


async def test_a_follower_who_is_too_slow_reads_what_waits_and_learns_that_some_is_missing() -> (
    None
):
    feed: Feed[Notice] = Feed()
    numbers = count()
    for _ in range(1000):
        feed.put(_notice(next(numbers)))

    assert await _numbers(feed, module._MOST_WAITING) == list(range(module._MOST_WAITING))
    with pytest.raises(NoticesMissed):
        await anext(feed)


async def test_what_is_no_notice_is_passed_over(pool: Pool, heard: Notices) -> None:
    async with heard.follow("t", "a") as feed:
        await pool.fetch(_NONSENSE, said=["", "{}", "7", '["t"]', '["t", "a"]'])
        await announce(pool, [_notice(1)])

        assert await _numbers(feed, 1) == [1]


async def test_where_nothing_can_be_heard_following_fails() -> None:
    for nowhere in (None, "postgresql://nobody@127.0.0.1:1/nothing"):
        with pytest.raises(DatabaseUnavailable):
            async with Notices(nowhere, connect_timeout=5).follow("t", "a"):
                pass


async def test_closing_ends_every_feed(heard: Notices) -> None:
    async with heard.follow("t", "a") as feed:
        waiting = asyncio.ensure_future(anext(feed))
        await heard.aclose()
        with pytest.raises(DatabaseUnavailable):
            await waiting
