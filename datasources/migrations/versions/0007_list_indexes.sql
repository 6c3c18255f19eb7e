-- What pages of an account's lists walk in their default order, instead of sorting all it has.
-- Where tables are large, make these CONCURRENTLY before migrating, so that no writer waits.
CREATE INDEX IF NOT EXISTS users_account_id_created_at_id_idx
    ON copilot.users (account_id, created_at, id);
CREATE INDEX IF NOT EXISTS user_invites_account_id_created_at_id_idx
    ON copilot.user_invites (account_id, created_at, id);
CREATE INDEX IF NOT EXISTS user_invites_account_id_expires_at_id_idx
    ON copilot.user_invites (account_id, expires_at, id);
CREATE INDEX IF NOT EXISTS credit_budget_account_id_created_at_id_idx
    ON copilot.credit_budget (account_id, created_at, id);
CREATE INDEX IF NOT EXISTS credit_budget_account_id_cycle_start_id_idx
    ON copilot.credit_budget (account_id, cycle_start, id);
CREATE INDEX IF NOT EXISTS account_memberships_account_id_joined_at_id_idx
    ON copilot.account_memberships (account_id, joined_at, id);

-- Where the last sort keys were missing.
CREATE INDEX service_credentials_account_id_created_at_id_idx
    ON gateway.service_credentials (account_id, created_at, id);
DROP INDEX gateway.service_credentials_account_id_created_at_idx;
CREATE INDEX bulk_operation_items_position_idx
    ON gateway.bulk_operation_items (operation_id, account_id, position, target_id);
DROP INDEX gateway.bulk_operation_items_operation_id_account_id_idx;
