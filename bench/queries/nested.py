"""`nested`: 20 groups, their budgets, their 40 teams, the 200 memberships, the person of each."""

from __future__ import annotations

from functools import partial
from typing import Any

import asyncpg

from bench.queries.query import Query

__all__ = ["BUDGETS", "GROUPS", "MEMBERS", "NESTED", "PEOPLE", "TEAMS", "nested"]

_TEXT = """
query Nested {
  account {
    directory {
      groups(first: %s) {
        nodes {
          id
          name
          budget { id allocated limit used remaining }
          teams(first: %s) {
            nodes {
              id
              name
              members(first: %s) {
                nodes {
                  role
                  user { id name email }
                }
              }
            }
          }
        }
      }
    }
  }
}
"""

GROUPS = """
SELECT id, name
FROM copilot.groups
WHERE account_id = $1
ORDER BY CASE WHEN is_default THEN 0 ELSE 1 END, lower(name), id
LIMIT $2
"""

BUDGETS = """
SELECT b.scope_id, b.id, b.allocated, least(b.limit_amount, b.allocated) AS "limit", b.used,
    greatest(least(b.limit_amount, b.allocated) - b.used - coalesce(d.reserved, 0), 0) AS remaining
FROM copilot.credit_budget b
LEFT JOIN gateway.budget_details d ON d.budget_id = b.id
WHERE b.account_id = $1 AND b.scope_type = 'group' AND b.scope_id = ANY($2::uuid[])
    AND b.cycle_start <= now() AND coalesce(d.cycle_end, b.cycle_end) > now()
    AND d.closed_at IS NULL
"""

TEAMS = """
SELECT parent.ordinal, team.id, team.name
FROM unnest($2::uuid[]) WITH ORDINALITY parent(id, ordinal)
CROSS JOIN LATERAL (
    SELECT t.id, t.name, CASE WHEN t.is_default THEN 0 ELSE 1 END AS rank
    FROM copilot.teams t
    JOIN copilot.groups g ON g.id = t.group_id AND g.account_id = t.account_id
    WHERE t.account_id = $1 AND t.group_id = parent.id
    ORDER BY rank, lower(t.name), t.id
    LIMIT $3
) team
ORDER BY parent.ordinal, team.rank, lower(team.name), team.id
"""

_MEMBERSHIPS = """
SELECT id, account_id, user_id, team_id, app_role::text AS role, joined_at, true AS counts
FROM copilot.account_memberships
UNION ALL
SELECT f.id, f.account_id, f.user_id, f.team_id, coalesce(f.role, (SELECT m.app_role
    FROM copilot.account_memberships m
    WHERE m.account_id = f.account_id AND m.user_id = f.user_id), 'USER'),
    f.joined_at, NOT f.repeats_first
FROM gateway.team_memberships f
"""

MEMBERS = f"""
SELECT parent.ordinal, member.role, member.user_id
FROM unnest($2::uuid[]) WITH ORDINALITY parent(id, ordinal)
CROSS JOIN LATERAL (
    SELECT b.id, b.role, b.user_id, b.joined_at
    FROM ({_MEMBERSHIPS}) b
    JOIN copilot.users u ON u.id = b.user_id AND u.account_id = b.account_id
    WHERE b.counts AND b.account_id = $1 AND b.team_id = parent.id
    ORDER BY b.joined_at, b.id
    LIMIT $3
) member
ORDER BY parent.ordinal, member.joined_at, member.id
"""

PEOPLE = """
SELECT id, name, email
FROM copilot.users
WHERE account_id = $1 AND id = ANY($2::uuid[])
"""

_BUILT = f"""
SELECT json_build_object('account', json_build_object('directory', json_build_object(
    'groups', json_build_object('nodes', coalesce(json_agg(json_build_object(
        'id', g.id, 'name', g.name, 'budget', budget.built, 'teams', teams.built)
        ORDER BY CASE WHEN g.is_default THEN 0 ELSE 1 END, lower(g.name), g.id), '[]')))))
FROM (
    SELECT id, name, is_default FROM copilot.groups WHERE account_id = $1
    ORDER BY CASE WHEN is_default THEN 0 ELSE 1 END, lower(name), id LIMIT %s
) g
LEFT JOIN LATERAL (
    SELECT json_build_object('id', b.id, 'allocated', b.allocated, 'limit', b."limit",
        'used', b.used, 'remaining', b.remaining) AS built
    FROM ({BUDGETS.replace("= ANY($2::uuid[])", "= g.id")}) b
) budget ON true
CROSS JOIN LATERAL (
    SELECT json_build_object('nodes', coalesce(json_agg(json_build_object(
        'id', t.id, 'name', t.name, 'members', members.built)
        ORDER BY t.rank, lower(t.name), t.id), '[]')) AS built
    FROM (
        SELECT t.id, t.name, CASE WHEN t.is_default THEN 0 ELSE 1 END AS rank
        FROM copilot.teams t WHERE t.account_id = $1 AND t.group_id = g.id
        ORDER BY rank, lower(t.name), t.id LIMIT %s
    ) t
    CROSS JOIN LATERAL (
        SELECT json_build_object('nodes', coalesce(json_agg(json_build_object(
            'role', m.role,
            'user', json_build_object('id', m.user_id, 'name', m.name, 'email', m.email))
            ORDER BY m.joined_at, m.id), '[]')) AS built
        FROM (
            SELECT b.id, b.role, b.joined_at, b.user_id, u.name, u.email
            FROM ({_MEMBERSHIPS}) b
            JOIN copilot.users u ON u.id = b.user_id AND u.account_id = b.account_id
            WHERE b.counts AND b.account_id = $1 AND b.team_id = t.id
            ORDER BY b.joined_at, b.id LIMIT %s
        ) m
    ) members
) teams
"""

_BUDGET = ("id", "allocated", "limit", "used", "remaining")


async def _by_hand(
    groups: int, teams: int, members: int, pool: asyncpg.Pool, account: str
) -> dict[str, Any]:
    group_rows = await pool.fetch(GROUPS, account, groups)
    group_ids = [row[0] for row in group_rows]
    budget_rows = await pool.fetch(BUDGETS, account, group_ids)
    team_rows = await pool.fetch(TEAMS, account, group_ids, teams)
    member_rows = await pool.fetch(MEMBERS, account, [row[1] for row in team_rows], members)
    ids = list({row[2] for row in member_rows})
    people = {
        id: {"id": id, "name": name, "email": email}
        for id, name, email in await pool.fetch(PEOPLE, account, ids)
    }
    of_team: list[list[Any]] = [[] for _ in team_rows]
    for team, role, user_id in member_rows:
        of_team[team - 1].append({"role": role, "user": people[user_id]})
    of_group: list[list[Any]] = [[] for _ in group_rows]
    for (group, id, name), found in zip(team_rows, of_team, strict=True):
        of_group[group - 1].append({"id": id, "name": name, "members": {"nodes": found}})
    budgets = {group: dict(zip(_BUDGET, rest, strict=True)) for group, *rest in budget_rows}
    nodes = [
        {"id": id, "name": name, "budget": budgets.get(id), "teams": {"nodes": found}}
        for (id, name), found in zip(group_rows, of_group, strict=True)
    ]
    return {"account": {"directory": {"groups": {"nodes": nodes}}}}


def nested(name: str, *, groups: int, teams: int = 25, members: int = 25) -> Query:
    """The benchmark with lists of these sizes at most."""
    sizes = (groups, teams, members)
    by_hand = partial(_by_hand, *sizes)
    return Query(name, _TEXT % sizes, by_hand, _BUILT % sizes, statements=1)


NESTED = nested("nested", groups=20)
