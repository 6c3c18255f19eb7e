"""The chains of the audit trail: what a hash covers, and what writers at once make of them."""

from __future__ import annotations

import asyncio
import hashlib
from random import Random
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from datasources.audit import AuditEvent, Recorded, record, record_all
from datasources.audit_chain import Cause, Link, chain_events
from datasources.audit_verification import Verified, chains, verify_chain
from datasources.base import Database
from datasources.database import Pool, PoolOptions
from datasources.guardrails.writes.changes import Change, log_change
from datasources.migrations.row_level_security import ROLE
from tests.harness.callers import person, super_admin
from tests.harness.sql import look, run

ACCOUNTS = ("acme", "beta", "gamma")
CAUSE = Cause("request-1", "192.0.2.7", 'Firefox "1"')


def event(account_id: str | None, message: str = "Changed.", **details: Any) -> AuditEvent:
    return AuditEvent(
        "copilot_directory", "update", "user", "u", message, details, account_id=account_id
    )


async def write(pool: Pool, *accounts: str | None) -> None:
    """One transaction with an event of each."""
    async with pool.as_caller(super_admin()).transaction() as database:
        events = [Recorded(super_admin(), CAUSE, event(account)) for account in accounts]
        await chain_events(database, await record_all(database, events))


async def verified(pool: Pool, chain: str) -> Verified:
    found = await verify_chain(pool, chain)
    assert isinstance(found, Verified), found
    return found


async def test_a_hash_covers_the_one_before_and_everything_an_event_says(pool: Pool) -> None:
    operation = str(uuid4())
    change = event("acme", 'She said "é\n".', before={"n": 1}, after={"n": 2, "a": None})
    async with pool.as_caller(super_admin()).transaction() as database:
        caused = Cause("request-1", "192.0.2.7", "curl")
        changed = change._replace(operation_id=operation)
        link = await record(database, super_admin(), changed, caused)
        await chain_events(database, [link])
    ((id, at),) = await look(pool, "SELECT id, created_at FROM copilot.audit_log")
    moment = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    content = (
        f'["COCKPIT", "{id}", "acme", "{moment}", "copilot_directory", "update", "info", "user",'
        ' "u", "root@platform.test", "root@platform.test", "She said \\"é\\n\\".",'
        ' {"after": {"a": null, "n": 2}, "before": {"n": 1}},'
        f' "request-1", "{operation}", "192.0.2.7", "curl"]'
    )
    first = hashlib.sha256(bytes(32) + content.encode()).digest()
    query = "SELECT position, hash FROM gateway.audit_links"
    assert await look(pool, query) == [(1, first)]
    assert await verify_chain(pool, "acme") == Verified("acme", 1, first)


@pytest.mark.parametrize(
    "details",
    [
        {"amount": 1.1, "large": 2**53, "small": 1e-7, "huge": 1e30, "zero": -0.0, "is": True},
        {"text": "\\ \" / \b\f\n\r\t \x01 \x7f  \ud7ff 🦉 <&'>", "": ""},
        {"deep": [[{}], [], {"b": {"a": [None]}}], "ab": 1, "b": 2, "é": 3},
        {},
    ],
)
async def test_whatever_an_event_holds_is_told_the_same_way(
    pool: Pool, details: dict[str, Any]
) -> None:
    async with pool.as_caller(super_admin()).transaction() as database:
        said = event("acme", "Tab\t and \\ and 🦉.", **details)
        link = await record(database, super_admin(), said, Cause("r", "2001:db8::1", "é\x7f"))
        change = Change("PII", "update", details, None, ["a b", 'c"d', "é"])
        line = await log_change(database, person("acme"), change, Cause("r", "::1", "p"))
        bare = await log_change(
            database, person("acme"), Change("policy", "delete", None, None, [])
        )
        await chain_events(database, [link, line, bare])
    assert (await verified(pool, "acme")).position == 3


async def test_accounts_and_the_platform_have_chains_of_their_own(pool: Pool) -> None:
    await write(pool, "beta", None, "acme", "beta")
    await write(pool, None)
    assert await chains(pool) == ["", "acme", "beta"]
    assert [(await verified(pool, chain)).position for chain in ("", "acme", "beta")] == [2, 1, 2]


async def test_events_taken_back_are_in_no_chain(pool: Pool) -> None:
    async with pool.as_caller(super_admin()).transaction() as database:
        links = [await record(database, super_admin(), event("acme"))]
        with pytest.raises(ZeroDivisionError):
            await _take_back(database, links)
        links.append(await record(database, super_admin(), event("acme")))
        await chain_events(database, links)
    assert (await verified(pool, "acme")).position == 2


async def _take_back(database: Any, links: list[Link]) -> None:
    async with database.transaction() as inner:
        links.append(await record(inner, super_admin(), event("acme")))
        raise ZeroDivisionError


async def test_a_transaction_that_fails_leaves_no_link(pool: Pool) -> None:
    await write(pool, "acme")
    with pytest.raises(ZeroDivisionError):
        await _fail(pool)
    await write(pool, "acme")
    assert (await verified(pool, "acme")).position == 2


async def _fail(pool: Pool) -> None:
    async with pool.as_caller(super_admin()).transaction() as database:
        await chain_events(database, [await record(database, super_admin(), event("acme"))])
        raise ZeroDivisionError


async def test_writers_at_once_neither_fork_a_chain_nor_wait_for_each_other_in_a_circle(
    pool: Pool,
) -> None:
    """They hold other locks and give accounts new versions by triggers that run on committing."""
    for account in ACCOUNTS:
        await run(
            pool,
            'INSERT INTO "Alchemi_AccountTable" (account_id, account_name) VALUES ($1, $1)',
            account,
        )
    written = await asyncio.gather(*[_rage(pool, Random(seed)) for seed in range(8)])  # noqa: S311
    total = {chain: sum(one.count(chain) for one in written) for chain in ACCOUNTS}
    assert min(total.values()) > 50
    for chain, count in total.items():
        assert (await verified(pool, chain)).position == count


async def _rage(pool: Pool, random: Random) -> list[str]:
    """Many transactions of a few events each, of accounts in any order."""
    written: list[str] = []
    for _ in range(25):
        accounts = [random.choice(ACCOUNTS) for _ in range(random.randint(1, 6))]
        async with pool.as_caller(super_admin()).transaction() as database:
            await _change_access(database, random.choice(ACCOUNTS))
            links = [await record(database, super_admin(), event(one)) for one in accounts]
            await chain_events(database, links)
        written += accounts
    return written


async def _change_access(database: Database, account: str) -> None:
    await run(
        database,
        'UPDATE "Alchemi_AccountTable"'
        " SET metadata = jsonb_build_object('entitlements', random()) WHERE account_id = $1",
        account,
    )


async def test_only_who_audits_the_same_account_waits_and_only_for_a_commit(pool: Pool) -> None:
    async with pool.as_caller(super_admin()).transaction() as first:
        await chain_events(first, [await record(first, super_admin(), event("acme"))])
        second = asyncio.create_task(write(pool, "gamma", "acme"))
        await _somebody_waits(pool)
        await write(pool, "beta", None)
        await run(pool, "INSERT INTO gateway.session_cutoffs VALUES ('somebody', now())")
        assert not second.done()
    await second
    assert (await verified(pool, "acme")).position == 2


async def _somebody_waits(pool: Pool) -> None:
    waiting = (
        "SELECT FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock' AND query LIKE '%chain_audit_events%'"
    )
    async with asyncio.timeout(20):
        while not await look(pool, waiting):
            pass


async def test_under_row_level_security_an_account_chains_its_events_and_cannot_forge_links(
    database_url: str, pool: Pool
) -> None:
    fenced = await Pool.open(database_url, PoolOptions(max_size=1, role=ROLE))
    await write(pool, "acme", "beta")
    async with fenced.as_caller(person("acme")).transaction() as database:
        await chain_events(database, [await record(database, person("acme"), event("acme"))])
        assert await look(database, "SELECT account_id FROM gateway.audit_links") == [
            ("acme",),
            ("acme",),
        ]
    forging = (
        "INSERT INTO gateway.audit_links (event_id, source, account_id, position, hash)"
        " VALUES (gen_random_uuid(), 'COCKPIT', 'acme', 9, decode(repeat('00', 32), 'hex'))"
    )
    for change in (forging, "UPDATE gateway.audit_chains SET position = 0"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await run(fenced.as_caller(person("acme")), change)
    await fenced.close()
    assert (await verified(pool, "acme")).position == 2
