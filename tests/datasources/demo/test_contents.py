from __future__ import annotations

import pytest

from datasources.audit_verification import Verified, chains, verify_chain
from tests.harness.demo import NOW, Demo
from tests.harness.sql import look

_SIZES = [
    ("Banque Meridian Luxembourg S.A.", "active", 600, 14, 47),
    ("Klinikverbund Nordlicht gGmbH", "active", 5000, 40, 300),
    ("Okonjo & Partners LLP", "active", 120, 6, 14),
    ("Lundi Robotics ehf.", "active", 12, 3, 5),
    ("Instituto de Lingüística Aplicada, Universidad de Valdeorras", "suspended", 45, 4, 7),
]


async def test_tenants_differ_in_size(demo: Demo) -> None:
    found = await look(
        demo.pool,
        """
        SELECT account_name, status,
            (SELECT count(*) FROM copilot.users AS u WHERE u.account_id = a.account_id),
            (SELECT count(*) FROM copilot.groups AS g WHERE g.account_id = a.account_id),
            (SELECT count(*) FROM copilot.teams AS t WHERE t.account_id = a.account_id)
        FROM public."Alchemi_AccountTable" AS a ORDER BY array_position($1::text[], account_id)
        """,
        demo.ids,
    )
    assert found == _SIZES


async def test_both_directories_hold_everybody(demo: Demo) -> None:
    strangers = await look(
        demo.pool,
        """
        SELECT u.account_id, u.email FROM copilot.users AS u
        WHERE u.account_id = ANY($1::text[]) AND NOT EXISTS (
            SELECT FROM public."LiteLLM_UserTable" AS i
            WHERE i.account_id = u.account_id AND lower(btrim(i.user_email)) = u.email
        )
        """,
        demo.ids,
    )
    assert strangers == []


async def test_names_are_of_many_languages_and_seldom_repeated(demo: Demo) -> None:
    ((people, names, beyond_ascii),) = await look(
        demo.pool,
        "SELECT count(*), count(DISTINCT name), count(*) FILTER (WHERE name ~ '[^ -~]')"
        " FROM copilot.users",
    )
    assert names > people / 2
    assert beyond_ascii > people / 10


@pytest.mark.parametrize(
    "table",
    [
        'public."Alchemi_AccountSSOConfig"',
        'public."LiteLLM_OrganizationTable"',
        'public."LiteLLM_VerificationToken"',
        'public."LiteLLM_AuditLog"',
        "copilot.credit_budget",
        "copilot.budget_plans",
        "copilot.agents_def",
        "copilot.agent_groups",
        "copilot.marketplace_items",
        "copilot.account_connections",
        "copilot.connection_permission_policies",
        "copilot.model_access_policies",
        "copilot.feature_flag_policies",
        "copilot.guardrails_config",
        "copilot.guardrails_custom_patterns",
        "copilot.guardrails_audit_log",
        "copilot.notification_templates",
        "copilot.support_tickets",
        "copilot.audit_log",
        "gateway.connector_policy_details",
        "gateway.integration_lists",
        "gateway.team_memberships",
        "gateway.model_lists",
        "gateway.resource_prices",
        "gateway.guardrail_policies",
        "gateway.agent_guards",
        "gateway.guardrail_events",
        "gateway.subscriptions",
        "gateway.entitlements",
        "gateway.quotas",
        "gateway.quota_periods",
        "gateway.access_overrides",
        "gateway.audit_links",
    ],
)
async def test_the_first_tenant_has_something_of_every_module(demo: Demo, table: str) -> None:
    query = f"SELECT EXISTS (SELECT FROM {table} WHERE account_id = $1)"
    assert await look(demo.pool, query, demo.first.id) == [(True,)]


async def test_the_first_tenant_has_invites_in_every_state_some_overdue(demo: Demo) -> None:
    ((states, overdue),) = await look(
        demo.pool,
        """
        SELECT array_agg(DISTINCT status::text),
            count(*) FILTER (WHERE status = 'PENDING' AND expires_at < $2)
        FROM copilot.user_invites WHERE account_id = $1
        """,
        demo.first.id,
        NOW,
    )
    assert states == ["ACCEPTED", "CANCELLED", "DECLINED", "EXPIRED", "PENDING"]
    assert overdue > 0


async def test_nothing_lies_in_the_future(demo: Demo) -> None:
    latest = await look(
        demo.pool,
        """
        SELECT greatest(
            (SELECT max(updated_at) FROM copilot.users WHERE account_id = ANY($1::text[])),
            (SELECT max(updated_at) FROM copilot.user_invites WHERE account_id = ANY($1::text[])),
            (SELECT max(updated_at) FROM copilot.credit_budget),
            (SELECT max(created_at) FROM copilot.audit_log),
            (SELECT max("startTime" AT TIME ZONE 'UTC') FROM public."LiteLLM_SpendLogs")
        ) <= $2
        """,
        demo.ids,
        NOW,
    )
    assert latest == [(True,)]


_SUMS = """
SELECT count(*) FROM copilot.credit_budget AS parent
JOIN LATERAL (
    SELECT sum(child.allocated) AS total FROM copilot.credit_budget AS child
    WHERE child.parent_budget_id = parent.id OR (
        parent.scope_type = 'account' AND child.parent_budget_id IS NULL
        AND child.scope_type <> 'account' AND child.account_id = parent.account_id
        AND child.cycle_start = parent.cycle_start
    )
) AS given ON true
WHERE given.total > parent.allocated
"""
_BUDGET_FAULTS = {
    "children were given more than there is": _SUMS,
    "more was used than allowed": """
        SELECT count(*) FROM copilot.credit_budget
        WHERE used > limit_amount OR overflow_used > overflow_cap
    """,
    "a child is in another cycle or account than its parent": """
        SELECT count(*) FROM copilot.credit_budget AS child
        JOIN copilot.credit_budget AS parent ON parent.id = child.parent_budget_id
        WHERE (child.account_id, child.cycle_start) <> (parent.account_id, parent.cycle_start)
    """,
}


@pytest.mark.parametrize("query", _BUDGET_FAULTS.values(), ids=_BUDGET_FAULTS.keys())
async def test_budgets_add_up(demo: Demo, query: str) -> None:
    assert await look(demo.pool, query) == [(0,)]


async def test_budgets_of_this_cycle_alert(demo: Demo) -> None:
    levels = await look(
        demo.pool,
        """
        SELECT count(*) FILTER (WHERE used >= limit_amount),
            count(*) FILTER (WHERE used >= 0.8 * limit_amount AND used < limit_amount)
        FROM copilot.credit_budget
        WHERE account_id = $1 AND $2 BETWEEN cycle_start AND cycle_end
        """,
        demo.first.id,
        NOW,
    )
    ((full, nearly),) = levels
    assert full > 0
    assert nearly > 0


_BROKEN_REFERENCES = {
    "team in a group of another account": """
        SELECT count(*) FROM copilot.teams AS t JOIN copilot.groups AS g ON g.id = t.group_id
        WHERE t.account_id <> g.account_id
    """,
    "membership in another account than its person or team": """
        SELECT count(*) FROM copilot.account_memberships AS m
        JOIN copilot.users AS u ON u.id = m.user_id LEFT JOIN copilot.teams AS t ON t.id = m.team_id
        WHERE u.account_id <> m.account_id OR t.account_id <> m.account_id
    """,
    "person without membership": """
        SELECT count(*) FROM copilot.users AS u WHERE NOT EXISTS (
            SELECT FROM copilot.account_memberships AS m WHERE m.user_id = u.id)
    """,
    "further team that repeats the first": """
        SELECT count(*) FROM gateway.team_memberships AS f
        JOIN copilot.account_memberships AS m ON m.user_id = f.user_id AND m.team_id = f.team_id
    """,
    "listing of no agent": """
        SELECT count(*) FROM copilot.marketplace_items AS i WHERE NOT EXISTS (
            SELECT FROM copilot.agents_def AS a WHERE a.agent_id = i.entity_id)
    """,
    "request with a key that is not there": """
        SELECT count(*) FROM public."LiteLLM_SpendLogs" AS l WHERE NOT EXISTS (
            SELECT FROM public."LiteLLM_VerificationToken" AS k WHERE k.token = l.api_key)
    """,
}


@pytest.mark.parametrize("query", _BROKEN_REFERENCES.values(), ids=_BROKEN_REFERENCES.keys())
async def test_references_hold_where_no_fault_is_meant(demo: Demo, query: str) -> None:
    assert await look(demo.pool, query) == [(0,)]


async def test_stored_credentials_open_nothing(demo: Demo) -> None:
    texts = await look(
        demo.pool,
        """
        SELECT sso_settings::text FROM public."Alchemi_AccountSSOConfig"
        UNION ALL SELECT metadata::text FROM public."Alchemi_AccountTable"
        WHERE metadata::text LIKE '%smtp_password%'
        UNION ALL SELECT connection_data::text FROM copilot.account_connections
        WHERE connection_data::text ~ 'Authorization|"api_key":'
        """,
    )
    assert texts
    assert all("demo-only-opens-nothing" in text for (text,) in texts)


async def test_the_ledger_comes_to_what_every_budget_says_was_used(demo: Demo) -> None:
    differing = await look(
        demo.pool,
        """
        SELECT b.scope_type, b.used, b.overflow_used, booked.credits, booked.overflow
        FROM copilot.credit_budget b LEFT JOIN LATERAL (
            SELECT sum(credits) AS credits, sum(overflow_credits) AS overflow
            FROM gateway.usage_ledger l
            WHERE l.account_id = b.account_id AND b.id = ANY(l.chain)
        ) AS booked ON true
        WHERE (b.used, b.overflow_used) <> (coalesce(credits, 0), coalesce(overflow, 0))
        """,
    )
    assert differing == []
    ((budgets, overflowed),) = await look(
        demo.pool,
        "SELECT count(*), count(*) FILTER (WHERE overflow_used > 0) FROM copilot.credit_budget",
    )
    assert 0 < overflowed < budgets


@pytest.mark.parametrize("table", ["usage_by_day", "usage_by_dimension"])
async def test_the_sums_of_usage_come_to_the_ledger(demo: Demo, table: str) -> None:
    repeated = "WHERE dimension = 'MODEL'" if table == "usage_by_dimension" else ""
    told = "account_id, sum(credits), sum(overflow_credits), sum(cost)"
    ledger = await look(demo.pool, f"SELECT {told} FROM gateway.usage_ledger GROUP BY 1 ORDER BY 1")
    sums = await look(
        demo.pool, f"SELECT {told} FROM gateway.{table} {repeated} GROUP BY 1 ORDER BY 1"
    )
    assert len(ledger) == len(demo.ids)
    assert sums == ledger


async def test_features_are_off_limited_in_time_and_over_in_some_tenants(demo: Demo) -> None:
    ((withheld, running_out, over),) = await look(
        demo.pool,
        """
        SELECT count(*) FILTER (WHERE NOT is_enabled AND valid_until IS NULL),
            count(*) FILTER (WHERE valid_from <= $1 AND valid_until > $1),
            count(*) FILTER (WHERE valid_until <= $1)
        FROM gateway.entitlements
        """,
        NOW,
    )
    assert min(withheld, running_out, over) > 0


async def test_tenants_subscribe_in_every_state(demo: Demo) -> None:
    plans = await look(
        demo.pool,
        "SELECT kind, status, count(*) FROM gateway.subscription_plans GROUP BY 1, 2 ORDER BY 1, 2",
    )
    assert plans == [("ADDON", "ACTIVE", 1), ("BASE", "ACTIVE", 2), ("BASE", "COMING_SOON", 1)]
    states = await look(
        demo.pool,
        """
        SELECT count(*) FILTER (WHERE start_at > $1), count(*) FILTER (WHERE trial_end_at > $1),
            count(*) FILTER (WHERE end_at <= $1 AND cancelled_at IS NOT NULL),
            count(*) FILTER (WHERE end_at <= $1 AND cancelled_at IS NULL),
            count(*) FILTER (WHERE start_at <= $1 AND coalesce(end_at > $1, true))
        FROM gateway.subscriptions
        """,
        NOW,
    )
    assert states == [(1, 1, 1, 1, 5)]
    strangers = """
        SELECT count(*) FROM gateway.entitlements AS granted
        JOIN gateway.subscriptions AS own ON own.id::text = granted.subscription_id
        WHERE own.account_id = granted.account_id AND NOT EXISTS (
            SELECT FROM gateway.plan_features AS part
            WHERE part.plan_id = own.plan_id AND part.feature_code = granted.feature_code)
    """
    assert await look(demo.pool, strangers) == [(0,)]


async def test_quotas_are_near_their_end_and_beyond_it_in_the_period_that_runs(demo: Demo) -> None:
    ((nearly, beyond, outside),) = await look(
        demo.pool,
        """
        SELECT count(*) FILTER (
                WHERE overage_used = 0 AND used >= 0.9 * (included + rolled_over)),
            count(*) FILTER (WHERE overage_used > 0 AND used >= included + rolled_over),
            count(*) FILTER (WHERE NOT $1 BETWEEN period_start AND period_end
                OR used > included + rolled_over OR overage_used > overage_limit)
        FROM gateway.quotas
        """,
        NOW,
    )
    assert (nearly > 0, beyond > 0, outside) == (True, True, 0)


async def test_the_override_of_an_operator_is_of_a_team_of_its_account(demo: Demo) -> None:
    found = await look(
        demo.pool,
        """
        SELECT o.account_id, o.effect, o.valid_until > $1 FROM gateway.access_overrides AS o
        JOIN copilot.teams AS t ON t.id::text = o.scope_id AND t.account_id = o.account_id
        """,
        NOW,
    )
    assert found == [(demo.first.id, "DENY", True)]


async def test_every_event_is_in_a_chain_that_is_whole(demo: Demo) -> None:
    ((events,),) = await look(
        demo.pool,
        "SELECT (SELECT count(*) FROM copilot.audit_log)"
        " + (SELECT count(*) FROM copilot.guardrails_audit_log)",
    )
    ends = [await verify_chain(demo.pool, chain) for chain in await chains(demo.pool)]
    whole = [end for end in ends if isinstance(end, Verified)]
    assert len(whole) == len(ends)
    assert sum(end.position for end in whole) == events
