-- What accounts can subscribe to. A plan's price, features and limits are those of new
-- subscriptions; running ones keep what they were given.
CREATE TABLE gateway.subscription_plans (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    code text NOT NULL,
    name text NOT NULL,
    description text,
    kind text NOT NULL DEFAULT 'BASE' CHECK (kind IN ('BASE', 'ADDON')),
    status text NOT NULL DEFAULT 'COMING_SOON'
        CHECK (status IN ('COMING_SOON', 'ACTIVE', 'INACTIVE')),
    monthly_price numeric CHECK (monthly_price >= 0),
    yearly_price numeric CHECK (yearly_price >= 0),
    currency text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    trial_days integer NOT NULL DEFAULT 0 CHECK (trial_days >= 0),
    limits jsonb NOT NULL DEFAULT '{}',
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX subscription_plans_code ON gateway.subscription_plans (code);

CREATE TABLE gateway.plan_features (
    plan_id uuid NOT NULL REFERENCES gateway.subscription_plans ON DELETE CASCADE,
    feature_code text NOT NULL REFERENCES gateway.features,
    PRIMARY KEY (plan_id, feature_code)
);
CREATE INDEX plan_features_feature_code_idx ON gateway.plan_features (feature_code);

CREATE TABLE gateway.subscriptions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    plan_id uuid NOT NULL REFERENCES gateway.subscription_plans,
    quantity integer NOT NULL DEFAULT 1 CHECK (quantity BETWEEN 1 AND 1000000),
    billing_period text NOT NULL CHECK (billing_period IN ('MONTHLY', 'YEARLY')),
    unit_price numeric NOT NULL CHECK (unit_price >= 0),
    currency text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    limits jsonb NOT NULL DEFAULT '{}',
    start_at timestamptz NOT NULL,
    trial_end_at timestamptz,
    end_at timestamptz CHECK (end_at >= start_at),
    cancelled_at timestamptz,
    external_id text,
    payment jsonb,
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX subscriptions_account_id_created_at_id_idx ON gateway.subscriptions
    (account_id, created_at, id);
CREATE INDEX subscriptions_created_at_id_idx ON gateway.subscriptions (created_at, id);
CREATE INDEX subscriptions_plan_id_idx ON gateway.subscriptions (plan_id);
COMMENT ON COLUMN gateway.subscriptions.limits IS 'Those of the plan when it was granted';
COMMENT ON COLUMN gateway.subscriptions.cancelled_at IS 'When its end was asked for; NULL: never';

-- Quotas that belong to a subscription end with it.
ALTER TABLE gateway.quotas ADD COLUMN subscription_id uuid REFERENCES gateway.subscriptions;
ALTER TABLE gateway.quotas ADD COLUMN valid_until timestamptz;
CREATE INDEX quotas_subscription_id_idx ON gateway.quotas (subscription_id);
COMMENT ON COLUMN gateway.quotas.valid_until IS 'From then on it does not count; NULL: open end';

-- One that ends and the one that follows it are both there before the first has ended.
DROP INDEX gateway.quotas_one_active;
CREATE UNIQUE INDEX quotas_one_active ON gateway.quotas
    (account_id, coalesce(feature_code, ''), unit) WHERE is_active AND valid_until IS NULL;
CREATE INDEX entitlements_subscription_id_idx ON gateway.entitlements (account_id, subscription_id)
    WHERE subscription_id IS NOT NULL;
