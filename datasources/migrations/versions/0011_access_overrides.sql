-- Exceptions that super admins make for a scope and a feature. No policy of the account lifts them.
CREATE TABLE gateway.access_overrides (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    scope_type text NOT NULL CHECK (scope_type IN ('ACCOUNT', 'GROUP', 'TEAM', 'USER')),
    scope_id text NOT NULL,
    feature_code text NOT NULL,
    effect text NOT NULL CHECK (effect IN ('DENY', 'RESTRICT', 'CONFIGURE')),
    disabled_items text[] NOT NULL DEFAULT '{}',
    config jsonb,
    reason text NOT NULL,
    valid_from timestamptz NOT NULL DEFAULT now(),
    valid_until timestamptz CHECK (valid_until > valid_from),
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((effect = 'RESTRICT') = (disabled_items <> '{}')),
    CHECK ((effect = 'CONFIGURE') = (config IS NOT NULL))
);
CREATE UNIQUE INDEX access_overrides_once ON gateway.access_overrides
    (account_id, scope_type, scope_id, feature_code);
CREATE INDEX access_overrides_account_id_valid_from_id_idx ON gateway.access_overrides
    (account_id, valid_from, id);
CREATE INDEX access_overrides_valid_from_id_idx ON gateway.access_overrides (valid_from, id);
