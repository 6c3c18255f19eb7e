-- Guardrails, and the two trails that are only ever appended to.

-- table copilot.guardrails_config
CREATE TABLE copilot.guardrails_config (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    guard_type varchar(20) NOT NULL CHECK (guard_type IN ('pii', 'toxic', 'jailbreak')),
    enabled boolean NOT NULL DEFAULT true,
    execution_order smallint NOT NULL DEFAULT 1
        CHECK (execution_order >= 1 AND execution_order <= 10),
    action_on_fail varchar(20) NOT NULL DEFAULT 'block'
        CHECK (action_on_fail IN ('block', 'flag', 'log_only')),
    config jsonb NOT NULL DEFAULT '{}',
    version integer NOT NULL DEFAULT 1,
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_guardrails_config_account_guard UNIQUE (account_id, guard_type)
);
CREATE INDEX guardrails_config_account_id_idx ON copilot.guardrails_config (account_id);

-- table copilot.guardrails_custom_patterns
CREATE TABLE copilot.guardrails_custom_patterns (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text,
    guard_type varchar(20) NOT NULL CHECK (guard_type IN ('pii', 'jailbreak')),
    pattern_name varchar(255) NOT NULL,
    pattern_regex text NOT NULL,
    pattern_type varchar(20) NOT NULL DEFAULT 'detect'
        CHECK (pattern_type IN ('detect', 'block', 'allow')),
    action varchar(20) NOT NULL DEFAULT 'mask'
        CHECK (action IN ('mask', 'redact', 'hash', 'block')),
    enabled boolean NOT NULL DEFAULT true,
    is_system boolean NOT NULL DEFAULT false,
    category varchar(100),
    description text,
    severity varchar(20) DEFAULT 'medium'
        CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_guardrails_patterns_name UNIQUE (account_id, guard_type, pattern_name)
);
CREATE INDEX guardrails_custom_patterns_account_id_idx
    ON copilot.guardrails_custom_patterns (account_id);
CREATE INDEX guardrails_custom_patterns_is_system_idx
    ON copilot.guardrails_custom_patterns (is_system) WHERE is_system;

-- table copilot.guardrails_audit_log
CREATE TABLE copilot.guardrails_audit_log (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    guard_type varchar(20) NOT NULL,
    action varchar(20) NOT NULL
        CHECK (action IN ('create', 'update', 'delete', 'enable', 'disable')),
    old_config jsonb,
    new_config jsonb,
    changed_fields text[] NOT NULL DEFAULT ARRAY[]::text[],
    changed_by text,
    changed_at timestamptz NOT NULL DEFAULT now(),
    ip_address inet,
    user_agent text
);
CREATE INDEX guardrails_audit_log_account_id_changed_at_idx
    ON copilot.guardrails_audit_log (account_id, changed_at DESC);
CREATE INDEX guardrails_audit_log_account_id_guard_type_changed_at_idx
    ON copilot.guardrails_audit_log (account_id, guard_type, changed_at DESC);

-- table copilot.audit_log
CREATE TABLE copilot.audit_log (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text,
    event_type varchar(64) NOT NULL,
    severity varchar(16) NOT NULL DEFAULT 'info'
        CHECK (severity IN ('debug', 'info', 'warning', 'error', 'critical')),
    resource_type varchar(64),
    resource_id text,
    action varchar(64),
    actor_id text,
    actor_email text,
    message text,
    details jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_log_account_id_created_at_idx ON copilot.audit_log (account_id, created_at DESC);
CREATE INDEX audit_log_event_type_created_at_idx ON copilot.audit_log (event_type, created_at DESC);
CREATE INDEX audit_log_severity_created_at_idx ON copilot.audit_log (severity, created_at DESC);
