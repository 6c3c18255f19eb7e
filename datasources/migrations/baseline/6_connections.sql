-- Connections, integrations and models: what exists, and who may use it.

-- table copilot.account_connections
CREATE TABLE copilot.account_connections (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    connection_type varchar(20) NOT NULL
        CHECK (connection_type IN ('mcp', 'openapi', 'integration')),
    name varchar(255) NOT NULL,
    description text,
    description_for_agent text,
    connection_data jsonb NOT NULL DEFAULT '{}',
    is_active boolean NOT NULL DEFAULT true,
    is_default boolean NOT NULL DEFAULT false,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_account_connections_name UNIQUE (account_id, name)
);
CREATE INDEX account_connections_account_id_idx ON copilot.account_connections (account_id);
CREATE INDEX account_connections_account_id_connection_type_idx
    ON copilot.account_connections (account_id, connection_type);

-- table copilot.integration_catalog
CREATE TABLE copilot.integration_catalog (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    integration_key varchar(255) NOT NULL,
    provider varchar(64) NOT NULL DEFAULT 'composio',
    name varchar(255) NOT NULL,
    description text,
    toolkit varchar(255),
    auth_config_id varchar(255),
    icon varchar(128),
    color varchar(128),
    is_active boolean NOT NULL DEFAULT true,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX uq_copilot_integration_catalog_key
    ON copilot.integration_catalog (lower(integration_key));
CREATE INDEX integration_catalog_is_active_idx ON copilot.integration_catalog (is_active);
CREATE INDEX integration_catalog_provider_idx ON copilot.integration_catalog (provider);

-- table copilot.model_catalog
CREATE TABLE copilot.model_catalog (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    model_name varchar(255) NOT NULL,
    display_name varchar(255),
    provider varchar(100),
    source varchar(64) NOT NULL DEFAULT 'copilot',
    upstream_model_name varchar(255),
    credits_per_1k_tokens numeric(18, 6) NOT NULL DEFAULT 0,
    is_active boolean NOT NULL DEFAULT true,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX uq_copilot_model_catalog_model_name
    ON copilot.model_catalog (lower(model_name));
CREATE INDEX model_catalog_is_active_idx ON copilot.model_catalog (is_active);
CREATE INDEX model_catalog_provider_idx ON copilot.model_catalog (provider);

-- table copilot.model_access_policies
CREATE TABLE copilot.model_access_policies (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    scope_type varchar(16) NOT NULL CHECK (scope_type IN ('account', 'group', 'team', 'user')),
    scope_id text NOT NULL,
    mode varchar(32) NOT NULL DEFAULT 'inherit'
        CHECK (mode IN ('inherit', 'allowlist', 'all_available', 'deny_all')),
    selected_models text[] NOT NULL DEFAULT ARRAY[]::text[],
    notes text,
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_copilot_model_access_policy_scope UNIQUE (account_id, scope_type, scope_id)
);
CREATE INDEX model_access_policies_account_id_idx ON copilot.model_access_policies (account_id);
CREATE INDEX model_access_policies_scope_type_scope_id_idx
    ON copilot.model_access_policies (scope_type, scope_id);

-- table copilot.feature_flag_policies
CREATE TABLE copilot.feature_flag_policies (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    scope_type varchar(16) NOT NULL CHECK (scope_type IN ('account', 'group', 'team', 'user')),
    scope_id text NOT NULL,
    flags jsonb NOT NULL DEFAULT '{}',
    notes text,
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_copilot_feature_flag_policy_scope UNIQUE (account_id, scope_type, scope_id)
);
CREATE INDEX feature_flag_policies_account_id_idx ON copilot.feature_flag_policies (account_id);
CREATE INDEX feature_flag_policies_scope_type_scope_id_idx
    ON copilot.feature_flag_policies (scope_type, scope_id);
CREATE INDEX feature_flag_policies_flags_idx ON copilot.feature_flag_policies USING gin (flags);

-- table copilot.connection_permission_policies
CREATE TABLE copilot.connection_permission_policies (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    scope_type varchar(16) NOT NULL CHECK (scope_type IN ('account', 'group', 'team', 'user')),
    scope_id text NOT NULL,
    connection_type varchar(16) NOT NULL
        CHECK (connection_type IN ('all', 'mcp', 'openapi', 'integration')),
    permission_mode varchar(40) NOT NULL DEFAULT 'admin_managed_use_only'
        CHECK (permission_mode IN ('admin_managed_use_only', 'self_managed_allowed')),
    allow_use_admin_connections boolean NOT NULL DEFAULT true,
    notes text,
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_copilot_conn_permission_policy_scope
        UNIQUE (account_id, scope_type, scope_id, connection_type)
);
CREATE INDEX connection_permission_policies_account_id_idx
    ON copilot.connection_permission_policies (account_id);
CREATE INDEX connection_permission_policies_scope_type_scope_id_idx
    ON copilot.connection_permission_policies (scope_type, scope_id);
