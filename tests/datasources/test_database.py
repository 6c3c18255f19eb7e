"""The pool on a real server: values, transactions, and a server that goes away."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from threading import Thread
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import Text, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.functions import func

from datasources.base import Statement
from datasources.connecting import unavailable
from datasources.database import Pool, PoolOptions
from datasources.errors import DatabaseUnavailable, StatementTimeout
from datasources.tables import accounts, audit_log

_ONE = Statement(text("SELECT 1 AS one"))
_SLEEP = Statement(text("SELECT pg_sleep(30)"))
_BACKEND = Statement(text("SELECT pg_backend_pid() AS pid"))
_KILL_OTHERS = Statement(
    text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
)
_INSERT = Statement(
    accounts.insert().values(
        {
            name: bindparam(name, type_=accounts.c[name].type)
            for name in ("account_id", "account_name")
        }
    )
)
_COUNT = Statement(select(func.count()).select_from(accounts))


async def _count(pool: Pool) -> int:
    row = await pool.fetchrow(_COUNT)
    assert row is not None
    return int(row[0])


async def test_rows_come_back(pool: Pool) -> None:
    assert [row["one"] for row in await pool.fetch(_ONE)] == [1]


async def test_no_row_is_none(pool: Pool) -> None:
    assert await pool.fetchrow(Statement(text("SELECT 1 WHERE false"))) is None


async def test_execute_answers_how_many_rows_it_touched(pool: Pool) -> None:
    assert await pool.execute(_INSERT, account_id="a", account_name="A") == 1
    assert await pool.execute(Statement(accounts.update().values(spend=1))) == 1
    assert await pool.execute(Statement(accounts.delete().where(accounts.c.spend == 2))) == 0
    assert await pool.execute(Statement(text("CREATE TEMPORARY TABLE t (x int)"))) == 0


async def test_uuids_travel_as_text_alone_and_in_arrays(pool: Pool) -> None:
    ids = [str(uuid4()), str(uuid4())]
    query = select(
        bindparam("one", type_=Uuid(as_uuid=False)),
        func.unnest(bindparam("many", type_=ARRAY(Uuid(as_uuid=False)))),
        bindparam("list", type_=ARRAY(Uuid(as_uuid=False))),
    )
    rows = await pool.fetch(Statement(query), one=ids[0], many=ids, list=ids)
    assert [tuple(row) for row in rows] == [(ids[0], ids[0], ids), (ids[0], ids[1], ids)]


@pytest.mark.parametrize(
    "value",
    [{"a": [1, None, "ü", 1.5, True]}, [], "text", 7, None],
)
async def test_json_is_decoded_once(pool: Pool, value: object) -> None:
    query = select(bindparam("value", type_=audit_log.c.details.type))
    row = await pool.fetchrow(Statement(query), value=value)
    assert row is not None
    assert row[0] == value


async def test_decimals_inside_json_are_written_as_text(pool: Pool) -> None:
    query = select(bindparam("value", type_=audit_log.c.details.type))
    row = await pool.fetchrow(Statement(query), value={"price": Decimal("1.10")})
    assert row is not None
    assert row[0] == {"price": "1.10"}


async def test_times_without_zone_are_utc(pool: Pool) -> None:
    moment = datetime(2026, 3, 1, 13, 0, 0, 123000, tzinfo=UTC)
    in_berlin = moment.astimezone(timezone(timedelta(hours=1)))
    query = Statement(text("SELECT CAST(:moment AS timestamp(3)) AS at").bindparams(moment=None))
    row = await pool.fetchrow(query, moment=in_berlin)
    assert row is not None
    assert (row["at"], row["at"].tzinfo) == (moment, UTC)


async def test_statements_are_counted_and_reported(database_url: str) -> None:
    seen: list[Statement] = []
    pool = await Pool.open(database_url, PoolOptions(on_statement=seen.append))
    try:
        await pool.fetch(_ONE)
        async with pool.transaction() as database:
            await database.fetch(_ONE)
            await database.execute(_ONE)
    finally:
        await pool.close()
    assert pool.statements == 3
    assert seen == [_ONE, _ONE, _ONE]


async def test_a_transaction_commits(pool: Pool) -> None:
    async with pool.transaction() as database:
        await database.execute(_INSERT, account_id="a", account_name="A")
        assert await _count(pool) == 0
    assert await _count(pool) == 1


async def test_a_transaction_rolls_back_on_an_exception_and_lets_it_pass(pool: Pool) -> None:
    async def fail() -> None:
        async with pool.transaction() as database:
            await database.execute(_INSERT, account_id="a", account_name="A")
            raise OSError("unrelated")

    with pytest.raises(OSError, match="unrelated"):
        await fail()
    assert await _count(pool) == 0


async def test_a_savepoint_takes_back_only_its_own_part(pool: Pool) -> None:
    async with pool.transaction() as database:
        await database.execute(_INSERT, account_id="a", account_name="A")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.transaction() as inner:
                await inner.execute(_INSERT, account_id="a", account_name="B")
        await database.execute(_INSERT, account_id="c", account_name="C")
    assert await _count(pool) == 2


async def test_statements_of_one_transaction_may_be_asked_for_at_once(pool: Pool) -> None:
    async with pool.transaction() as database:
        answers = await asyncio.gather(*[database.fetchrow(_BACKEND) for _ in range(20)])
    assert len({row["pid"] for row in answers if row is not None}) == 1


async def test_a_cancelled_transaction_is_rolled_back(pool: Pool) -> None:
    entered = asyncio.Event()

    async def work() -> None:
        async with pool.transaction() as database:
            await database.execute(_INSERT, account_id="a", account_name="A")
            entered.set()
            await database.fetch(_SLEEP)

    task = asyncio.create_task(work())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await _count(pool) == 0


async def test_a_statement_that_takes_too_long_is_stopped(database_url: str) -> None:
    pool = await Pool.open(database_url, PoolOptions(statement_timeout=0.05))
    try:
        with pytest.raises(StatementTimeout):
            await pool.fetch(_SLEEP)
        assert len(await pool.fetch(_ONE)) == 1
    finally:
        await pool.close()


async def test_waiting_for_a_connection_ends(database_url: str) -> None:
    pool = await Pool.open(database_url, PoolOptions(max_size=1, acquire_timeout=0.5))
    try:
        async with pool.transaction():
            with pytest.raises(DatabaseUnavailable, match="in time"):
                await pool.fetch(_ONE)
        assert len(await pool.fetch(_ONE)) == 1
    finally:
        await pool.close()


async def test_a_pool_opens_though_the_server_is_away() -> None:
    pool = await Pool.open("postgresql://cockpit@127.0.0.1:1/cockpit")
    try:
        with pytest.raises(DatabaseUnavailable, match="does not answer"):
            await pool.fetch(_ONE)
        with pytest.raises(DatabaseUnavailable, match="does not answer"):
            async with pool.transaction():
                pytest.fail("there is nothing to begin a transaction on")
    finally:
        await pool.close()


async def test_lost_connections_are_replaced(pool: Pool, database_url: str) -> None:
    before = await pool.fetchrow(_BACKEND)
    killer = await Pool.open(database_url)
    await killer.fetch(_KILL_OTHERS)
    await killer.close()
    after = await _until_it_answers(pool)
    assert before is not None
    assert after["pid"] != before["pid"]


async def test_a_connection_lost_inside_a_transaction_is_said_to_be_lost(
    pool: Pool, database_url: str
) -> None:
    killer = await Pool.open(database_url)

    async def interrupted() -> None:
        async with pool.transaction() as database:
            await database.execute(_INSERT, account_id="a", account_name="A")
            await killer.fetch(_KILL_OTHERS)
            await database.execute(_INSERT, account_id="b", account_name="B")

    with pytest.raises(DatabaseUnavailable):
        await interrupted()
    await killer.close()
    await _until_it_answers(pool)
    assert await _count(pool) == 0


async def test_sqlalchemy_urls_are_understood(database_url: str) -> None:
    url = database_url.replace("postgresql://", "postgresql+asyncpg://")
    pool = await Pool.open(url)
    try:
        assert len(await pool.fetch(_ONE)) == 1
    finally:
        await pool.close()


@pytest.mark.parametrize("transaction_pooling", [False, True])
async def test_concurrent_statements_share_the_connections(
    database_url: str, transaction_pooling: bool
) -> None:
    options = PoolOptions(max_size=3, transaction_pooling=transaction_pooling)
    pool = await Pool.open(database_url, options)
    query = Statement(select(bindparam("text", type_=Text())))
    try:
        rows = await asyncio.gather(*[pool.fetchrow(query, text=str(i)) for i in range(100)])
    finally:
        await pool.close()
    assert [row[0] for row in rows if row is not None] == [str(i) for i in range(100)]


def test_a_server_that_said_good_bye_is_away() -> None:
    parting = asyncpg.InternalClientError(
        "cannot switch to state 12; another operation (2) is in progress"
    )
    with pytest.raises(DatabaseUnavailable), unavailable():
        raise parting
    with pytest.raises(asyncpg.InternalClientError), unavailable():
        raise asyncpg.InternalClientError("got result for unknown protocol state 7")


async def _until_it_answers(pool: Pool) -> asyncpg.Record:
    """The first answer; a statement may find a connection dead before the socket says so."""
    for _ in range(10):
        try:
            row = await pool.fetchrow(_BACKEND)
        except DatabaseUnavailable:
            continue
        assert row is not None
        return row
    pytest.fail("the pool does not recover")


@pytest.mark.parametrize("turns", range(8))
async def test_a_pool_closes_though_its_connections_are_cut_meanwhile(
    database_url: str, turns: int
) -> None:
    pool = await Pool.open(database_url)
    await asyncio.gather(*[pool.fetchrow(_ONE) for _ in range(3)])

    async def cut() -> None:
        connection = await asyncpg.connect(database_url)
        await connection.fetch(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await connection.close()

    async def cut_unnoticed() -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        # In a loop of its own, so that the pool's cannot have heard of it.
        cutting = Thread(target=lambda: asyncio.run(cut()))
        cutting.start()
        cutting.join()

    await asyncio.gather(pool.close(), cut_unnoticed())
