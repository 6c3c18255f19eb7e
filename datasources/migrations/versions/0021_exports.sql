-- Files of audit events: what is to stand in one and how far it is written. It can be fetched from
-- when expires_at is set to when it has passed.
CREATE TABLE gateway.export_files (
    operation_id uuid PRIMARY KEY REFERENCES gateway.bulk_operations ON DELETE CASCADE,
    account_id text NOT NULL,
    format text NOT NULL CHECK (format IN ('NDJSON', 'CSV')),
    conditions jsonb NOT NULL DEFAULT '{}',
    occurred_from timestamptz,
    occurred_to timestamptz NOT NULL,
    chain_position bigint NOT NULL,
    goes_on_after text,
    part_count integer NOT NULL DEFAULT 0 CHECK (part_count >= 0),
    byte_count bigint NOT NULL DEFAULT 0 CHECK (byte_count >= 0),
    expires_at timestamptz
);
CREATE INDEX export_files_account_id_idx ON gateway.export_files (account_id);
CREATE INDEX export_files_expires_at_idx ON gateway.export_files (expires_at);
COMMENT ON COLUMN gateway.export_files.occurred_to IS 'Excluded; never later than the beginning';
COMMENT ON COLUMN gateway.export_files.chain_position IS
    'Where the chain of the account ended at the beginning: later links do not belong to the file';
COMMENT ON COLUMN gateway.export_files.goes_on_after IS 'Cursor of the last event written';
COMMENT ON COLUMN gateway.export_files.expires_at IS 'NULL: not whole';

CREATE TABLE gateway.export_parts (
    operation_id uuid NOT NULL REFERENCES gateway.export_files ON DELETE CASCADE,
    part integer NOT NULL CHECK (part >= 0),
    account_id text NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (operation_id, part)
);
CREATE INDEX export_parts_account_id_idx ON gateway.export_parts (account_id);
