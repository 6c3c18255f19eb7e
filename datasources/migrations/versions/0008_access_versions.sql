-- How an account stands: every change of what decides about access leaves another value here.
-- The value is the transaction that changed it last, so that no two changes leave the same.
CREATE TABLE gateway.access_versions (
    account_id text PRIMARY KEY
        REFERENCES public."Alchemi_AccountTable" ON DELETE CASCADE ON UPDATE CASCADE,
    version xid8 NOT NULL DEFAULT pg_current_xact_id()
);
INSERT INTO gateway.access_versions (account_id)
SELECT account_id FROM public."Alchemi_AccountTable";

-- The same for what is every account's, in the one row there is.
CREATE TABLE gateway.catalogue_version (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    version xid8 NOT NULL DEFAULT pg_current_xact_id()
);
INSERT INTO gateway.catalogue_version DEFAULT VALUES;

-- Budgets of scopes whose id is no uuid are found by it.
CREATE INDEX budget_details_scope_idx ON gateway.budget_details (account_id, scope_id)
    WHERE scope_id IS NOT NULL;
