-- One row an account: locked first by whoever changes its credits, so that one does at a time.
CREATE TABLE gateway.budget_locks (
    account_id text PRIMARY KEY
);

-- What copilot.credit_budget has no column for.
CREATE TABLE gateway.budget_details (
    budget_id uuid PRIMARY KEY REFERENCES copilot.credit_budget ON DELETE CASCADE,
    account_id text NOT NULL,
    scope_id text,
    pooled bigint NOT NULL DEFAULT 0 CHECK (pooled >= 0),
    reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    reserved_overflow bigint NOT NULL DEFAULT 0 CHECK (reserved_overflow >= 0),
    rolled_over bigint NOT NULL DEFAULT 0 CHECK (rolled_over >= 0),
    overflow_charged bigint NOT NULL DEFAULT 0 CHECK (overflow_charged >= 0),
    cycle_closed_at timestamptz,
    closed_at timestamptz,
    cycle_end timestamptz,
    CHECK ((closed_at IS NULL) = (cycle_end IS NULL))
);
CREATE INDEX budget_details_account_id_idx ON gateway.budget_details (account_id);
COMMENT ON COLUMN gateway.budget_details.scope_id IS
    'Where copilot.credit_budget.scope_id, which holds nothing but a UUID, cannot say it';
COMMENT ON COLUMN gateway.budget_details.cycle_end IS
    'End of the cycle of a budget closed before it: in copilot.credit_budget its cycle has ended';
COMMENT ON COLUMN gateway.budget_details.cycle_closed_at IS
    'When the next cycle took over what was left, and overflow was charged';

-- What the super admin granted, each version from a moment on.
CREATE TABLE gateway.account_allocations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    allocated bigint NOT NULL CHECK (allocated >= 0),
    limit_amount bigint NOT NULL CHECK (limit_amount >= 0 AND limit_amount <= allocated),
    overflow_cap bigint CHECK (overflow_cap >= 0),
    credit_factor numeric NOT NULL CHECK (credit_factor > 0),
    effective_from_at timestamptz NOT NULL,
    is_applied boolean NOT NULL DEFAULT false,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT account_allocations_once UNIQUE (account_id, effective_from_at)
);
CREATE INDEX account_allocations_effective_from_at_idx
    ON gateway.account_allocations (effective_from_at) WHERE NOT is_applied;

-- The ledger: lines are never changed or removed. The sums over a budget's lines are its counters.
CREATE TABLE gateway.usage_ledger (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    idempotency_key text,
    input_digest text,
    kind text NOT NULL CHECK (kind IN ('CHARGE', 'REFUND')),
    outcome text NOT NULL CHECK (outcome IN ('WITHIN_LIMIT', 'SPLIT', 'OVERFLOW', 'REFUSED')),
    budget_id uuid NOT NULL,
    chain uuid[] NOT NULL,
    credits bigint NOT NULL CHECK (credits >= 0),
    overflow_credits bigint NOT NULL CHECK (overflow_credits >= 0),
    refused_credits bigint NOT NULL DEFAULT 0 CHECK (refused_credits >= 0),
    cost numeric CHECK (cost >= 0),
    currency text,
    credit_factor numeric,
    user_id text,
    team_id text,
    group_id text,
    agent_id text,
    model_name text,
    connector_id text,
    guard text CHECK (guard IN ('PII', 'TOXIC', 'JAILBREAK')),
    tool text,
    workspace_id text,
    thread_id text,
    request_id text,
    prompt_tokens bigint CHECK (prompt_tokens >= 0),
    completion_tokens bigint CHECK (completion_tokens >= 0),
    description text,
    metadata jsonb,
    reservation_id uuid,
    refund_of uuid,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL,
    CHECK ((kind = 'REFUND') = (refund_of IS NOT NULL))
);
CREATE INDEX usage_ledger_account_id_occurred_at_idx
    ON gateway.usage_ledger (account_id, occurred_at, id);
CREATE INDEX usage_ledger_refund_of_idx
    ON gateway.usage_ledger (refund_of) WHERE refund_of IS NOT NULL;
-- Made last: where indexes seem equally good, as in a ledger that begins, the youngest is taken.
CREATE UNIQUE INDEX usage_ledger_account_id_idempotency_key_key
    ON gateway.usage_ledger (account_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- The ledger added up by day and one dimension at a time, and by all dimensions together.
CREATE TABLE gateway.usage_by_dimension (
    account_id text NOT NULL,
    dimension text NOT NULL,
    day date NOT NULL,
    value text NOT NULL,
    currency text NOT NULL,
    credits bigint NOT NULL,
    overflow_credits bigint NOT NULL,
    cost numeric NOT NULL,
    costed_count bigint NOT NULL,
    entry_count bigint NOT NULL,
    prompt_tokens bigint NOT NULL,
    completion_tokens bigint NOT NULL,
    PRIMARY KEY (account_id, dimension, day, value, currency)
);
CREATE TABLE gateway.usage_by_day (
    account_id text NOT NULL,
    day date NOT NULL,
    digest text NOT NULL,
    chain uuid[] NOT NULL,
    kind text NOT NULL,
    outcome text NOT NULL,
    user_id text,
    team_id text,
    group_id text,
    agent_id text,
    model_name text,
    connector_id text,
    guard text,
    tool text,
    workspace_id text,
    currency text NOT NULL,
    credits bigint NOT NULL,
    overflow_credits bigint NOT NULL,
    cost numeric NOT NULL,
    costed_count bigint NOT NULL,
    entry_count bigint NOT NULL,
    prompt_tokens bigint NOT NULL,
    completion_tokens bigint NOT NULL,
    PRIMARY KEY (account_id, day, digest)
);
COMMENT ON COLUMN gateway.usage_by_day.digest IS 'Of the chain and every dimension';

-- Credits held back before work starts.
CREATE TABLE gateway.usage_reservations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    budget_id uuid NOT NULL,
    chain uuid[] NOT NULL,
    scope_type text NOT NULL,
    scope_id text NOT NULL,
    credits bigint NOT NULL CHECK (credits >= 0),
    overflow_credits bigint NOT NULL CHECK (overflow_credits >= 0),
    status text NOT NULL DEFAULT 'HELD'
        CHECK (status IN ('HELD', 'SETTLED', 'RELEASED', 'EXPIRED')),
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL
);
CREATE INDEX usage_reservations_account_id_expires_at_idx
    ON gateway.usage_reservations (account_id, expires_at) WHERE status = 'HELD';
CREATE INDEX usage_reservations_chain_idx
    ON gateway.usage_reservations USING gin (chain) WHERE status = 'HELD';
