"""What the lists of the graph hang off, in the large demo tenant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import asyncpg

__all__ = ["Parent", "parents_in"]

_PARENTS = {
    "Query": ("SELECT 1",),
    "Platform": ("SELECT 1",),
    "Account": ("SELECT $1::text AS id",),
    "Directory": (
        "SELECT $1::text AS account_id, 'COPILOT' AS source",
        "SELECT $1::text AS account_id, 'IDENTITY' AS source",
    ),
    "Group": (
        "SELECT group_id AS id, account_id, 'COPILOT' AS source FROM copilot.teams"
        " WHERE account_id = $1 GROUP BY 1, 2 ORDER BY count(*) DESC, 1",
        "SELECT organization_id AS id, account_id, 'IDENTITY' AS source"
        ' FROM public."LiteLLM_TeamTable" WHERE account_id = $1 AND organization_id IS NOT NULL'
        " GROUP BY 1, 2 ORDER BY count(*) DESC, 1",
    ),
    "Team": (
        "SELECT team_id AS id, account_id, 'COPILOT' AS source FROM copilot.account_memberships"
        " WHERE account_id = $1 AND team_id IS NOT NULL GROUP BY 1, 2 ORDER BY count(*) DESC, 1",
        "SELECT team_id AS id, account_id, 'IDENTITY' AS source FROM public.\"LiteLLM_TeamTable\""
        " WHERE account_id = $1 ORDER BY cardinality(members) DESC, 1",
    ),
    "User": (
        "SELECT user_id AS id, account_id, 'COPILOT' AS source FROM gateway.team_memberships"
        " WHERE account_id = $1 GROUP BY 1, 2 ORDER BY count(*) DESC, 1",
        "SELECT user_id AS id, account_id, 'IDENTITY' AS source FROM public.\"LiteLLM_UserTable\""
        " WHERE account_id = $1 ORDER BY cardinality(teams) DESC, 1",
    ),
    "Budget": (
        "SELECT id, account_id, cycle_start FROM copilot.credit_budget"
        " WHERE account_id = $1 AND scope_type = 'account' ORDER BY cycle_start DESC",
    ),
    "BulkOperation": (
        "SELECT operation_id AS id FROM gateway.bulk_operation_items WHERE account_id = $1",
    ),
}
"""Statements by type; the first row of each is an object whose lists are read."""


class Parent(NamedTuple):
    """An object with lists."""

    name: str
    """Tells it from others of its type; empty where there is only one."""
    row: Mapping[str, Any]


async def parents_in(connection: asyncpg.Connection, account: str, type_name: str) -> list[Parent]:
    """Objects of a type in an account."""
    assert type_name in _PARENTS, f"Lists hang off {type_name}: say in {__file__} which is read."
    found = []
    for statement in _PARENTS[type_name]:
        row = await connection.fetchrow(f"{statement} LIMIT 1", *([account] * ("$1" in statement)))
        assert row is not None, f"The large demo tenant has no {type_name}: {statement}"
        found.append(Parent(dict(row).get("source", ""), dict(row)))
    return found
