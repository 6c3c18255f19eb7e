-- What the demo tenants have none of yet: rows of the gateway's own tables, for every account, and
-- more for the large one.
INSERT INTO gateway.budget_details (budget_id, account_id)
SELECT id, account_id FROM copilot.credit_budget;

INSERT INTO gateway.usage_ledger (account_id, kind, outcome, budget_id, chain, credits,
    overflow_credits, user_id, agent_id, model_name, thread_id, request_id, occurred_at, recorded_by)
SELECT a.account_id, 'CHARGE', 'WITHIN_LIMIT', budget.id, ARRAY[budget.id, budget.id], n, 0,
    'user-' || n % 50, 'agent-' || n % 9, 'model-' || n % 7, 'thread-' || n / 10, 'request-' || n,
    now() - n * interval '1 minute', 'service:demo'
FROM public."Alchemi_AccountTable" a
CROSS JOIN LATERAL (
    SELECT id FROM copilot.credit_budget b WHERE b.account_id = a.account_id
    ORDER BY scope_type = 'account' DESC, cycle_start DESC LIMIT 1
) budget
CROSS JOIN generate_series(1, 2000) n;

INSERT INTO gateway.entitlements (account_id, feature_code, source)
SELECT account_id, code, source
FROM public."Alchemi_AccountTable", gateway.features, unnest(ARRAY['PLAN', 'ADDON', 'TRIAL']) source
ON CONFLICT DO NOTHING;

INSERT INTO gateway.access_overrides (account_id, scope_type, scope_id, feature_code, effect, reason,
    valid_from)
SELECT account_id, 'TEAM', 'team-' || n, 'agents', 'DENY', 'why', now() - n * interval '1 minute'
FROM "Alchemi_AccountTable", generate_series(1, 40) AS n;

INSERT INTO gateway.subscriptions (account_id, plan_id, billing_period, unit_price, start_at, end_at)
SELECT account_id, plans.id, 'MONTHLY', 9, now() - n * interval '1 month',
    now() - (n - 1) * interval '1 month'
FROM public."Alchemi_AccountTable", gateway.subscription_plans AS plans, generate_series(1, 20) AS n;

INSERT INTO gateway.quotas (account_id, unit, included, reset, period_start, period_end)
SELECT account_id, 'unit ' || n, 10, 'MONTHLY', now(), now() + interval '1 month'
FROM public."Alchemi_AccountTable", generate_series(1, 100) n;

INSERT INTO gateway.guardrail_policies (account_id, scope_type, scope_id, required_guards)
SELECT account_id, 'USER', 'user-' || n, '{PII}'
FROM public."Alchemi_AccountTable", generate_series(1, 300) n;

INSERT INTO gateway.guardrail_events
    (account_id, guard, severity, action, user_id, agent_id, occurred_at)
SELECT account_id, 'PII', 'HIGH', 'FLAG', 'user-' || n % 50, 'agent-' || n % 9,
    now() - n * interval '1 minute'
FROM public."Alchemi_AccountTable", generate_series(1, 2000) n;

INSERT INTO gateway.service_credentials (account_id, name, expires_at)
SELECT account_id, 'service ' || n, now() + interval '1 year'
FROM (
    SELECT account_id FROM public."Alchemi_AccountTable" UNION ALL SELECT NULL
) accounts
CROSS JOIN generate_series(1, 100) n;

INSERT INTO gateway.service_tokens (token_hash, credential_id, prefix, expires_at)
SELECT sha256(id::text::bytea), id, 'cpk_' || left(id::text, 6), expires_at
FROM gateway.service_credentials;

INSERT INTO gateway.bulk_operations (account_id, kind, status, requested_by, started_at, finished_at)
SELECT account_id, 'UPDATE_USERS', 'SUCCEEDED', 'user:demo', now() - n * interval '1 hour', now()
FROM public."Alchemi_AccountTable", generate_series(1, 100) n;

INSERT INTO gateway.export_files (operation_id, account_id, format, occurred_to, chain_position,
    expires_at)
SELECT id, account_id, 'NDJSON', started_at, 0, finished_at + interval '7 days'
FROM gateway.bulk_operations WHERE account_id IS NOT NULL;

INSERT INTO gateway.bulk_operation_items (operation_id, position, target_id, account_id, outcome)
SELECT operation.id, n, 'user-' || n, operation.account_id, 'CHANGED'
FROM (SELECT DISTINCT ON (account_id) id, account_id FROM gateway.bulk_operations) operation
CROSS JOIN generate_series(0, 999) n;

INSERT INTO copilot.guardrails_custom_patterns
    (account_id, guard_type, pattern_name, pattern_regex, pattern_type, action)
SELECT account_id, 'pii', 'Pattern ' || n, 'x' || n, 'detect', 'mask'
FROM public."Alchemi_AccountTable", generate_series(1, 100) n;

INSERT INTO copilot.model_access_policies (account_id, scope_type, scope_id)
SELECT account_id, 'user', 'user-' || n
FROM public."Alchemi_AccountTable", generate_series(1, 100) n
ON CONFLICT DO NOTHING;

INSERT INTO copilot.feature_flag_policies (account_id, scope_type, scope_id)
SELECT account_id, 'user', 'user-' || n
FROM public."Alchemi_AccountTable", generate_series(1, 100) n
ON CONFLICT DO NOTHING;

INSERT INTO copilot.connection_permission_policies
    (account_id, scope_type, scope_id, connection_type)
SELECT account_id, 'user', 'user-' || n, 'mcp'
FROM public."Alchemi_AccountTable", generate_series(1, 100) n
ON CONFLICT DO NOTHING;

INSERT INTO gateway.connector_policy_details (policy_id, account_id, inherited_use, as_of)
SELECT id, account_id, true, updated_at FROM copilot.connection_permission_policies
ON CONFLICT DO NOTHING;

INSERT INTO gateway.invite_details (invite_id, account_id)
SELECT id, account_id FROM copilot.user_invites;

INSERT INTO copilot.budget_plans (account_id, name, is_active)
SELECT account_id, 'Plan ' || n, false
FROM public."Alchemi_AccountTable", generate_series(1, 40) n;

-- Accounts that have nothing yet but switched a pattern.
INSERT INTO public."Alchemi_AccountTable" (account_id, account_name)
SELECT 'empty-' || n, 'Empty account ' || n
FROM generate_series(1, 2000) n;

INSERT INTO gateway.model_lists (account_id, layer, mode, names)
SELECT account_id, layer, 'LIST', '{gpt-4.1}'
FROM public."Alchemi_AccountTable", unnest(ARRAY['GRANT', 'SELECTION']) layer
ON CONFLICT DO NOTHING;

INSERT INTO gateway.integration_lists (account_id, integration_ids)
SELECT account_id, ARRAY(SELECT id::text FROM copilot.integration_catalog)
FROM public."Alchemi_AccountTable"
ON CONFLICT DO NOTHING;

INSERT INTO gateway.account_allocations
    (account_id, allocated, limit_amount, credit_factor, effective_from_at)
SELECT account_id, 0, 0, 5, now() - n * interval '1 month'
FROM public."Alchemi_AccountTable", generate_series(1, 3) n
ON CONFLICT DO NOTHING;

INSERT INTO gateway.resource_prices
    (account_id, resource_type, unit, price, currency, effective_from)
SELECT account_id, 'sandbox', 'hour', 1, 'USD', now() - n * interval '1 month'
FROM public."Alchemi_AccountTable", generate_series(1, 5) n;

INSERT INTO gateway.guardrail_pattern_switches (account_id, pattern_id)
SELECT accounts.account_id, patterns.id
FROM public."Alchemi_AccountTable" accounts, copilot.guardrails_custom_patterns patterns
WHERE patterns.account_id IS NULL;
