-- Running budgets: one of each account, of each of its groups, of each of its teams.
INSERT INTO copilot.credit_budget (id, account_id, scope_type, scope_id, allocated, limit_amount,
    overflow_cap, used, overflow_used, cycle_start, cycle_end, created_at)
SELECT pg_temp.id('budget', a, 0), 'account-' || a, 'account', pg_temp.id('account', a, 0),
    1000000, 1000000, 0, 250000, 0, current_date - 10, current_date + 20,
    timestamptz '2026-01-01'
FROM generate_series(1, {accounts}) a;

INSERT INTO gateway.budget_details (budget_id, account_id, scope_id)
SELECT pg_temp.id('budget', a, 0), 'account-' || a, 'account-' || a
FROM generate_series(1, {accounts}) a;

INSERT INTO copilot.credit_budget (id, account_id, scope_type, scope_id, parent_budget_id,
    allocated, limit_amount, overflow_cap, used, overflow_used, cycle_start, cycle_end, created_at)
SELECT pg_temp.id('group budget', a, n), 'account-' || a, 'group', pg_temp.id('group', a, n),
    pg_temp.id('budget', a, 0), 40000, 40000 - 100 * n, 0, 1000 * n, 0,
    current_date - 10, current_date + 20, timestamptz '2026-01-01' + n * interval '1 hour'
FROM generate_series(1, {accounts}) a, generate_series(1, 20) n;

INSERT INTO copilot.credit_budget (id, account_id, scope_type, scope_id, parent_budget_id,
    allocated, limit_amount, overflow_cap, used, overflow_used, cycle_start, cycle_end, created_at)
SELECT pg_temp.id('team budget', a, n), 'account-' || a, 'team', pg_temp.id('team', a, n),
    pg_temp.id('group budget', a, 1 + n % 20), 15000, 15000, 0, 300 * n, 0,
    current_date - 10, current_date + 20, timestamptz '2026-01-02' + n * interval '1 hour'
FROM generate_series(1, {accounts}) a, generate_series(1, 40) n;
