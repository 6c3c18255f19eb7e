"""Rows handed over as JSON are read by PostgreSQL as what they were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasources import recordsets
from datasources.base import Statement
from datasources.budgets.tables import usage_ledger
from datasources.database import Pool
from tests.harness.searching import search

SEARCH = search(50)
NAMES = ("id", "chain", "description", "credits", "cost", "occurred_at", "metadata")
READ = Statement(recordsets.rows_of(usage_ledger, NAMES))

IDS = st.uuids().map(str)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
BIG = st.integers(-(2**63), 2**63 - 1)
COSTS = st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=0, max_value=2**31)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(timezones=OFFSETS).filter(lambda moment: 1 < moment.year < 9999)
"""As RFC 3339 has them: an offset is whole minutes."""
JSON = st.recursive(
    st.none() | st.booleans() | BIG | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
ROWS = st.tuples(
    IDS,
    st.lists(IDS, max_size=3),
    st.none() | TEXTS,
    st.none() | BIG,
    st.none() | COSTS,
    st.none() | TIMES,
    JSON,
)


async def read(pool: Pool, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    found = await pool.fetch(READ, **recordsets.given(NAMES, rows))
    return [tuple(record) for record in found]


@pytest.mark.timeout(SEARCH.seconds)
@settings(deadline=None, max_examples=SEARCH.examples, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(ROWS, max_size=3))
async def test_rows_are_what_they_were(pool: Pool, rows: list[tuple[Any, ...]]) -> None:
    assert await read(pool, rows) == rows


async def test_small_amounts_and_fractions_of_a_second_are_exact(pool: Pool) -> None:
    moment = datetime(2026, 2, 3, 4, 5, 6, 7, tzinfo=UTC)
    row: tuple[Any, ...] = (
        "00000000-0000-0000-0000-000000000000",
        [],
        'a "b" \\',
        1,
        Decimal("1E-12"),
        moment,
        [],
    )
    assert await read(pool, [row]) == [row]
