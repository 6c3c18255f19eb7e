"""Further memberships that say what the first one says: not shown, whoever made it so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from datasources.database import Pool
from datasources.directory import reads
from tests.harness.callers import person
from tests.harness.directory import ACME, BETA, id_of

BOB, LAB, FIELD, EVERYBODY = (id_of(name) for name in ("Bob", "Lab", "Field", "Everybody"))
_MOVE = "UPDATE copilot.account_memberships SET team_id = $2::text::uuid WHERE user_id = $1"
_ADD = (
    "INSERT INTO gateway.team_memberships (account_id, user_id, team_id)"
    " VALUES ('acme', $1, $2::text::uuid)"
)
_WAITS = "SELECT true FROM pg_locks WHERE pid = $1 AND NOT granted"


@pytest.fixture
async def console(filled: Pool, database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Writes the first memberships, and knows of no others."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def further_teams_of_bob(pool: Pool) -> dict[str, bool]:
    """Whether each is told of."""
    ids = {name: id_of(f"Bob-{name}") for name in ("Field", "Lab")}
    rows = await reads.memberships_by_id(pool, person(ACME), list(ids.values()))
    return {name: row is not None for name, row in zip(ids, rows, strict=True)}


async def test_a_team_is_told_once(filled: Pool) -> None:
    assert await further_teams_of_bob(filled) == {"Field": True, "Lab": False}


async def test_what_the_console_moves_is_compared_again(
    filled: Pool, console: asyncpg.Connection
) -> None:
    await console.execute(_MOVE, BOB, FIELD)
    assert await further_teams_of_bob(filled) == {"Field": False, "Lab": True}
    await console.execute(_MOVE, BOB, None)
    assert await further_teams_of_bob(filled) == {"Field": True, "Lab": True}
    await console.execute(_MOVE, BOB, EVERYBODY)
    assert await further_teams_of_bob(filled) == {"Field": True, "Lab": True}


async def test_a_first_membership_that_goes_and_comes_is_compared_again(
    filled: Pool, console: asyncpg.Connection
) -> None:
    await console.execute("DELETE FROM copilot.account_memberships WHERE user_id = $1", BOB)
    assert await further_teams_of_bob(filled) == {"Field": True, "Lab": True}
    await console.execute(
        "INSERT INTO copilot.account_memberships (account_id, user_id, team_id)"
        " VALUES ('acme', $1, $2)",
        BOB,
        FIELD,
    )
    assert await further_teams_of_bob(filled) == {"Field": False, "Lab": True}


async def test_a_first_membership_of_another_account_repeats_nothing(
    filled: Pool, console: asyncpg.Connection
) -> None:
    await console.execute(
        "UPDATE copilot.account_memberships SET account_id = $2 WHERE user_id = $1", BOB, BETA
    )
    assert await further_teams_of_bob(filled) == {"Field": True, "Lab": True}


async def test_a_further_membership_that_moves_is_compared_again(
    filled: Pool, console: asyncpg.Connection
) -> None:
    await console.execute(
        "UPDATE gateway.team_memberships SET team_id = $2 WHERE id = $1",
        id_of("Bob-Lab"),
        EVERYBODY,
    )
    assert await further_teams_of_bob(filled) == {"Field": True, "Lab": True}


async def test_a_deleted_team_leaves_the_others_as_they_are(
    filled: Pool, console: asyncpg.Connection
) -> None:
    await console.execute("DELETE FROM copilot.teams WHERE id = $1", LAB)
    assert await further_teams_of_bob(filled) == {"Field": True, "Lab": False}


async def _repeated(connection: asyncpg.Connection, team: str) -> bool | None:
    """Whether Bob's further membership of a team is known to repeat his first one."""
    found: bool | None = await connection.fetchval(
        "SELECT repeats_first FROM gateway.team_memberships WHERE user_id = $1 AND team_id = $2",
        BOB,
        team,
    )
    return found


@pytest.mark.parametrize("is_console_first", [True, False])
async def test_whoever_writes_second_waits_and_sees_the_first(
    console: asyncpg.Connection, database_url: str, *, is_console_first: bool
) -> None:
    other = await asyncpg.connect(database_url)
    try:
        statements = [(console, _MOVE), (other, _ADD)]
        (one, first), (two, second) = statements if is_console_first else reversed(statements)
        async with one.transaction():
            await one.execute(first, BOB, EVERYBODY)
            waiting = asyncio.create_task(two.execute(second, BOB, EVERYBODY))
            while not await one.fetchval(_WAITS, two.get_server_pid()):
                pass
        await waiting
        assert await _repeated(console, EVERYBODY) is True
    finally:
        await other.close()
