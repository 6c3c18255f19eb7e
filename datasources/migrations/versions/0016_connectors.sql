-- What of a policy is inherited: copilot.connection_permission_policies has no way to say it and
-- holds, for its other readers, what the scope inherits. A row counts as of the moment at which the
-- policy was written with it; whoever writes the policy anew without it sets all of it.
CREATE TABLE gateway.connector_policy_details (
    policy_id uuid PRIMARY KEY
        REFERENCES copilot.connection_permission_policies ON DELETE CASCADE,
    account_id text NOT NULL,
    inherited_mode text
        CHECK (inherited_mode IN ('admin_managed_use_only', 'self_managed_allowed')),
    inherited_use boolean,
    as_of timestamptz NOT NULL
);
CREATE INDEX connector_policy_details_account_id_idx
    ON gateway.connector_policy_details (account_id);
COMMENT ON COLUMN gateway.connector_policy_details.inherited_mode IS
    'What is inherited and stands in permission_mode; NULL where the policy itself says it';
COMMENT ON COLUMN gateway.connector_policy_details.inherited_use IS
    'What is inherited and stands in allow_use_admin_connections; NULL as above';

-- Integrations that an account has enabled. A row here is what counts, not the account's document,
-- which holds much else that others write.
CREATE TABLE gateway.integration_lists (
    account_id text PRIMARY KEY,
    integration_ids text[] NOT NULL,
    updated_by text,
    updated_at timestamptz NOT NULL DEFAULT now()
);
