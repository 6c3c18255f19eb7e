"""`list`: 50 people, 6 scalar fields."""

from __future__ import annotations

from typing import Any

import asyncpg

from bench.queries.query import Query

__all__ = ["LIST", "NEWEST", "USER"]

USER = ("id", "name", "email", "isActive", "lastActiveAt", "createdAt")

_TEXT = """
query List {
  account {
    directory {
      users(first: 50) {
        nodes { id name email isActive lastActiveAt createdAt }
      }
    }
  }
}
"""

NEWEST = """
SELECT u.id, u.name, u.email, u.is_active, m.last_active_at, u.created_at
FROM copilot.users u
LEFT JOIN copilot.account_memberships m ON m.user_id = u.id AND m.account_id = u.account_id
WHERE u.account_id = $1
ORDER BY u.created_at DESC, u.id DESC
LIMIT 50
"""
"""The newest people of an account, their columns named as in `USER`."""

_BUILT = f"""
SELECT json_build_object('account', json_build_object('directory', json_build_object(
    'users', json_build_object('nodes', coalesce(json_agg(json_build_object(
        'id', id, 'name', name, 'email', email, 'isActive', is_active,
        'lastActiveAt', last_active_at, 'createdAt', created_at)), '[]')))))
FROM ({NEWEST}) people
"""


async def _by_hand(pool: asyncpg.Pool, account: str) -> dict[str, Any]:
    rows = await pool.fetch(NEWEST, account)
    users = [dict(zip(USER, row, strict=True)) for row in rows]
    return {"account": {"directory": {"users": {"nodes": users}}}}


LIST = Query("list", _TEXT, _by_hand, _BUILT, statements=1)
