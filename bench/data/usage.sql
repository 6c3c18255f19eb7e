-- 250 lines of the ledger for each account. Some lines lack some of what can be reported.
INSERT INTO gateway.usage_ledger (id, account_id, idempotency_key, kind, outcome, budget_id, chain,
    credits, overflow_credits, cost, currency, credit_factor, user_id, team_id, group_id, agent_id,
    model_name, connector_id, guard, tool, workspace_id, thread_id, request_id, prompt_tokens,
    completion_tokens, description, metadata, occurred_at, recorded_at, recorded_by)
SELECT pg_temp.id('line', a, n), 'account-' || a, 'event-' || n, 'CHARGE', 'WITHIN_LIMIT',
    pg_temp.id('team budget', a, 1 + n % 40),
    ARRAY[pg_temp.id('team budget', a, 1 + n % 40),
        pg_temp.id('group budget', a, 1 + (1 + n % 40) % 20), pg_temp.id('budget', a, 0)],
    10 + n, 0, CASE WHEN n % 5 <> 0 THEN 0.0125 * n END, CASE WHEN n % 5 <> 0 THEN 'USD' END,
    CASE WHEN n % 5 <> 0 THEN 1.5 END, pg_temp.id('user', a, 1 + n % 100)::text,
    pg_temp.id('team', a, 1 + n % 40)::text, pg_temp.id('group', a, 1 + (1 + n % 40) % 20)::text,
    'agent-' || n % 8, 'model-' || n % 5, CASE WHEN n % 3 = 0 THEN 'connector-' || n % 4 END,
    CASE WHEN n % 10 = 0 THEN 'PII' END, CASE WHEN n % 2 = 0 THEN 'llm' ELSE 'sandbox' END,
    'workspace-' || n % 6, 'thread-' || n / 10, 'request-' || n, 100 + n, 200 + n,
    CASE WHEN n % 4 = 0 THEN 'Answer number ' || n END,
    CASE WHEN n % 2 = 0 THEN jsonb_build_object('turn', n, 'client', 'web') END,
    timestamptz '2026-03-01' + n * interval '1 minute',
    timestamptz '2026-03-01' + n * interval '1 minute', 'service:bench'
FROM generate_series(1, {accounts}) a, generate_series(1, 250) n;
