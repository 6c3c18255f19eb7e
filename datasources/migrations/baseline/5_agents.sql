-- Agents, their groups, and what the marketplace lists.

-- table copilot.agents_def
CREATE TABLE copilot.agents_def (
    agent_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text,
    name varchar(255) NOT NULL,
    description text,
    prompt text,
    page varchar(255),
    categories jsonb NOT NULL DEFAULT '{}',
    tags text[] NOT NULL DEFAULT ARRAY[]::text[],
    builtin_tools text[] NOT NULL DEFAULT ARRAY[]::text[],
    tools_mcp_ids uuid[] NOT NULL DEFAULT ARRAY[]::uuid[],
    tools_openapi_ids uuid[] NOT NULL DEFAULT ARRAY[]::uuid[],
    links jsonb NOT NULL DEFAULT '{
        "knowledge": {"file_ids": [], "mcp_ids": [], "openapi_ids": []},
        "guardrails": {"file_ids": [], "mcp_ids": [], "openapi_ids": []},
        "actions": {"file_ids": [], "mcp_ids": [], "openapi_ids": []}
    }',
    is_singleton boolean NOT NULL DEFAULT false,
    is_non_conversational boolean NOT NULL DEFAULT false,
    status varchar(20) NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive')),
    availability text[] NOT NULL DEFAULT ARRAY['platform']::text[],
    provider varchar(100) NOT NULL DEFAULT 'PLATFORM',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX agents_def_account_id_idx ON copilot.agents_def (account_id);
CREATE INDEX agents_def_name_idx ON copilot.agents_def (name);
CREATE INDEX agents_def_status_idx ON copilot.agents_def (status);
CREATE INDEX agents_def_categories_idx ON copilot.agents_def USING gin (categories);
CREATE INDEX agents_def_tags_idx ON copilot.agents_def USING gin (tags);

-- table copilot.agent_groups
CREATE TABLE copilot.agent_groups (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text,
    group_code varchar(100) NOT NULL,
    name varchar(255) NOT NULL,
    description text,
    group_type varchar(50) NOT NULL DEFAULT 'custom',
    metadata jsonb NOT NULL DEFAULT '{}',
    status varchar(20) NOT NULL DEFAULT 'active',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_agent_groups_group_code UNIQUE (group_code)
);
CREATE INDEX agent_groups_account_id_idx ON copilot.agent_groups (account_id);
CREATE INDEX agent_groups_group_type_idx ON copilot.agent_groups (group_type);

-- table copilot.agent_group_members
CREATE TABLE copilot.agent_group_members (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    group_id uuid NOT NULL REFERENCES copilot.agent_groups ON DELETE CASCADE,
    agent_id uuid NOT NULL REFERENCES copilot.agents_def ON DELETE CASCADE,
    display_order integer NOT NULL DEFAULT 0,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_agent_group_members UNIQUE (group_id, agent_id)
);

-- table copilot.marketplace_items
CREATE TABLE copilot.marketplace_items (
    marketplace_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text,
    entity_id uuid NOT NULL,
    entity_type varchar(50) NOT NULL DEFAULT 'agent' CHECK (entity_type IN (
        'agent', 'mcp_server', 'openapi_spec', 'integration', 'workflow', 'prompt_template'
    )),
    connection_id uuid,
    provider varchar(100) NOT NULL DEFAULT 'PLATFORM',
    metadata jsonb NOT NULL DEFAULT '{}',
    title varchar(255) NOT NULL,
    short_description varchar(500),
    long_description text,
    icon_url varchar(500),
    banner_url varchar(500),
    screenshots jsonb NOT NULL DEFAULT '[]',
    demo_video_url varchar(500),
    author varchar(255),
    author_url varchar(500),
    version varchar(50) NOT NULL DEFAULT '1.0.0',
    changelog jsonb NOT NULL DEFAULT '[]',
    pricing_model varchar(20) NOT NULL DEFAULT 'free'
        CHECK (pricing_model IN ('free', 'paid', 'freemium')),
    price numeric(10, 2),
    installation_count integer NOT NULL DEFAULT 0,
    rating_avg numeric(3, 2) CHECK (rating_avg IS NULL OR (rating_avg >= 0 AND rating_avg <= 5)),
    rating_count integer NOT NULL DEFAULT 0,
    is_featured boolean NOT NULL DEFAULT false,
    is_verified boolean NOT NULL DEFAULT false,
    marketplace_status varchar(20) NOT NULL DEFAULT 'draft'
        CHECK (marketplace_status IN ('draft', 'pending', 'published', 'rejected')),
    capabilities jsonb NOT NULL DEFAULT '[]',
    requirements jsonb NOT NULL DEFAULT '[]',
    published_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX marketplace_items_account_id_idx ON copilot.marketplace_items (account_id);
CREATE INDEX marketplace_items_entity_id_idx ON copilot.marketplace_items (entity_id);
CREATE INDEX marketplace_items_entity_type_idx ON copilot.marketplace_items (entity_type);
CREATE INDEX marketplace_items_marketplace_status_idx
    ON copilot.marketplace_items (marketplace_status);
CREATE INDEX marketplace_items_is_featured_idx
    ON copilot.marketplace_items (is_featured) WHERE is_featured;
