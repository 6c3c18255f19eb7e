from __future__ import annotations

import pytest

from tests.harness.demo import Demo
from tests.harness.sql import look

_PEOPLE, _TEAMS = 'public."LiteLLM_UserTable"', 'public."LiteLLM_TeamTable"'
_ACCOUNTS = 'public."Alchemi_AccountTable"'
_UNKNOWN_ACCOUNT = f"NOT EXISTS (SELECT FROM {_ACCOUNTS} AS a WHERE a.account_id = x.account_id)"

_FAULTS = {
    "people without account": f"FROM {_PEOPLE} AS x WHERE account_id IS NULL",
    "people of account None": f"FROM {_PEOPLE} AS x WHERE account_id = 'None'",
    "people of an unknown account": f"FROM {_PEOPLE} AS x WHERE account_id ~ '-' AND "
    + _UNKNOWN_ACCOUNT,
    "people linked to an account that is not their address's": f"""
        FROM {_PEOPLE} AS x JOIN {_ACCOUNTS} AS own ON own.account_id = x.account_id
        JOIN {_ACCOUNTS} AS other
        ON x.user_email LIKE '%@' || other.domain AND other.account_id <> own.account_id
    """,
    "people without address": f"FROM {_PEOPLE} AS x WHERE user_email IS NULL",
    "people without a list of teams": f"FROM {_PEOPLE} AS x WHERE teams IS NULL",
    "people in a team without id": f"FROM {_PEOPLE} AS x WHERE '' = ANY(teams)",
    "people in teams that are not there": f"""
        FROM {_PEOPLE} AS x, unnest(teams) AS named(id)
        WHERE named.id <> '' AND NOT EXISTS (SELECT FROM {_TEAMS} AS t WHERE t.team_id = named.id)
    """,
    "addresses with capitals": f"FROM {_PEOPLE} AS x WHERE user_email <> lower(user_email)",
    "addresses with blanks": f"FROM {_PEOPLE} AS x WHERE user_email <> btrim(user_email)",
    "documents of people as text": f"""
        FROM {_PEOPLE} AS x WHERE jsonb_typeof(metadata) = 'string'
    """,
    "documents of people as broken text": f"""
        FROM {_PEOPLE} AS x WHERE jsonb_typeof(metadata) = 'string'
        AND NOT pg_input_is_valid(metadata #>> '{{}}', 'jsonb')
    """,
    "documents of people as lists": f"FROM {_PEOPLE} AS x WHERE jsonb_typeof(metadata) = 'array'",
    "people deactivated by the provider": f"""
        FROM {_PEOPLE} AS x WHERE metadata -> 'scim_active' = 'false'
    """,
    "people deactivated by a word": f"""
        FROM {_PEOPLE} AS x WHERE metadata -> 'scim_active' = '"false"'
    """,
    "people without times": f"FROM {_PEOPLE} AS x WHERE created_at IS NULL",
    "people without role": f"FROM {_PEOPLE} AS x WHERE user_role IS NULL",
    "admins whose role was rewritten": f"""
        FROM {_PEOPLE} AS x JOIN copilot.users AS u
        ON u.account_id = x.account_id AND u.email = lower(btrim(x.user_email))
        JOIN copilot.account_memberships AS m ON m.user_id = u.id
        WHERE m.app_role = 'ADMIN' AND x.user_role = 'internal_user'
    """,
    "teams without organisation": f"""
        FROM {_TEAMS} AS x WHERE organization_id IS NULL AND account_id IS NOT NULL
    """,
    "teams of the organisation ''": f"FROM {_TEAMS} AS x WHERE organization_id = ''",
    "teams of an organisation that is not their account's": f"""
        FROM {_TEAMS} AS x JOIN public."LiteLLM_OrganizationTable" AS o USING (organization_id)
        WHERE o.account_id <> x.account_id
    """,
    "teams of an organisation without account": f"""
        FROM {_TEAMS} AS x JOIN public."LiteLLM_OrganizationTable" AS o USING (organization_id)
        WHERE o.account_id IS NULL AND organization_id <> ''
    """,
    "organisations without teams": f"""
        FROM public."LiteLLM_OrganizationTable" AS x WHERE account_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM {_TEAMS} AS t WHERE t.organization_id = x.organization_id)
    """,
    "teams without account": f"FROM {_TEAMS} AS x WHERE account_id IS NULL",
    "teams of account None": f"FROM {_TEAMS} AS x WHERE account_id = 'None'",
    "teams of an unknown account": f"FROM {_TEAMS} AS x WHERE account_id ~ '-' AND "
    + _UNKNOWN_ACCOUNT,
    "teams without name": f"FROM {_TEAMS} AS x WHERE team_alias IS NULL",
    "members with roles as an empty object": f"""
        FROM {_TEAMS} AS x WHERE members_with_roles = '{{}}'
    """,
    "members with roles as an object": f"""
        FROM {_TEAMS} AS x WHERE jsonb_typeof(members_with_roles) = 'object'
        AND members_with_roles <> '{{}}'
    """,
    "members with roles as text": f"""
        FROM {_TEAMS} AS x WHERE jsonb_typeof(members_with_roles) = 'string'
    """,
    "members with roles that name nobody": f"""
        FROM {_TEAMS} AS x WHERE jsonb_path_exists(members_with_roles, '$[*] ? (@ == null)')
    """,
    "members with roles as bare words": f"""
        FROM {_TEAMS} AS x WHERE jsonb_typeof(members_with_roles) = 'array'
        AND jsonb_path_exists(members_with_roles, '$[*] ? (@.type() == "string")')
    """,
    "members that are nobody": f"""
        FROM {_TEAMS} AS x, unnest(members) AS named(id)
        WHERE NOT EXISTS (SELECT FROM {_PEOPLE} AS p WHERE p.user_id = named.id)
    """,
    "metadata of an account as text": f"""
        FROM {_ACCOUNTS} AS x WHERE jsonb_typeof(metadata) = 'string'
    """,
    "a domain with capitals": f"FROM {_ACCOUNTS} AS x WHERE domain <> lower(domain)",
    "accounts with one organisation": f"""
        FROM {_ACCOUNTS} AS x JOIN {_ACCOUNTS} AS y ON x.account_id < y.account_id
        WHERE (CASE jsonb_typeof(x.metadata) WHEN 'string' THEN (x.metadata #>> '{{}}')::jsonb
            ELSE x.metadata END) ->> 'auth_org_id'
        = (CASE jsonb_typeof(y.metadata) WHEN 'string' THEN (y.metadata #>> '{{}}')::jsonb
            ELSE y.metadata END) ->> 'auth_org_id'
    """,
    "an address that administers two accounts": """
        FROM public."Alchemi_AccountAdminTable" AS x
        JOIN public."Alchemi_AccountAdminTable" AS y USING (user_email)
        WHERE x.account_id < y.account_id
    """,
    "an admin's address with capitals": """
        FROM public."Alchemi_AccountAdminTable" AS x WHERE user_email <> lower(user_email)
    """,
    "settings of single sign-on as text": """
        FROM public."Alchemi_AccountSSOConfig" AS x WHERE jsonb_typeof(sso_settings) = 'string'
    """,
    "preferences as text": """
        FROM copilot.account_memberships AS x WHERE jsonb_typeof(tenant_preferences) = 'string'
    """,
    "preferences as text of text": """
        FROM copilot.account_memberships AS x WHERE tenant_preferences #>> '{}' LIKE '"%'
    """,
    "a group named global that is no default": """
        FROM copilot.groups AS x WHERE lower(name) = 'global' AND NOT is_default
    """,
    "metadata of connections as text": """
        FROM copilot.account_connections AS x WHERE jsonb_typeof(metadata) = 'string'
    """,
    "budgets of people who are nobody": """
        FROM copilot.credit_budget AS x WHERE scope_type = 'user'
        AND NOT EXISTS (SELECT FROM copilot.users AS u WHERE u.id = x.scope_id)
    """,
    "tickets of people who are nobody": """
        FROM copilot.support_tickets AS x
        WHERE NOT EXISTS (SELECT FROM copilot.users AS u WHERE u.id::text = x.user_profile_id)
    """,
    "requests without account": """
        FROM public."LiteLLM_SpendLogs" AS x WHERE account_id IS NULL
    """,
}


@pytest.mark.parametrize("clause", _FAULTS.values(), ids=_FAULTS.keys())
async def test_the_fault_is_there(demo: Demo, clause: str) -> None:
    assert await look(demo.pool, f"SELECT EXISTS (SELECT {clause})") == [(True,)]


@pytest.mark.parametrize(
    "table",
    ["users", "groups", "teams", "account_memberships", "user_invites", "support_tickets"],
)
async def test_rows_of_accounts_that_are_not_there(demo: Demo, table: str) -> None:
    found = await look(
        demo.pool,
        f"SELECT account_id = 'None', count(*) FROM copilot.{table} AS x"
        f" WHERE {_UNKNOWN_ACCOUNT} GROUP BY 1 ORDER BY 1",
    )
    assert found == [(False, 1), (True, 1)]
