"""The data every benchmark runs on: equal accounts, the same in every run.

An account has 100 people, 20 groups, 40 teams and 200 memberships: each person is in one team by
the console's own table, and in the next one by the gateway's. Ids are digests of names.
"""

from __future__ import annotations

from typing import NamedTuple

import asyncpg

from auth.mint import mint_session

__all__ = ["SECRET", "Account", "accounts", "fill"]

SECRET = "a-benchmark-signs-its-own-sessions"  # its database lives as long as the run

_FILL = """
CREATE FUNCTION pg_temp.id(kind text, account int, number int) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN md5(concat_ws('-', kind, account, number))::uuid;

INSERT INTO public."Alchemi_AccountTable" (account_id, account_name, domain)
SELECT 'account-' || a, 'Account ' || a, 'account-' || a || '.test'
FROM generate_series(1, {accounts}) a;

INSERT INTO public."Alchemi_AccountAdminTable" (id, account_id, user_email)
SELECT 'admin-' || a, 'account-' || a, 'person-1@account-' || a || '.test'
FROM generate_series(1, {accounts}) a;

INSERT INTO copilot.users (id, account_id, email, name, is_active, created_at)
SELECT pg_temp.id('user', a, n), 'account-' || a, format('person-%s@account-%s.test', n, a),
    format('Person %s of %s', n, a), n % 10 <> 0, timestamptz '2026-01-01' + n * interval '1 hour'
FROM generate_series(1, {accounts}) a, generate_series(1, 100) n;

INSERT INTO copilot.groups (id, account_id, name, is_default)
SELECT pg_temp.id('group', a, n), 'account-' || a, 'Group ' || n, n = 1
FROM generate_series(1, {accounts}) a, generate_series(1, 20) n;

INSERT INTO copilot.teams (id, account_id, group_id, name, is_default)
SELECT pg_temp.id('team', a, n), 'account-' || a, pg_temp.id('group', a, 1 + n % 20),
    'Team ' || n, n = 20
FROM generate_series(1, {accounts}) a, generate_series(1, 40) n;

INSERT INTO copilot.account_memberships
    (id, account_id, user_id, team_id, app_role, joined_at, last_active_at)
SELECT pg_temp.id('membership', a, n), 'account-' || a, pg_temp.id('user', a, n),
    pg_temp.id('team', a, 1 + n % 40), CASE WHEN n = 1 THEN 'ADMIN' ELSE 'USER' END,
    timestamptz '2026-01-01' + n * interval '1 hour',
    timestamptz '2026-02-01' + n * interval '1 hour'
FROM generate_series(1, {accounts}) a, generate_series(1, 100) n;

INSERT INTO gateway.team_memberships (id, account_id, user_id, team_id, role, joined_at)
SELECT pg_temp.id('further', a, n), 'account-' || a, pg_temp.id('user', a, n),
    pg_temp.id('team', a, 1 + (n + 1) % 40), 'VIEWER',
    timestamptz '2026-03-01' + n * interval '1 hour'
FROM generate_series(1, {accounts}) a, generate_series(1, 100) n;

ANALYZE;
"""


class Account(NamedTuple):
    """One tenant, and a session of its administrator."""

    id: str
    token: str


def accounts(number: int) -> list[Account]:
    """The accounts that `fill` makes."""
    return [_account(n) for n in range(1, number + 1)]


def _account(number: int) -> Account:
    id = f"account-{number}"
    email = f"person-1@{id}.test"
    return Account(id, mint_session(SECRET, subject=email, email=email, account_id=id))


async def fill(database_url: str, number: int) -> None:
    """Put the accounts into a migrated database that has none."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(_FILL.format(accounts=int(number)))
    finally:
        await connection.close()
