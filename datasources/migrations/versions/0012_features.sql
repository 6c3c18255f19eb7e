-- The feature catalogue: modules, features of modules, parts of features.
CREATE TABLE gateway.features (
    code text PRIMARY KEY,
    level text NOT NULL CHECK (level IN ('MODULE', 'FEATURE', 'ENTITY')),
    parent_code text REFERENCES gateway.features,
    name text NOT NULL,
    description text,
    category text,
    is_enabled_by_default boolean NOT NULL DEFAULT false,
    default_config jsonb NOT NULL DEFAULT '{}',
    plan_config jsonb,
    display_order integer NOT NULL DEFAULT 0,
    is_active boolean NOT NULL DEFAULT true,
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((level = 'MODULE') = (parent_code IS NULL)),
    CHECK (starts_with(code, parent_code || '.'))
);

-- What the platform itself knows, on for every account.
INSERT INTO gateway.features
    (code, level, parent_code, name, description, is_enabled_by_default, display_order)
VALUES
    ('budgets', 'MODULE', NULL, 'Budgets', 'Managing credit budgets.', true, 0),
    ('agents', 'MODULE', NULL, 'Agents', 'Agents and marketplace.', true, 1),
    ('agents.create', 'FEATURE', 'agents', 'Creating agents', 'Creating agents.', true, 2),
    ('connectors', 'MODULE', NULL, 'Connectors', 'Connectors.', true, 3),
    ('connectors.create_mcp', 'FEATURE', 'connectors', 'Creating MCP connectors',
        'Creating MCP connectors.', true, 4),
    ('connectors.create_openapi', 'FEATURE', 'connectors', 'Creating OpenAPI connectors',
        'Creating OpenAPI connectors.', true, 5),
    ('connectors.create_integration', 'FEATURE', 'connectors', 'Authorising integrations',
        'Authorising integrations.', true, 6),
    ('guardrails', 'MODULE', NULL, 'Guardrails', 'Guardrails.', true, 7),
    ('models', 'MODULE', NULL, 'Models', 'Choosing models.', true, 8),
    ('models.access', 'FEATURE', 'models', 'Using models', 'Using models.', true, 9),
    ('playground', 'MODULE', NULL, 'Playground', 'Playground.', true, 10),
    ('playground.images', 'FEATURE', 'playground', 'Generating pictures', 'Generating pictures.',
        true, 11),
    ('sso', 'MODULE', NULL, 'Single sign-on', 'Configuring single sign-on.', true, 12);

-- Nothing new refers to a feature there is not, and none that is referred to can go.
ALTER TABLE gateway.entitlements
    ADD FOREIGN KEY (feature_code) REFERENCES gateway.features NOT VALID;
ALTER TABLE gateway.quotas
    ADD FOREIGN KEY (feature_code) REFERENCES gateway.features NOT VALID;
ALTER TABLE gateway.access_overrides
    ADD FOREIGN KEY (feature_code) REFERENCES gateway.features NOT VALID;
