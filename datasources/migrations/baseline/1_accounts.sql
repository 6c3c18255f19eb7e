-- The tenants, their administrators and their single sign-on.
-- A section begins with the object it creates; it is skipped when that object exists.

-- table public."Alchemi_AccountTable"
CREATE TABLE public."Alchemi_AccountTable" (
    account_id text PRIMARY KEY,
    account_name text NOT NULL,
    account_alias text,
    domain text,
    status text NOT NULL DEFAULT 'active',
    metadata jsonb NOT NULL DEFAULT '{}',
    max_budget double precision,
    spend double precision NOT NULL DEFAULT 0.0,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    created_by text,
    updated_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE UNIQUE INDEX "Alchemi_AccountTable_account_name_key"
    ON public."Alchemi_AccountTable" (account_name);
CREATE UNIQUE INDEX "Alchemi_AccountTable_domain_key" ON public."Alchemi_AccountTable" (domain);
CREATE INDEX "Alchemi_AccountTable_domain_idx" ON public."Alchemi_AccountTable" (domain);
CREATE INDEX "Alchemi_AccountTable_status_idx" ON public."Alchemi_AccountTable" (status);
CREATE INDEX "Alchemi_AccountTable_auth_org_id_idx"
    ON public."Alchemi_AccountTable" ((metadata ->> 'auth_org_id'))
    WHERE (metadata ->> 'auth_org_id') IS NOT NULL;

-- table public."Alchemi_AccountAdminTable"
CREATE TABLE public."Alchemi_AccountAdminTable" (
    id text PRIMARY KEY,
    account_id text NOT NULL
        REFERENCES public."Alchemi_AccountTable" ON DELETE RESTRICT ON UPDATE CASCADE,
    user_email text NOT NULL,
    role text NOT NULL DEFAULT 'account_admin',
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    created_by text,
    updated_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE UNIQUE INDEX "Alchemi_AccountAdminTable_account_id_user_email_key"
    ON public."Alchemi_AccountAdminTable" (account_id, user_email);
CREATE INDEX "Alchemi_AccountAdminTable_user_email_idx"
    ON public."Alchemi_AccountAdminTable" (user_email);

-- table public."Alchemi_AccountSSOConfig"
CREATE TABLE public."Alchemi_AccountSSOConfig" (
    id text PRIMARY KEY,
    account_id text NOT NULL
        REFERENCES public."Alchemi_AccountTable" ON DELETE RESTRICT ON UPDATE CASCADE,
    sso_provider text,
    sso_settings jsonb NOT NULL DEFAULT '{}',
    enabled boolean NOT NULL DEFAULT false,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE UNIQUE INDEX "Alchemi_AccountSSOConfig_account_id_key"
    ON public."Alchemi_AccountSSOConfig" (account_id);
