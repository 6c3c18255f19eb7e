-- A person's teams beyond the one that copilot.account_memberships can name.
CREATE TABLE gateway.team_memberships (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    user_id uuid NOT NULL REFERENCES copilot.users ON DELETE CASCADE,
    team_id uuid NOT NULL REFERENCES copilot.teams ON DELETE CASCADE,
    role text CHECK (role IN ('ADMIN', 'USER', 'GUEST', 'MEMBER', 'VIEWER')),
    is_active boolean NOT NULL DEFAULT true,
    joined_at timestamptz NOT NULL DEFAULT now(),
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT team_memberships_once UNIQUE (account_id, user_id, team_id)
);
CREATE INDEX team_memberships_account_id_team_id_idx
    ON gateway.team_memberships (account_id, team_id);
CREATE INDEX team_memberships_user_id_idx ON gateway.team_memberships (user_id);
CREATE INDEX team_memberships_team_id_idx ON gateway.team_memberships (team_id);
COMMENT ON COLUMN gateway.team_memberships.role IS 'NULL: as the membership in the account';

-- What an invite promises beyond what copilot.user_invites can hold.
CREATE TABLE gateway.invite_details (
    invite_id uuid PRIMARY KEY REFERENCES copilot.user_invites ON DELETE CASCADE,
    account_id text NOT NULL,
    custom_role_id text,
    team_id uuid REFERENCES copilot.teams ON DELETE SET NULL,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX invite_details_account_id_idx ON gateway.invite_details (account_id);
CREATE INDEX invite_details_team_id_idx ON gateway.invite_details (team_id);

-- First answers of mutations that must not happen twice; account '' stands for the platform.
CREATE TABLE gateway.idempotency_keys (
    account_id text NOT NULL,
    operation text NOT NULL,
    key text NOT NULL,
    input_digest text NOT NULL,
    response jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, operation, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON gateway.idempotency_keys (created_at);

-- Secrets, encrypted by the key that key_id names.
CREATE TABLE gateway.secrets (
    account_id text NOT NULL,
    owner_type text NOT NULL,
    owner_id text NOT NULL,
    name text NOT NULL,
    ciphertext bytea NOT NULL,
    key_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, owner_type, owner_id, name)
);
CREATE INDEX secrets_key_id_idx ON gateway.secrets (key_id);

-- What machines sign in with; account NULL is the platform's.
CREATE TABLE gateway.service_credentials (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text,
    name text NOT NULL CHECK (name <> ''),
    scopes text[] NOT NULL DEFAULT ARRAY[]::text[],
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    last_used_at timestamptz,
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX service_credentials_account_id_name_key
    ON gateway.service_credentials (coalesce(account_id, ''), lower(name));
CREATE INDEX service_credentials_account_id_created_at_idx
    ON gateway.service_credentials (account_id, created_at);

-- The tokens of a credential: one, or two while an old one is let run out.
CREATE TABLE gateway.service_tokens (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    credential_id uuid NOT NULL REFERENCES gateway.service_credentials ON DELETE CASCADE,
    prefix text NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX service_tokens_credential_id_idx ON gateway.service_tokens (credential_id);
COMMENT ON COLUMN gateway.service_tokens.token_hash IS 'SHA-256 of the token';

-- Sessions of a subject issued before this moment are over.
CREATE TABLE gateway.session_cutoffs (
    subject text PRIMARY KEY,
    valid_after timestamptz NOT NULL
);

-- Changes of many objects at once; account NULL is one made across accounts.
CREATE TABLE gateway.bulk_operations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text,
    kind text NOT NULL CHECK (kind IN (
        'CREATE_INVITES', 'UPDATE_USERS', 'UPDATE_SUPPORT_TICKETS', 'DELETE_NOTIFICATION_TEMPLATES',
        'SET_ACCOUNT_STATUS', 'SET_ACCOUNT_ALLOCATION', 'SET_ACCOUNT_MODELS', 'SET_ENTITLEMENTS',
        'EXPORT_AUDIT_EVENTS'
    )),
    status text NOT NULL DEFAULT 'RUNNING'
        CHECK (status IN ('RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'UNDONE')),
    is_dry_run boolean NOT NULL DEFAULT false,
    selection jsonb NOT NULL DEFAULT '{}',
    changes jsonb NOT NULL DEFAULT '{}',
    matched_count integer NOT NULL DEFAULT 0 CHECK (matched_count >= 0),
    changed_count integer NOT NULL DEFAULT 0 CHECK (changed_count >= 0),
    skipped_count integer NOT NULL DEFAULT 0 CHECK (skipped_count >= 0),
    account_count integer NOT NULL DEFAULT 0 CHECK (account_count >= 0),
    requested_by text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    undo_until timestamptz,
    problem text,
    CHECK ((status = 'RUNNING') = (finished_at IS NULL))
);
CREATE INDEX bulk_operations_account_id_started_at_idx
    ON gateway.bulk_operations (account_id, started_at DESC, id);
CREATE INDEX bulk_operations_started_at_idx ON gateway.bulk_operations (started_at DESC, id);
COMMENT ON COLUMN gateway.bulk_operations.changes IS 'Values set, without secrets';
COMMENT ON COLUMN gateway.bulk_operations.undo_until IS 'NULL: cannot be taken back';

-- What became of each object of a bulk operation, in the order it was met.
CREATE TABLE gateway.bulk_operation_items (
    operation_id uuid NOT NULL REFERENCES gateway.bulk_operations ON DELETE CASCADE,
    position integer NOT NULL CHECK (position >= 0),
    target_id text NOT NULL,
    account_id text,
    outcome text NOT NULL CHECK (outcome IN ('MATCHED', 'CHANGED', 'SKIPPED', 'UNDONE')),
    reason text,
    before jsonb,
    PRIMARY KEY (operation_id, position),
    CHECK ((outcome = 'SKIPPED') = (reason IS NOT NULL))
);
CREATE INDEX bulk_operation_items_operation_id_account_id_idx
    ON gateway.bulk_operation_items (operation_id, account_id);
COMMENT ON COLUMN gateway.bulk_operation_items.before IS 'Values before, for taking it back';
