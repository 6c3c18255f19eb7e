-- One large account, to see what growth costs: 100 groups, each with a team of 100 people.
INSERT INTO public."Alchemi_AccountTable" (account_id, account_name, domain)
VALUES ('account-0', 'Account 0', 'account-0.test');

INSERT INTO public."Alchemi_AccountAdminTable" (id, account_id, user_email)
VALUES ('admin-0', 'account-0', 'person-1@account-0.test');

INSERT INTO copilot.users (id, account_id, email, name, created_at)
SELECT pg_temp.id('user', 0, n), 'account-0', format('person-%s@account-0.test', n),
    format('Person %s of 0', n), timestamptz '2026-01-01' + n * interval '1 minute'
FROM generate_series(1, 10000) n;

INSERT INTO copilot.groups (id, account_id, name)
SELECT pg_temp.id('group', 0, n), 'account-0', 'Group ' || n
FROM generate_series(1, 100) n;

INSERT INTO copilot.teams (id, account_id, group_id, name)
SELECT pg_temp.id('team', 0, n), 'account-0', pg_temp.id('group', 0, n), 'Team ' || n
FROM generate_series(1, 100) n;

INSERT INTO copilot.account_memberships (id, account_id, user_id, team_id, app_role, joined_at)
SELECT pg_temp.id('membership', 0, n), 'account-0', pg_temp.id('user', 0, n),
    pg_temp.id('team', 0, 1 + n % 100), 'USER', timestamptz '2026-01-01' + n * interval '1 minute'
FROM generate_series(1, 10000) n;

INSERT INTO copilot.credit_budget (account_id, scope_type, scope_id, allocated, limit_amount,
    overflow_cap, cycle_start, cycle_end)
SELECT 'account-0', 'group', pg_temp.id('group', 0, n), 40000, 40000, 0,
    current_date - 10, current_date + 20
FROM generate_series(1, 100) n;
