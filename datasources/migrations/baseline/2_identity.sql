-- The LiteLLM gateway's own tables: the columns the cockpit reads or writes.

-- table public."LiteLLM_BudgetTable"
CREATE TABLE public."LiteLLM_BudgetTable" (
    budget_id text PRIMARY KEY,
    max_budget double precision,
    soft_budget double precision,
    max_parallel_requests integer,
    tpm_limit bigint,
    rpm_limit bigint,
    model_max_budget jsonb,
    budget_duration text,
    budget_reset_at timestamp(3),
    account_id text,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    created_by text NOT NULL,
    updated_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_by text NOT NULL
);
CREATE INDEX "LiteLLM_BudgetTable_account_id_idx" ON public."LiteLLM_BudgetTable" (account_id);

-- table public."LiteLLM_ObjectPermissionTable"
CREATE TABLE public."LiteLLM_ObjectPermissionTable" (
    object_permission_id text PRIMARY KEY,
    account_id text
);

-- table public."LiteLLM_ModelTable"
CREATE TABLE public."LiteLLM_ModelTable" (
    id serial PRIMARY KEY
);

-- table public."LiteLLM_OrganizationTable"
CREATE TABLE public."LiteLLM_OrganizationTable" (
    organization_id text PRIMARY KEY,
    organization_alias text NOT NULL,
    account_id text REFERENCES public."Alchemi_AccountTable" ON DELETE SET NULL ON UPDATE CASCADE,
    budget_id text NOT NULL
        REFERENCES public."LiteLLM_BudgetTable" ON DELETE RESTRICT ON UPDATE CASCADE,
    metadata jsonb NOT NULL DEFAULT '{}',
    models text[],
    spend double precision NOT NULL DEFAULT 0.0,
    model_spend jsonb NOT NULL DEFAULT '{}',
    object_permission_id text
        REFERENCES public."LiteLLM_ObjectPermissionTable" ON DELETE SET NULL ON UPDATE CASCADE,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    created_by text NOT NULL,
    updated_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_by text NOT NULL
);
CREATE INDEX "LiteLLM_OrganizationTable_account_id_idx"
    ON public."LiteLLM_OrganizationTable" (account_id);

-- table public."LiteLLM_UserTable"
CREATE TABLE public."LiteLLM_UserTable" (
    user_id text PRIMARY KEY,
    user_alias text,
    user_email text,
    sso_user_id text,
    account_id text,
    organization_id text
        REFERENCES public."LiteLLM_OrganizationTable" ON DELETE SET NULL ON UPDATE CASCADE,
    team_id text,
    teams text[] DEFAULT ARRAY[]::text[],
    user_role text,
    password text,
    models text[],
    policies text[] DEFAULT ARRAY[]::text[],
    max_budget double precision,
    spend double precision NOT NULL DEFAULT 0.0,
    budget_duration text,
    budget_reset_at timestamp(3),
    tpm_limit bigint,
    rpm_limit bigint,
    max_parallel_requests integer,
    metadata jsonb NOT NULL DEFAULT '{}',
    model_spend jsonb NOT NULL DEFAULT '{}',
    model_max_budget jsonb NOT NULL DEFAULT '{}',
    object_permission_id text
        REFERENCES public."LiteLLM_ObjectPermissionTable" ON DELETE SET NULL ON UPDATE CASCADE,
    created_at timestamp(3) DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) DEFAULT CURRENT_TIMESTAMP
);
CREATE UNIQUE INDEX "LiteLLM_UserTable_sso_user_id_key" ON public."LiteLLM_UserTable" (sso_user_id);
CREATE INDEX "LiteLLM_UserTable_account_id_idx" ON public."LiteLLM_UserTable" (account_id);
CREATE INDEX "LiteLLM_UserTable_user_email_lower_idx"
    ON public."LiteLLM_UserTable" (lower(user_email));

-- table public."LiteLLM_TeamTable"
CREATE TABLE public."LiteLLM_TeamTable" (
    team_id text PRIMARY KEY,
    team_alias text,
    organization_id text
        REFERENCES public."LiteLLM_OrganizationTable" ON DELETE SET NULL ON UPDATE CASCADE,
    account_id text,
    admins text[],
    members text[],
    members_with_roles jsonb NOT NULL DEFAULT '{}',
    metadata jsonb NOT NULL DEFAULT '{}',
    max_budget double precision,
    soft_budget double precision,
    spend double precision NOT NULL DEFAULT 0.0,
    budget_duration text,
    budget_reset_at timestamp(3),
    models text[],
    tpm_limit bigint,
    rpm_limit bigint,
    max_parallel_requests integer,
    model_spend jsonb NOT NULL DEFAULT '{}',
    model_max_budget jsonb NOT NULL DEFAULT '{}',
    team_member_permissions text[] DEFAULT ARRAY[]::text[],
    access_group_ids text[] DEFAULT ARRAY[]::text[],
    policies text[] DEFAULT ARRAY[]::text[],
    model_id integer REFERENCES public."LiteLLM_ModelTable" ON DELETE SET NULL ON UPDATE CASCADE,
    object_permission_id text
        REFERENCES public."LiteLLM_ObjectPermissionTable" ON DELETE SET NULL ON UPDATE CASCADE,
    blocked boolean NOT NULL DEFAULT false,
    allow_team_guardrail_config boolean NOT NULL DEFAULT false,
    router_settings jsonb DEFAULT '{}',
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE UNIQUE INDEX "LiteLLM_TeamTable_model_id_key" ON public."LiteLLM_TeamTable" (model_id);
CREATE INDEX "LiteLLM_TeamTable_account_id_idx" ON public."LiteLLM_TeamTable" (account_id);

-- table public."LiteLLM_OrganizationMembership"
CREATE TABLE public."LiteLLM_OrganizationMembership" (
    user_id text NOT NULL
        REFERENCES public."LiteLLM_UserTable" ON DELETE RESTRICT ON UPDATE CASCADE,
    organization_id text NOT NULL
        REFERENCES public."LiteLLM_OrganizationTable" ON DELETE RESTRICT ON UPDATE CASCADE,
    user_role text,
    spend double precision DEFAULT 0.0,
    budget_id text REFERENCES public."LiteLLM_BudgetTable" ON DELETE SET NULL ON UPDATE CASCADE,
    account_id text,
    created_at timestamp(3) DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (user_id, organization_id)
);
CREATE UNIQUE INDEX "LiteLLM_OrganizationMembership_user_id_organization_id_key"
    ON public."LiteLLM_OrganizationMembership" (user_id, organization_id);

-- table public."LiteLLM_TeamMembership"
CREATE TABLE public."LiteLLM_TeamMembership" (
    user_id text NOT NULL,
    team_id text NOT NULL,
    spend double precision NOT NULL DEFAULT 0.0,
    budget_id text REFERENCES public."LiteLLM_BudgetTable" ON DELETE SET NULL ON UPDATE CASCADE,
    account_id text,
    PRIMARY KEY (user_id, team_id)
);

-- table public."LiteLLM_VerificationToken"
CREATE TABLE public."LiteLLM_VerificationToken" (
    token text PRIMARY KEY,
    key_name text,
    key_alias text,
    user_id text,
    team_id text,
    organization_id text
        REFERENCES public."LiteLLM_OrganizationTable" ON DELETE SET NULL ON UPDATE CASCADE,
    account_id text,
    budget_id text REFERENCES public."LiteLLM_BudgetTable" ON DELETE SET NULL ON UPDATE CASCADE,
    models text[],
    allowed_routes text[] DEFAULT ARRAY[]::text[],
    policies text[] DEFAULT ARRAY[]::text[],
    access_group_ids text[] DEFAULT ARRAY[]::text[],
    spend double precision NOT NULL DEFAULT 0.0,
    max_budget double precision,
    budget_duration text,
    budget_reset_at timestamp(3),
    tpm_limit bigint,
    rpm_limit bigint,
    expires timestamp(3),
    blocked boolean,
    metadata jsonb NOT NULL DEFAULT '{}',
    aliases jsonb NOT NULL DEFAULT '{}',
    config jsonb NOT NULL DEFAULT '{}',
    permissions jsonb NOT NULL DEFAULT '{}',
    model_spend jsonb NOT NULL DEFAULT '{}',
    model_max_budget jsonb NOT NULL DEFAULT '{}',
    router_settings jsonb DEFAULT '{}',
    object_permission_id text
        REFERENCES public."LiteLLM_ObjectPermissionTable" ON DELETE SET NULL ON UPDATE CASCADE,
    rotation_count integer DEFAULT 0,
    auto_rotate boolean DEFAULT false,
    rotation_interval text,
    last_rotation_at timestamp(3),
    key_rotation_at timestamp(3),
    created_at timestamp(3) DEFAULT CURRENT_TIMESTAMP,
    created_by text,
    updated_at timestamp(3) DEFAULT CURRENT_TIMESTAMP,
    updated_by text
);
CREATE INDEX "LiteLLM_VerificationToken_user_id_team_id_idx"
    ON public."LiteLLM_VerificationToken" (user_id, team_id);
CREATE INDEX "LiteLLM_VerificationToken_team_id_idx" ON public."LiteLLM_VerificationToken" (team_id);
CREATE INDEX "LiteLLM_VerificationToken_budget_reset_at_expires_idx"
    ON public."LiteLLM_VerificationToken" (budget_reset_at, expires);
CREATE INDEX "LiteLLM_VerificationToken_account_id_idx"
    ON public."LiteLLM_VerificationToken" (account_id);

-- table public."LiteLLM_ProxyModelTable"
CREATE TABLE public."LiteLLM_ProxyModelTable" (
    model_id text PRIMARY KEY,
    model_name text NOT NULL,
    litellm_params jsonb NOT NULL,
    model_info jsonb,
    account_id text,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    created_by text NOT NULL,
    updated_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_by text NOT NULL
);
CREATE INDEX "LiteLLM_ProxyModelTable_account_id_idx"
    ON public."LiteLLM_ProxyModelTable" (account_id);

-- table public."LiteLLM_AuditLog"
CREATE TABLE public."LiteLLM_AuditLog" (
    id text PRIMARY KEY,
    updated_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    changed_by text NOT NULL DEFAULT '',
    changed_by_api_key text NOT NULL DEFAULT '',
    action text NOT NULL,
    table_name text NOT NULL,
    object_id text NOT NULL,
    before_value jsonb,
    updated_values jsonb,
    account_id text
);
CREATE INDEX "LiteLLM_AuditLog_account_id_idx" ON public."LiteLLM_AuditLog" (account_id);

-- table public."LiteLLM_SpendLogs"
CREATE TABLE public."LiteLLM_SpendLogs" (
    request_id text PRIMARY KEY,
    call_type text NOT NULL,
    api_key text NOT NULL DEFAULT '',
    spend double precision NOT NULL DEFAULT 0.0,
    total_tokens integer NOT NULL DEFAULT 0,
    prompt_tokens integer NOT NULL DEFAULT 0,
    completion_tokens integer NOT NULL DEFAULT 0,
    "startTime" timestamp(3) NOT NULL,
    "endTime" timestamp(3) NOT NULL,
    "completionStartTime" timestamp(3),
    model text NOT NULL DEFAULT '',
    model_id text DEFAULT '',
    model_group text DEFAULT '',
    custom_llm_provider text DEFAULT '',
    "user" text DEFAULT '',
    team_id text,
    organization_id text,
    end_user text,
    agent_id text,
    session_id text,
    status text,
    mcp_namespaced_tool_name text,
    requester_ip_address text,
    metadata jsonb DEFAULT '{}',
    request_tags jsonb DEFAULT '[]',
    messages jsonb DEFAULT '{}',
    response jsonb DEFAULT '{}',
    proxy_server_request jsonb DEFAULT '{}',
    account_id text
);
CREATE INDEX "LiteLLM_SpendLogs_startTime_idx" ON public."LiteLLM_SpendLogs" ("startTime");
CREATE INDEX "LiteLLM_SpendLogs_end_user_idx" ON public."LiteLLM_SpendLogs" (end_user);
CREATE INDEX "LiteLLM_SpendLogs_session_id_idx" ON public."LiteLLM_SpendLogs" (session_id);
CREATE INDEX "LiteLLM_SpendLogs_account_id_idx" ON public."LiteLLM_SpendLogs" (account_id);
