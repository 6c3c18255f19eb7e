-- What decides about access: policies of the account and of the two teams of its first person, and
-- a catalogue of 30 models.
INSERT INTO copilot.feature_flag_policies (account_id, scope_type, scope_id, flags)
SELECT 'account-' || a, level, scope, flags
FROM generate_series(1, {accounts}) a, LATERAL (VALUES
    ('account', 'account-' || a, jsonb '{"can_generate_images": false}'),
    ('team', pg_temp.id('team', a, 2)::text, jsonb '{"can_create_agents": false}'),
    ('team', pg_temp.id('team', a, 3)::text, jsonb '{"can_create_agents": true}')
) policy (level, scope, flags);

INSERT INTO copilot.model_catalog (id, model_name, display_name, provider, metadata)
SELECT pg_temp.id('model', 0, n), 'model-' || n, 'Model ' || n, 'provider',
    jsonb_build_object('sort_order', n)
FROM generate_series(1, 30) n;

INSERT INTO copilot.model_access_policies (account_id, scope_type, scope_id, mode, selected_models)
SELECT 'account-' || a, level, scope, 'allowlist',
    ARRAY(SELECT 'model-' || n FROM generate_series(1, size) n)
FROM generate_series(1, {accounts}) a, LATERAL (VALUES
    ('account', 'account-' || a, 25),
    ('team', pg_temp.id('team', a, 2)::text, 10),
    ('team', pg_temp.id('team', a, 3)::text, 20)
) policy (level, scope, size);
