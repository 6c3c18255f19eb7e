"""`cockpit audit verify` as operators run it."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasources.audit import AuditEvent, record
from datasources.audit_chain import chain_events
from datasources.database import Pool
from tests.gateway.commands import Finished, cockpit
from tests.harness.callers import super_admin
from tests.harness.sql import look, run

pytestmark = pytest.mark.timeout(180)


async def write(pool: Pool, account_id: str | None) -> None:
    event = AuditEvent(
        "copilot_directory", "update", "user", "u", "Changed.", {}, account_id=account_id
    )
    async with pool.as_caller(super_admin()).transaction() as database:
        await chain_events(database, [await record(database, super_admin(), event)])


def verify(folder: Path, pool: Pool, *options: str) -> Finished:
    return cockpit("audit", "verify", *options, folder=folder, DATABASE_URL=pool.url)


async def test_it_tells_where_whole_chains_end_and_which_link_is_broken(
    pool: Pool, tmp_path: Path
) -> None:
    for account in ("acme", "beta", None, "acme"):
        await write(pool, account)
    whole = verify(tmp_path, pool)
    assert (whole.code, whole.err) == (0, "")
    ends = {chain: (position, hash.hex()) for chain, position, hash in await _ends(pool)}
    assert whole.out == (
        f"platform: whole up to 1:{ends[''][1]}\n"
        f"account acme: whole up to 2:{ends['acme'][1]}\n"
        f"account beta: whole up to 1:{ends['beta'][1]}\n"
    )
    anchor = "2:" + ends["acme"][1]
    assert verify(tmp_path, pool, "--account", "acme", "--anchor", anchor).code == 0

    ((id,),) = await look(pool, "SELECT event_id FROM gateway.audit_links WHERE position = 2")
    await run(pool, "UPDATE copilot.audit_log SET message = 'x' WHERE id = $1", id)
    broken = verify(tmp_path, pool)
    assert broken.code == 1
    assert f"account acme: broken at 2, event {id}. The event or its place" in broken.out
    assert "account beta: whole" in broken.out
    assert verify(tmp_path, pool, "--platform").code == 0
    assert verify(tmp_path, pool, "--account", "acme").code == 1
    missed = verify(tmp_path, pool, "--platform", "--anchor", "1:" + "0" * 64)
    assert (missed.code, "broken at 1" in missed.out) == (1, True)


async def _ends(pool: Pool) -> list[tuple[str, int, bytes]]:
    return [
        (chain, position, hash)
        for chain, position, hash in await look(
            pool, "SELECT chain, position, hash FROM gateway.audit_chains"
        )
    ]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--account", "a", "--platform"], "not both"),
        (["--anchor", "1:" + "0" * 64], "which chain the anchor is of"),
        (["--platform", "--anchor", "7"], "a position, a colon and 64 hexadecimal digits"),
    ],
)
def test_bad_input_ends_with_one_line(
    database_url: str, tmp_path: Path, options: list[str], problem: str
) -> None:
    ended = cockpit("audit", "verify", *options, folder=tmp_path, DATABASE_URL=database_url)
    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert problem in ended.err


def test_without_chains_it_says_what_to_do(empty_database_url: str, tmp_path: Path) -> None:
    ended = cockpit("audit", "verify", folder=tmp_path, DATABASE_URL=empty_database_url)
    assert (ended.code, ended.out) == (1, "")
    assert "run cockpit db upgrade" in ended.err
