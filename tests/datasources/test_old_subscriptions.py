"""Plans and subscriptions of the old platform are taken over by the first migration that can."""

from __future__ import annotations

import asyncio
from typing import Any

from datasources import migrations
from tests.datasources.test_migrations import apply_production_sql, connected

_OLD = """
CREATE TABLE "Alchemi_SubscriptionPlanTable" (
    id text PRIMARY KEY, plan_name text NOT NULL UNIQUE, display_name text, description text,
    price_monthly decimal(65, 30), price_yearly double precision, currency text DEFAULT 'USD',
    features jsonb, limits jsonb, is_active boolean DEFAULT true,
    created_at timestamp(3) DEFAULT '2024-01-01', updated_at timestamp(3) DEFAULT '2024-01-02'
);
CREATE TABLE "Alchemi_SubscriptionTable" (
    id text PRIMARY KEY, account_id text, plan_id text REFERENCES "Alchemi_SubscriptionPlanTable",
    system_subscription_id text, quantity integer DEFAULT 1, start_date timestamp(3),
    end_date timestamp(3), is_active boolean DEFAULT true, razorpay_response jsonb,
    created_by text, updated_by text,
    created_at timestamp(3) DEFAULT '2024-02-01', updated_at timestamp(3) DEFAULT '2024-08-01'
);
INSERT INTO "Alchemi_AccountTable" (account_id, account_name) VALUES ('a', 'Acme');
INSERT INTO "Alchemi_SubscriptionPlanTable" (id, plan_name, display_name, price_monthly,
    price_yearly, currency, features, limits, is_active)
VALUES
    ('11111111-1111-4111-8111-111111111111', 'Pro Plan', 'Professional', 19.9, 199, 'eur',
        '["agents", "nothing", "sso"]',
        '{"max_teams": 5, "maxKeys": -1, "credits": 1000.5, "seats": "many", "": 1, "on": true}',
        true),
    ('cuid-2', 'pro plan', NULL, NULL, 99.5, 'rupees', '{"models": true, "sso": false}', '[1]',
        NULL),
    ('cuid-3', 'Pro-Plan', NULL, NULL, NULL, NULL, '"[\\"agents\\"]"', NULL, false);
INSERT INTO "Alchemi_SubscriptionTable" (id, account_id, plan_id, system_subscription_id,
    quantity, start_date, end_date, is_active, razorpay_response, created_by)
VALUES
    ('s1', 'a', '11111111-1111-4111-8111-111111111111', 'sub_1', 3, '2024-02-01', NULL, true,
        '{"id": "pay_1", "fee": 1.5}', 'ada'),
    ('s2', 'a', 'cuid-2', NULL, 0, '2024-03-01', '2025-03-01', false, NULL, NULL),
    ('s3', 'a', 'cuid-3', NULL, 1, '2024-09-01', NULL, false, NULL, NULL),
    ('s4', 'gone', 'cuid-3', NULL, 1, '2024-09-01', NULL, true, NULL, NULL),
    ('s5', 'a', NULL, NULL, 1, '2024-09-01', NULL, true, NULL, NULL),
    ('s6', 'a', 'cuid-3', NULL, 1, NULL, NULL, true, NULL, NULL);
"""
_PLANS = """
SELECT code, name, kind, status, monthly_price::text, yearly_price::text, currency, limits::text,
    (SELECT array_agg(feature_code ORDER BY 1) FROM gateway.plan_features WHERE plan_id = plans.id),
    created_at::date::text
FROM gateway.subscription_plans AS plans ORDER BY created_at, code
"""
_SUBSCRIPTIONS = """
SELECT external_id, quantity, billing_period, unit_price::text, own.currency, start_at::date::text,
    end_at::date::text, cancelled_at::date::text, payment::text, own.created_by, plans.code
FROM gateway.subscriptions AS own JOIN gateway.subscription_plans AS plans ON plans.id = plan_id
ORDER BY start_at
"""


def migrated(url: str, statements: str) -> tuple[list[Any], list[Any]]:
    """The plans and subscriptions of a database that held what the statements make."""
    asyncio.run(apply_production_sql(url))
    asyncio.run(_run(url, statements))
    migrations.upgrade(url)
    return asyncio.run(_rows(url, _PLANS)), asyncio.run(_rows(url, _SUBSCRIPTIONS))


def test_plans_and_subscriptions_of_the_old_platform_are_taken_over(
    empty_database_url: str,
) -> None:
    plans, subscriptions = migrated(empty_database_url, _OLD)
    limits = '{"credits": 1000.5, "maxTeams": 5}'
    day = "2024-01-01"
    assert sorted(plans) == [
        ("pro-plan", "Professional", "BASE", "ACTIVE", "19.9", "199", "EUR", limits,
            ["agents", "sso"], day),
        ("pro-plan-2", "pro plan", "BASE", "ACTIVE", None, "99.5", "USD", "{}", ["models"], day),
        ("pro-plan-3", "Pro-Plan", "BASE", "INACTIVE", None, None, "USD", "{}", ["agents"], day),
    ]  # fmt: skip
    paid = '{"id": "pay_1", "fee": 1.5}'
    ended = "2024-08-01"
    assert subscriptions == [
        ("sub_1", 3, "MONTHLY", "19.9", "EUR", "2024-02-01", None, None, paid, "ada", "pro-plan"),
        (None, 1, "YEARLY", "99.5", "USD", "2024-03-01", ended, ended, None, None, "pro-plan-2"),
        (None, 1, "MONTHLY", "0", "USD", "2024-09-01", "2024-09-01", ended, None, None,
            "pro-plan-3"),
    ]  # fmt: skip


def test_the_old_tables_stay_as_they_are(empty_database_url: str) -> None:
    migrated(empty_database_url, _OLD)
    counts = (
        'SELECT (SELECT count(*) FROM "Alchemi_SubscriptionPlanTable"),'
        ' (SELECT count(*) FROM "Alchemi_SubscriptionTable")'
    )
    assert asyncio.run(_rows(empty_database_url, counts)) == [(3, 6)]


def test_where_there_were_none_there_are_none(empty_database_url: str) -> None:
    assert migrated(empty_database_url, "SELECT 1") == ([], [])


async def _run(url: str, statements: str) -> None:
    async with connected(url) as connection:
        await connection.execute(statements)


async def _rows(url: str, query: str) -> list[tuple[Any, ...]]:
    async with connected(url) as connection:
        return [tuple(row) for row in await connection.fetch(query)]
