-- Guards that scopes require; inside copilot.guardrails_config a change of settings erased them.
CREATE TABLE gateway.guardrail_policies (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    scope_type text NOT NULL CHECK (scope_type IN ('ACCOUNT', 'GROUP', 'TEAM', 'USER')),
    scope_id text NOT NULL,
    required_guards text[] NOT NULL
        CHECK (required_guards <@ ARRAY['PII', 'TOXIC', 'JAILBREAK']),
    mode text NOT NULL DEFAULT 'ENFORCE' CHECK (mode IN ('ENFORCE', 'ADVISORY')),
    is_enabled boolean NOT NULL DEFAULT true,
    notes text,
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT guardrail_policies_scope UNIQUE (account_id, scope_type, scope_id)
);
CREATE INDEX guardrail_policies_updated_at_idx
    ON gateway.guardrail_policies (account_id, updated_at, id);

-- Some writers stored a document's text instead of the document, once or twice over.
CREATE FUNCTION pg_temp.document(stored jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN jsonb_typeof(stored) = 'string' AND pg_input_is_valid(stored #>> '{}', 'jsonb')
        THEN CAST(stored #>> '{}' AS jsonb) ELSE stored END
$$;

-- The policies stored so far. Their mode was free text: what is not advisory is the stricter one.
INSERT INTO gateway.guardrail_policies (
    account_id, scope_type, scope_id, required_guards, mode, notes, created_by, updated_by
)
SELECT
    config.account_id,
    upper(policy.value ->> 'scope_type'),
    policy.value ->> 'scope_id',
    array_agg(DISTINCT upper(config.guard_type)),
    CASE WHEN bool_and(lower(policy.value ->> 'mode') = 'advisory')
        THEN 'ADVISORY' ELSE 'ENFORCE' END,
    max(policy.value ->> 'notes'),
    max(policy.value ->> 'updated_by'),
    max(policy.value ->> 'updated_by')
FROM copilot.guardrails_config AS config
CROSS JOIN LATERAL (
    SELECT pg_temp.document(pg_temp.document(config.config)) -> 'scope_policies' AS kept
) AS settings
CROSS JOIN LATERAL jsonb_each(
    CASE WHEN jsonb_typeof(kept) = 'object' THEN kept ELSE '{}' END
) AS policy
WHERE upper(policy.value ->> 'scope_type') IN ('ACCOUNT', 'GROUP', 'TEAM', 'USER')
    AND policy.value ->> 'scope_id' IS NOT NULL
    AND policy.value ->> 'is_enabled' IS DISTINCT FROM 'false'
GROUP BY config.account_id, upper(policy.value ->> 'scope_type'), policy.value ->> 'scope_id';

-- Whether an account uses a pattern of the platform.
CREATE TABLE gateway.guardrail_pattern_switches (
    account_id text NOT NULL,
    pattern_id uuid NOT NULL
        REFERENCES copilot.guardrails_custom_patterns ON DELETE CASCADE,
    is_enabled boolean NOT NULL DEFAULT true,
    updated_by text,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, pattern_id)
);
CREATE INDEX guardrail_pattern_switches_pattern_id_idx
    ON gateway.guardrail_pattern_switches (pattern_id);

-- Times a guard fired, as the services that run the guards report them; never the text.
CREATE TABLE gateway.guardrail_events (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    guard text NOT NULL CHECK (guard IN ('PII', 'TOXIC', 'JAILBREAK')),
    severity text NOT NULL CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    action text NOT NULL CHECK (action IN ('BLOCK', 'FLAG', 'LOG_ONLY')),
    pattern_id uuid,
    user_id text,
    agent_id text,
    model_name text,
    category text,
    request_id text,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX guardrail_events_occurred_at_idx
    ON gateway.guardrail_events (account_id, occurred_at, id);

-- Patterns of the platform can be read by every account, and written by none.
CREATE POLICY cockpit_gateway_reads ON copilot.guardrails_custom_patterns
    FOR SELECT TO cockpit_gateway
    USING (
        account_id IS NULL
        AND (SELECT nullif(current_setting('cockpit.account_id', true), '')) IS NOT NULL
    );
