-- One account's year of usage, {rows} lines: 400 people who each work with 3 of 40 agents and 2 of 12
-- models. Indexes that only slow the filling down are made after it.
DROP INDEX gateway.usage_ledger_account_id_idempotency_key_key;
DROP INDEX gateway.usage_ledger_account_id_occurred_at_idx;
DROP INDEX gateway.usage_ledger_refund_of_idx;
SET synchronous_commit = off;
INSERT INTO gateway.usage_ledger (account_id, idempotency_key, input_digest, kind, outcome,
    budget_id, chain, credits, overflow_credits, cost, currency, credit_factor, user_id, team_id,
    group_id, agent_id, model_name, request_id, prompt_tokens, completion_tokens, occurred_at,
    recorded_at, recorded_by)
SELECT 'account-1', 'line-' || n, md5(n::text), 'CHARGE', 'WITHIN_LIMIT', b.chain[1], b.chain,
    1 + n % 9, 0, (1 + n % 9) * 0.01, 'USD', 100, 'user-' || u, 'team-' || u % 40,
    'group-' || u % 20, 'agent-' || (u + n % 3) % 40, 'model-' || (u + n % 2) % 12, 'request-' || n,
    100 + n % 900, 50 + n % 400, at, at, 'alchemi'
FROM (
    SELECT n, hashint8(n) & 2147483647 AS h, timestamptz '2025-01-01Z'
        + (n::float8 / {rows} * 365) * interval '1 day' AS at
    FROM generate_series(1, {rows}) n
) line
CROSS JOIN LATERAL (SELECT h % 400 AS u) person
CROSS JOIN LATERAL (
    SELECT ARRAY[md5('user' || u), md5('team' || u % 40), md5('group' || u % 20), md5('account')]
        ::uuid[] AS chain
) b;
CREATE UNIQUE INDEX usage_ledger_account_id_idempotency_key_key
    ON gateway.usage_ledger (account_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX usage_ledger_account_id_occurred_at_idx
    ON gateway.usage_ledger (account_id, occurred_at, id);
CREATE INDEX usage_ledger_refund_of_idx
    ON gateway.usage_ledger (refund_of) WHERE refund_of IS NOT NULL;
INSERT INTO gateway.usage_by_day (account_id, day, digest, chain, kind, outcome, user_id, team_id,
    group_id, agent_id, model_name, currency, credits, overflow_credits, cost, costed_count,
    entry_count, prompt_tokens, completion_tokens)
SELECT account_id, (occurred_at AT TIME ZONE 'UTC')::date AS day,
    md5(concat_ws(' ', user_id, agent_id, model_name)), chain, kind, outcome, user_id, team_id,
    group_id, agent_id, model_name, currency, sum(credits), sum(overflow_credits), sum(cost),
    count(cost), count(*), sum(prompt_tokens), sum(completion_tokens)
FROM gateway.usage_ledger
GROUP BY account_id, day, chain, kind, outcome, user_id, team_id, group_id, agent_id, model_name,
    currency;
INSERT INTO gateway.usage_by_dimension
SELECT account_id, dimension, day, coalesce(value, ''), currency, sum(credits),
    sum(overflow_credits), sum(cost), sum(costed_count), sum(entry_count), sum(prompt_tokens),
    sum(completion_tokens)
FROM gateway.usage_by_day
CROSS JOIN LATERAL (VALUES ('OUTCOME', outcome), ('USER', user_id), ('TEAM', team_id),
    ('GROUP', group_id), ('AGENT', agent_id), ('MODEL', model_name), ('CONNECTOR', connector_id),
    ('GUARDRAIL', guard), ('TOOL', tool), ('WORKSPACE', workspace_id)) said (dimension, value)
GROUP BY 1, 2, 3, 4, 5;
VACUUM ANALYZE gateway.usage_ledger;
VACUUM ANALYZE gateway.usage_by_day;
VACUUM ANALYZE gateway.usage_by_dimension;
