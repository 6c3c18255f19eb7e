"""The super admin's list of accounts: filters, orders, pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from datasources.database import Pool
from datasources.tables import accounts, credit_budgets
from schema.accounts import ACCOUNTS
from tests.harness.callers import super_admin
from tests.harness.module import ModuleGraph
from tests.harness.rows import add
from tests.harness.sql import as_json

IDS = {name: f"{index}0000000-0000-4000-8000-000000000000" for index, name in enumerate("ABCDE", 1)}
NOW = datetime.now(UTC)


async def _budget(pool: Pool, name: str, *, used: int, limit: int, **values: Any) -> None:
    await add(
        pool,
        credit_budgets,
        **{
            "account_id": IDS[name],
            "scope_type": "account",
            "scope_id": IDS[name],
            "allocated": limit,
            "limit_amount": limit,
            "used": used,
            "cycle_start": NOW - timedelta(days=1),
            "cycle_end": NOW + timedelta(days=1),
            **values,
        },
    )


@pytest.fixture
async def graph(pool: Pool) -> ModuleGraph:
    """Five accounts, created a day apart, with budgets at every level."""
    for index, name in enumerate("ABCDE"):
        granted: Any = {"entitlements": {"copilot_model_super_allowlist": ["gpt"]}}
        await add(
            pool,
            accounts,
            account_id=IDS[name],
            account_name=f"Account {name}",
            account_alias="50%_off" if name == "B" else None,
            domain=f"{name}.Example.Test",
            status="suspended" if name == "C" else "active",
            metadata={"A": granted, "D": as_json(granted)}.get(name, {}),
            created_at=datetime(2026, 1, 1 + index, tzinfo=UTC),
        )
    await _budget(pool, "A", used=85, limit=100)
    await _budget(pool, "B", used=96, limit=100)
    await _budget(pool, "C", used=300, limit=300)
    await _budget(pool, "D", used=10, limit=100, overflow_used=1)
    past = {"cycle_start": NOW - timedelta(days=9), "cycle_end": NOW - timedelta(days=8)}
    await _budget(pool, "E", used=100, limit=100, **past)
    return ModuleGraph(ACCOUNTS, pool)


async def _names(graph: ModuleGraph, arguments: str) -> str:
    """The letters of the accounts listed, in their order."""
    query = f"{{ accounts({arguments}) {{ totalCount nodes {{ name }} }} }}"
    listed = (await graph.ask(super_admin(), query)).field
    return "".join(node["name"][-1] for node in listed["nodes"])


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ('search: "account b"', "B"),
        ('search: "50%_"', "B"),
        ('search: "a.example"', "A"),
        ('search: "%"', "B"),
        ('search: "nothing"', ""),
        ("search: null", "EDCBA"),
        (f'ids: ["{IDS["A"]}", "{IDS["C"]}", "elsewhere"]', "CA"),
        ("ids: []", ""),
        ("statuses: [SUSPENDED]", "C"),
        ("statuses: [ACTIVE, SUSPENDED]", "EDCBA"),
        ("modelModes: [LIST]", "DA"),
        ("modelModes: [ALL]", "ECB"),
        ("alertLevels: [WARNING]", "A"),
        ("alertLevels: [CRITICAL]", "B"),
        ("alertLevels: [AT_LIMIT]", "DC"),
        ("alertLevels: [WARNING, AT_LIMIT], statuses: [ACTIVE]", "DA"),
        ('createdAt: {from: "2026-01-02T00:00:00Z", to: "2026-01-04T00:00:00Z"}', "CB"),
    ],
)
async def test_conditions_choose_accounts(graph: ModuleGraph, condition: str, names: str) -> None:
    assert await _names(graph, f"filter: {{{condition}}}") == names


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("CREATED_AT", "ABCDE"),
        ("NAME", "ABCDE"),
        ("STATUS", "ABDEC"),
        ("USED", "EDABC"),
        ("USAGE_PERCENT", "EDABC"),
    ],
)
async def test_accounts_are_sorted(graph: ModuleGraph, order: str, names: str) -> None:
    assert await _names(graph, f"orderBy: {{field: {order}}}") == names
    assert await _names(graph, f"orderBy: {{field: {order}, direction: DESC}}") == names[::-1]


@pytest.mark.parametrize("order", ["CREATED_AT", "NAME", "STATUS", "USED", "USAGE_PERCENT"])
async def test_pages_meet_without_gap_or_repetition(graph: ModuleGraph, order: str) -> None:
    query = f"""query($after: String) {{
        accounts(first: 2, after: $after, orderBy: {{field: {order}, direction: DESC}}) {{
            nodes {{ name }} pageInfo {{ hasNextPage endCursor }} totalCount }} }}"""
    names, after, more = [], None, True
    while more:
        listed = (await graph.ask(super_admin(), query, after=after)).field
        names += [node["name"] for node in listed["nodes"]]
        after, more = listed["pageInfo"]["endCursor"], listed["pageInfo"]["hasNextPage"]
        assert listed["totalCount"] == 5

    assert sorted(names) == [f"Account {name}" for name in "ABCDE"]


@pytest.mark.parametrize("arguments", ["first: 201", "first: -1", 'after: "nonsense"'])
async def test_bad_pages_are_refused(graph: ModuleGraph, arguments: str) -> None:
    answer = await graph.ask(super_admin(), f"{{ accounts({arguments}) {{ nodes {{ id }} }} }}")

    assert answer.data is None
    assert len(answer.errors) == 1
