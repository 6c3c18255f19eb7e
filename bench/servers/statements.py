"""The statements of the hand-written handler.

They ask the gateway's relations in the gateway's order, one statement a relation, for the columns
that the answer shows and no others. `$1` is the account everywhere.
"""

from __future__ import annotations

__all__ = ["GROUPS", "MEMBERS", "PEOPLE", "TEAMS", "USERS"]

USERS = """
SELECT u.id, u.name, u.email, u.is_active, m.last_active_at, u.created_at
FROM copilot.users u
LEFT JOIN copilot.account_memberships m ON m.user_id = u.id AND m.account_id = u.account_id
WHERE u.account_id = $1
ORDER BY u.created_at DESC, u.id DESC
LIMIT 50
"""

GROUPS = """
SELECT id, name
FROM copilot.groups
WHERE account_id = $1
ORDER BY CASE WHEN is_default THEN 0 ELSE 1 END, lower(name), id
LIMIT 20
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
    LIMIT 25
) team
ORDER BY parent.ordinal, team.rank, lower(team.name), team.id
"""

MEMBERS = """
SELECT parent.ordinal, member.role, member.user_id
FROM unnest($2::uuid[]) WITH ORDINALITY parent(id, ordinal)
CROSS JOIN LATERAL (
    SELECT b.id, b.role, b.user_id, b.joined_at
    FROM (
        SELECT id, account_id, user_id, team_id, app_role::text AS role, joined_at
        FROM copilot.account_memberships
        UNION ALL
        SELECT f.id, f.account_id, f.user_id, f.team_id, coalesce(f.role, m.app_role, 'USER'),
            f.joined_at
        FROM gateway.team_memberships f
        LEFT JOIN copilot.account_memberships m
            ON m.account_id = f.account_id AND m.user_id = f.user_id
        WHERE m.team_id IS DISTINCT FROM f.team_id
    ) b
    JOIN copilot.users u ON u.id = b.user_id AND u.account_id = b.account_id
    WHERE b.account_id = $1 AND b.team_id = parent.id
    ORDER BY b.joined_at, b.id
    LIMIT 25
) member
ORDER BY parent.ordinal, member.joined_at, member.id
"""

PEOPLE = """
SELECT id, name, email
FROM copilot.users
WHERE account_id = $1 AND id = ANY($2::uuid[])
"""
