-- 100 people, 20 groups, 40 teams and 200 memberships for each account.
INSERT INTO public."Alchemi_AccountTable" (account_id, account_name, domain, created_at)
SELECT 'account-' || a, 'Account ' || a, 'account-' || a || '.test', timestamp '2026-01-01'
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
