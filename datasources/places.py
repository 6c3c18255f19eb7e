"""Where a scope stands in its account: every team and group it lies in, from the directories."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, tenant_values
from datasources.scopes import LEVELS, ScopeRow

__all__ = ["members_of", "scopes_considered"]

_UUID = "'^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'"

# Further teams of a person stand beside the one their membership names, and end with it; the newest
# comes first. A person or team of the identity provider lies where that says; so does who has the
# e-mail address of one there, as `access.CHAIN` finds them.
_PLACES = f"""
WITH asked AS MATERIALIZED (
    SELECT kind, id, ordinal, CASE WHEN id ~ {_UUID} THEN id::uuid END AS uuid
    FROM unnest(CAST(:kinds AS text[]), CAST(:ids AS text[]))
        WITH ORDINALITY AS a(kind, id, ordinal)
), people AS (
    SELECT ordinal, u.id, lower(u.email) AS email FROM asked
        JOIN copilot.users u ON u.id = uuid AND u.account_id = :{TENANT}
    WHERE kind = 'USER'
), identities AS (
    SELECT ordinal, u.user_id, u.team_id, u.teams, u.organization_id, true AS is_asked
    FROM asked JOIN "LiteLLM_UserTable" u ON u.user_id = asked.id AND u.account_id = :{TENANT}
    WHERE kind = 'USER'
    UNION ALL
    SELECT ordinal, u.user_id, u.team_id, u.teams, u.organization_id, false FROM people
        JOIN "LiteLLM_UserTable" u ON lower(u.user_email) = email AND u.account_id = :{TENANT}
), members AS (
    SELECT ordinal, m.user_id, m.team_id, m.joined_at FROM people
        JOIN copilot.account_memberships m
        ON m.user_id = people.id AND m.account_id = :{TENANT} AND m.is_active
), lying_in AS (
    SELECT ordinal, team_id, joined_at FROM members
    UNION ALL
    SELECT ordinal, m.team_id, m.joined_at FROM members JOIN gateway.team_memberships m
        ON m.user_id = members.user_id AND m.account_id = :{TENANT} AND m.is_active
), teams AS (
    SELECT ordinal, t.id, t.group_id, joined_at FROM lying_in
        JOIN copilot.teams t ON t.id = team_id AND t.account_id = :{TENANT}
    UNION ALL
    SELECT ordinal, t.id, t.group_id, NULL FROM asked
        JOIN copilot.teams t ON t.id = uuid AND t.account_id = :{TENANT} WHERE kind = 'TEAM'
), identity_teams AS (
    SELECT ordinal, t.team_id, t.organization_id FROM identities
        JOIN "LiteLLM_TeamTable" t ON t.account_id = :{TENANT}
        AND t.team_id = ANY(array_append(identities.teams, identities.team_id))
    UNION ALL
    SELECT ordinal, t.team_id, t.organization_id FROM asked
        JOIN "LiteLLM_TeamTable" t ON t.team_id = asked.id AND t.account_id = :{TENANT}
    WHERE kind = 'TEAM'
), found AS (
    SELECT ordinal, 'USER' AS kind, id::text AS id, NULL::timestamptz AS at FROM people
    UNION ALL SELECT ordinal, 'USER', user_id, NULL FROM identities WHERE is_asked
    UNION ALL SELECT ordinal, 'TEAM', id::text, joined_at FROM teams
    UNION ALL SELECT ordinal, 'TEAM', team_id, NULL FROM identity_teams
    UNION ALL SELECT ordinal, 'GROUP', g.id::text, joined_at FROM teams
        JOIN copilot.groups g ON g.id = group_id AND g.account_id = :{TENANT}
    UNION ALL SELECT ordinal, 'GROUP', o.organization_id, NULL
        FROM (SELECT ordinal, organization_id FROM identity_teams
              UNION ALL SELECT ordinal, organization_id FROM identities) AS named
        JOIN "LiteLLM_OrganizationTable" o
        ON o.organization_id = named.organization_id AND o.account_id = :{TENANT}
    UNION ALL SELECT ordinal, 'GROUP', g.id::text, NULL FROM asked
        JOIN copilot.groups g ON g.id = uuid AND g.account_id = :{TENANT} WHERE kind = 'GROUP'
    UNION ALL SELECT ordinal, 'GROUP', o.organization_id, NULL FROM asked
        JOIN "LiteLLM_OrganizationTable" o
        ON o.organization_id = asked.id AND o.account_id = :{TENANT} WHERE kind = 'GROUP'
    UNION ALL SELECT ordinal, 'ACCOUNT', a.account_id, NULL FROM asked
        JOIN "Alchemi_AccountTable" a ON a.account_id = asked.id AND a.account_id = :{TENANT}
    WHERE kind = 'ACCOUNT'
)
SELECT ordinal, kind, id FROM found GROUP BY ordinal, kind, id
ORDER BY ordinal, max(at) DESC NULLS LAST, id
"""  # noqa: S608 - put together from constants of ours

_tenant = bindparam(TENANT, type_=Text())
_STATEMENT = Statement(
    text(_PLACES).bindparams(
        _tenant,
        bindparam("kinds", type_=ARRAY(Text())),
        bindparam("ids", type_=ARRAY(Text())),
    )
)


async def scopes_considered(
    database: Database, caller: Caller, scopes: Sequence[tuple[str, str]]
) -> list[tuple[ScopeRow, ...]]:
    """For each (level, id), itself and all it lies in, most specific first.

    Empty where there is no such object in the caller's account.
    """
    account_id = caller.account_id or ""
    records = await database.fetch(
        _STATEMENT,
        kinds=[kind for kind, _ in scopes],
        ids=[id for _, id in scopes],
        **tenant_values(caller),
    )
    found: list[dict[str, list[ScopeRow]]] = [{} for _ in scopes]
    for ordinal, kind, id in records:
        found[ordinal - 1].setdefault(kind, []).append(ScopeRow(kind, id, account_id))
    account = ScopeRow("ACCOUNT", account_id, account_id)
    inner = LEVELS[:0:-1]
    return [
        (*[one for level in inner for one in levels.get(level, ())], account)
        if kind in levels
        else ()
        for (kind, _), levels in zip(scopes, found, strict=True)
    ]


_MEMBERS = {
    "GROUP": """
        SELECT id::text FROM copilot.groups WHERE account_id = :{tenant} AND status = 'active'
            AND (:scope_type = 'ACCOUNT')
        ORDER BY 1
    """,
    "TEAM": """
        SELECT id::text FROM copilot.teams WHERE account_id = :{tenant} AND status = 'active'
            AND (:scope_type = 'ACCOUNT' OR (:scope_type = 'GROUP' AND group_id::text = :scope_id))
        ORDER BY 1
    """,
    "USER": """
        WITH lying_in AS (
            SELECT m.user_id, m.team_id FROM copilot.account_memberships m
            WHERE m.account_id = :{tenant} AND m.is_active
            UNION SELECT m.user_id, m.team_id FROM gateway.team_memberships m
            JOIN copilot.account_memberships first
                ON first.user_id = m.user_id AND first.account_id = m.account_id
            WHERE m.account_id = :{tenant} AND m.is_active AND first.is_active
        ), own AS (
            SELECT DISTINCT u.id::text AS id, lower(u.email) AS email FROM copilot.users u
            JOIN lying_in m ON m.user_id = u.id
            LEFT JOIN copilot.teams t ON t.id = m.team_id AND t.account_id = u.account_id
            WHERE u.account_id = :{tenant} AND u.is_active AND (:scope_type = 'ACCOUNT'
                OR (:scope_type = 'TEAM' AND t.id::text = :scope_id)
                OR (:scope_type = 'GROUP' AND t.group_id::text = :scope_id))
        ), known AS (
            SELECT coalesce(own.id::text, u.user_id) AS id FROM "LiteLLM_UserTable" u
            LEFT JOIN copilot.users own
                ON own.account_id = u.account_id AND lower(own.email) = lower(u.user_email)
            WHERE u.account_id = :{tenant} AND (own.id IS NULL
                OR (own.is_active AND own.id IN (SELECT user_id FROM lying_in)))
            AND (:scope_type = 'ACCOUNT'
                OR (:scope_type = 'TEAM' AND :scope_id = ANY(array_append(u.teams, u.team_id)))
                OR (:scope_type = 'GROUP' AND (u.organization_id = :scope_id OR EXISTS (
                    SELECT FROM "LiteLLM_TeamTable" t
                    WHERE t.team_id = ANY(array_append(u.teams, u.team_id))
                    AND t.account_id = u.account_id AND t.organization_id = :scope_id))))
        )
        SELECT id FROM own UNION SELECT id FROM known ORDER BY 1
    """,
}
_MEMBER_STATEMENTS = {
    level: Statement(
        text(query.format(tenant=TENANT)).bindparams(
            _tenant,
            *[
                bindparam(name, type_=Text())
                for name in ("scope_type", "scope_id")
                if f":{name}" in query
            ],
        )
    )
    for level, query in _MEMBERS.items()
}


async def members_of(database: Database, caller: Caller, scope: ScopeRow, level: str) -> list[str]:
    """Ids of everybody, or every team or group, inside a scope; people who are linked once."""
    records = await database.fetch(
        _MEMBER_STATEMENTS[level],
        scope_type=scope.type,
        scope_id=scope.id,
        **tenant_values(caller),
    )
    return [record[0] for record in records]
