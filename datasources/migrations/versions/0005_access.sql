-- What an account is entitled to, from which source and for how long.
CREATE TABLE gateway.entitlements (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    feature_code text NOT NULL,
    source text NOT NULL CHECK (source IN ('PLAN', 'ADDON', 'TRIAL', 'PROMOTION', 'SUPER_ADMIN')),
    subscription_id text,
    is_enabled boolean NOT NULL DEFAULT true,
    config jsonb NOT NULL DEFAULT '{}',
    valid_from timestamptz NOT NULL DEFAULT now(),
    valid_until timestamptz CHECK (valid_until > valid_from),
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX entitlements_once ON gateway.entitlements
    (account_id, feature_code, source, coalesce(subscription_id, ''));

-- Limits of an account; a row here is what counts, not what the account's document says.
CREATE TABLE gateway.account_limits (
    account_id text PRIMARY KEY,
    max_models integer CHECK (max_models >= 0),
    max_keys integer CHECK (max_keys >= 0),
    max_teams integer CHECK (max_teams >= 0),
    max_budget numeric CHECK (max_budget >= 0),
    updated_by text,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Amounts an account may consume per period.
CREATE TABLE gateway.quotas (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    feature_code text,
    unit text NOT NULL,
    included numeric NOT NULL CHECK (included >= 0),
    rolled_over numeric NOT NULL DEFAULT 0 CHECK (rolled_over >= 0),
    used numeric NOT NULL DEFAULT 0 CHECK (used >= 0),
    overage_limit numeric NOT NULL DEFAULT 0 CHECK (overage_limit >= 0),
    overage_used numeric NOT NULL DEFAULT 0 CHECK (overage_used >= 0),
    reset text NOT NULL CHECK (reset IN ('MONTHLY', 'QUARTERLY', 'YEARLY', 'NEVER')),
    rollover_cap numeric NOT NULL DEFAULT 0 CHECK (rollover_cap >= 0),
    period_start timestamptz NOT NULL,
    period_end timestamptz NOT NULL CHECK (period_end >= period_start),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX quotas_account_id_idx ON gateway.quotas (account_id);
CREATE UNIQUE INDEX quotas_one_active ON gateway.quotas
    (account_id, coalesce(feature_code, ''), unit) WHERE is_active;

-- Periods of quotas that are over.
CREATE TABLE gateway.quota_periods (
    quota_id uuid NOT NULL REFERENCES gateway.quotas ON DELETE CASCADE,
    account_id text NOT NULL,
    period_start timestamptz NOT NULL,
    period_end timestamptz NOT NULL,
    included numeric NOT NULL,
    rolled_over numeric NOT NULL,
    used numeric NOT NULL,
    overage_used numeric NOT NULL,
    closed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX quota_periods_quota_id_idx ON gateway.quota_periods (quota_id);
CREATE INDEX quota_periods_account_id_idx ON gateway.quota_periods (account_id);

-- The two layers of an account's models. A row here is what counts, not the account's document,
-- which has no way to say that a list allows nothing.
CREATE TABLE gateway.model_lists (
    account_id text NOT NULL,
    layer text NOT NULL CHECK (layer IN ('GRANT', 'SELECTION')),
    mode text NOT NULL CHECK (mode IN ('ALL', 'LIST')),
    names text[] NOT NULL DEFAULT '{}',
    defaults text[] NOT NULL DEFAULT '{}',
    updated_by text,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, layer)
);
COMMENT ON COLUMN gateway.model_lists.defaults IS 'Of the selection: default models by name';
