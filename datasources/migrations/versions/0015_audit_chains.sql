-- What an event was caused by, and its place in the chain of its account; account NULL is the
-- platform's. Events of before, and of other services, have none.
CREATE TABLE gateway.audit_links (
    event_id uuid PRIMARY KEY,
    source text NOT NULL CHECK (source IN ('COCKPIT', 'GUARDRAILS')),
    account_id text,
    position bigint NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    request_id text,
    operation_id uuid,
    ip_address inet,
    user_agent text
);
CREATE UNIQUE INDEX audit_links_account_id_position_key
    ON gateway.audit_links (coalesce(account_id, ''), position);
CREATE INDEX audit_links_operation_id_idx ON gateway.audit_links (operation_id)
    WHERE operation_id IS NOT NULL;
COMMENT ON COLUMN gateway.audit_links.source IS
    'COCKPIT: copilot.audit_log; GUARDRAILS: copilot.guardrails_audit_log';
COMMENT ON COLUMN gateway.audit_links.hash IS 'SHA-256; docs/audit.md says of what';

-- Events in order, of an account and of all.
CREATE INDEX IF NOT EXISTS audit_log_account_id_created_at_id_idx
    ON copilot.audit_log (account_id, created_at, id);
CREATE INDEX IF NOT EXISTS audit_log_created_at_id_idx ON copilot.audit_log (created_at, id);
CREATE INDEX IF NOT EXISTS guardrails_audit_log_changed_at_id_idx
    ON copilot.guardrails_audit_log (changed_at, id);

-- Where each chain ends; chain '' is the platform's.
CREATE TABLE gateway.audit_chains (
    chain text PRIMARY KEY,
    position bigint NOT NULL DEFAULT 0,
    hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (octet_length(hash) = 32)
);
