"""`dashboard`: the account, three counts, 20 budgets and 50 people in one request."""

from __future__ import annotations

from typing import Any

import asyncpg

from bench.queries.listing import NEWEST, USER
from bench.queries.query import Query

__all__ = ["ACCOUNT", "BUDGETS", "COUNTS", "DASHBOARD"]

_TEXT = """
query Dashboard {
  account {
    id
    name
    status
    createdAt
    directory {
      users(first: 50) {
        totalCount
        nodes { id name email isActive lastActiveAt createdAt }
      }
      groups { totalCount }
      teams { totalCount }
    }
    budgets(first: 20) {
      nodes {
        id
        scope { type id }
        allocated
        limit
        used
        remaining
        overflowUsed
        createdAt
      }
    }
  }
}
"""

ACCOUNT = """
SELECT account_id AS id, account_name AS name, upper(status) AS status,
    created_at AT TIME ZONE 'UTC' AS created_at
FROM public."Alchemi_AccountTable"
WHERE account_id = $1
"""

COUNTS = """
SELECT (SELECT count(*) FROM copilot.users WHERE account_id = $1) AS users,
    (SELECT count(*) FROM copilot.groups WHERE account_id = $1) AS groups,
    (SELECT count(*) FROM copilot.teams WHERE account_id = $1) AS teams
"""

BUDGETS = """
SELECT b.id, upper(b.scope_type) AS scope_type,
    coalesce(d.scope_id, b.scope_id::text) AS scope_id, b.allocated,
    least(b.limit_amount, b.allocated) AS "limit", b.used,
    greatest(least(b.limit_amount, b.allocated) - b.used - coalesce(d.reserved, 0), 0) AS remaining,
    b.overflow_used, b.created_at
FROM copilot.credit_budget b
LEFT JOIN gateway.budget_details d ON d.budget_id = b.id
WHERE b.account_id = $1 AND d.closed_at IS NULL
ORDER BY b.created_at DESC, b.id DESC
LIMIT 20
"""

_BUILT = f"""
SELECT json_build_object('account', json_build_object(
    'id', account.id, 'name', account.name, 'status', account.status,
    'createdAt', account.created_at,
    'directory', json_build_object(
        'users', json_build_object('totalCount', counts.users, 'nodes', (
            SELECT coalesce(json_agg(json_build_object(
                'id', id, 'name', name, 'email', email, 'isActive', is_active,
                'lastActiveAt', last_active_at, 'createdAt', created_at)), '[]')
            FROM ({NEWEST}) people)),
        'groups', json_build_object('totalCount', counts.groups),
        'teams', json_build_object('totalCount', counts.teams)),
    'budgets', json_build_object('nodes', (
        SELECT coalesce(json_agg(json_build_object(
            'id', id, 'scope', json_build_object('type', scope_type, 'id', scope_id),
            'allocated', allocated, 'limit', "limit", 'used', used, 'remaining', remaining,
            'overflowUsed', overflow_used, 'createdAt', created_at)), '[]')
        FROM ({BUDGETS}) budgets))))
FROM ({ACCOUNT}) account, ({COUNTS}) counts
"""

_BUDGET = ("allocated", "limit", "used", "remaining", "overflowUsed", "createdAt")


async def _by_hand(pool: asyncpg.Pool, account: str) -> dict[str, Any]:
    ((id, name, status, created_at),) = await pool.fetch(ACCOUNT, account)
    ((users, groups, teams),) = await pool.fetch(COUNTS, account)
    people = [dict(zip(USER, row, strict=True)) for row in await pool.fetch(NEWEST, account)]
    budgets = [
        {"id": id, "scope": {"type": type, "id": scope}, **dict(zip(_BUDGET, rest, strict=True))}
        for id, type, scope, *rest in await pool.fetch(BUDGETS, account)
    ]
    return {
        "account": {
            "id": id,
            "name": name,
            "status": status,
            "createdAt": created_at,
            "directory": {
                "users": {"totalCount": users, "nodes": people},
                "groups": {"totalCount": groups},
                "teams": {"totalCount": teams},
            },
            "budgets": {"nodes": budgets},
        }
    }


DASHBOARD = Query("dashboard", _TEXT, _by_hand, _BUILT, statements=1)
