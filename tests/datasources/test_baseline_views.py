"""The formulas of the two budget views."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import asyncpg
import pytest

_INSERT = (
    "INSERT INTO copilot.credit_budget (account_id, scope_type, scope_id, allocated, limit_amount,"
    " used, overflow_used, overflow_cap, cycle_start, cycle_end)"
    " VALUES ('a', 'team', $1, $2, $3, $4, $5, 7, $6, $7)"
)
_NOW = datetime.now(UTC)
_SCOPE = UUID("00000000-0000-4000-8000-000000000001")


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()


async def _budget(
    connection: asyncpg.Connection,
    *,
    scope: UUID = _SCOPE,
    allocated: int = 0,
    limit: int = 0,
    used: int = 0,
    overflow: int = 0,
    starts_in: int = -1,
    ends_in: int = 1,
) -> None:
    start, end = _NOW + timedelta(days=starts_in), _NOW + timedelta(days=ends_in)
    await connection.execute(_INSERT, scope, allocated, limit, used, overflow, start, end)


async def test_the_summary_adds_every_cycle_that_has_not_ended(
    connection: asyncpg.Connection,
) -> None:
    await _budget(connection, allocated=10, limit=9, used=3, overflow=2)
    await _budget(connection, allocated=5, limit=3, used=1, starts_in=5, ends_in=9)
    await _budget(connection, allocated=99, limit=99, used=99, starts_in=-9, ends_in=-1)
    rows = await connection.fetch("SELECT * FROM copilot.v_budget_summary")
    assert [tuple(row) for row in rows] == [
        ("a", "team", _SCOPE, 15, 4, 2, 12, Decimal("33.33"), _NOW + timedelta(days=9))
    ]


async def test_the_summary_of_no_limit_is_zero_percent(connection: asyncpg.Connection) -> None:
    await _budget(connection, used=5)
    share = await connection.fetchval("SELECT usage_pct FROM copilot.v_budget_summary")
    assert share == Decimal(0)


async def test_the_summary_has_a_row_a_scope(connection: asyncpg.Connection) -> None:
    for _ in range(3):
        await _budget(connection, scope=uuid4(), limit=1)
    assert await connection.fetchval("SELECT count(*) FROM copilot.v_budget_summary") == 3


@pytest.mark.parametrize(
    ("limit", "used", "share", "level"),
    [
        (1000, 800, "80.00", "warning"),
        (1000, 949, "94.90", "warning"),
        (1000, 950, "95.00", "critical"),
        (1000, 999, "99.90", "critical"),
        (1000, 1000, "100.00", "at_limit"),
        (3, 4, "133.33", "at_limit"),
    ],
)
async def test_an_alert_states_how_full_a_budget_is(
    connection: asyncpg.Connection, limit: int, used: int, share: str, level: str
) -> None:
    await _budget(connection, allocated=1, limit=limit, used=used, overflow=2)
    row = await connection.fetchrow("SELECT * FROM copilot.v_budget_alerts")
    assert row is not None
    assert tuple(row) == (
        *("a", "team", _SCOPE, 1, limit, used, 2, 7),
        *(_NOW - timedelta(days=1), _NOW + timedelta(days=1), Decimal(share), level),
    )


@pytest.mark.parametrize(
    ("limit", "used", "ends_in"), [(1000, 799, 1), (0, 5, 1), (1000, 1000, -1)]
)
async def test_there_is_no_alert_below_the_mark_without_a_limit_or_after_the_cycle(
    connection: asyncpg.Connection, limit: int, used: int, ends_in: int
) -> None:
    await _budget(connection, limit=limit, used=used, starts_in=-2, ends_in=ends_in)
    assert await connection.fetch("SELECT * FROM copilot.v_budget_alerts") == []
