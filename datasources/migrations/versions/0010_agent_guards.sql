-- Guards that an agent requires of whoever uses it, wherever policies do not.
CREATE TABLE gateway.agent_guards (
    agent_id uuid PRIMARY KEY REFERENCES copilot.agents_def ON DELETE CASCADE,
    account_id text,
    required_guards text[] NOT NULL
        CHECK (required_guards <@ ARRAY['PII', 'TOXIC', 'JAILBREAK']),
    updated_by text,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Agents of the platform can be read by every account, and written by none.
CREATE POLICY cockpit_gateway_reads ON copilot.agents_def
    FOR SELECT TO cockpit_gateway
    USING (
        account_id IS NULL
        AND (SELECT nullif(current_setting('cockpit.account_id', true), '')) IS NOT NULL
    );

-- What pages of an account's change log walk. Where the table is large, make it CONCURRENTLY before
-- migrating, so that no writer waits.
CREATE INDEX IF NOT EXISTS guardrails_audit_log_account_id_changed_at_id_idx
    ON copilot.guardrails_audit_log (account_id, changed_at, id);
