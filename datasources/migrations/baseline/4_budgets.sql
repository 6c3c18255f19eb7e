-- Credits: what a scope may use in a cycle, the plans that make cycles, and two summaries.

-- table copilot.credit_budget
CREATE TABLE copilot.credit_budget (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    budget_plan_id uuid,
    scope_type text NOT NULL CHECK (scope_type IN ('account', 'group', 'team', 'user')),
    scope_id uuid NOT NULL,
    allocated integer NOT NULL DEFAULT 0 CHECK (allocated >= 0),
    limit_amount integer NOT NULL DEFAULT 0 CHECK (limit_amount >= 0),
    overflow_cap integer CHECK (overflow_cap >= 0),
    used integer NOT NULL DEFAULT 0 CHECK (used >= 0),
    overflow_used integer NOT NULL DEFAULT 0 CHECK (overflow_used >= 0),
    cycle_start timestamptz NOT NULL,
    cycle_end timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    parent_budget_id uuid REFERENCES copilot.credit_budget ON DELETE SET NULL,
    allocation_strategy varchar(32) NOT NULL DEFAULT 'manual',
    CONSTRAINT chk_cycle CHECK (cycle_end > cycle_start),
    CONSTRAINT chk_credit_budget_allocation_strategy
        CHECK (allocation_strategy IN ('manual', 'equal_distribution', 'override')),
    CONSTRAINT uq_credit_budget_entity_cycle UNIQUE (scope_type, scope_id, cycle_start)
);
CREATE INDEX credit_budget_account_id_idx ON copilot.credit_budget (account_id);
CREATE INDEX credit_budget_scope_type_scope_id_idx ON copilot.credit_budget (scope_type, scope_id);
CREATE INDEX credit_budget_cycle_start_cycle_end_idx
    ON copilot.credit_budget (cycle_start, cycle_end);
CREATE INDEX credit_budget_parent_budget_id_idx ON copilot.credit_budget (parent_budget_id);

-- table copilot.budget_plans
CREATE TABLE copilot.budget_plans (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    name varchar(255) NOT NULL DEFAULT 'Default Plan',
    is_active boolean NOT NULL DEFAULT true,
    distribution jsonb NOT NULL DEFAULT '{"groups": [], "teams": [], "users": []}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX budget_plans_account_id_idx ON copilot.budget_plans (account_id);

-- view copilot.v_budget_summary
CREATE VIEW copilot.v_budget_summary AS
SELECT
    account_id,
    scope_type,
    scope_id,
    sum(allocated) AS total_allocated,
    sum(used) AS total_used,
    sum(overflow_used) AS total_overflow_used,
    sum(limit_amount) AS total_limit,
    CASE
        WHEN sum(limit_amount) > 0
            THEN round(sum(used)::numeric / sum(limit_amount)::numeric * 100, 2)
        ELSE 0::numeric
    END AS usage_pct,
    max(cycle_end) AS latest_cycle_end
FROM copilot.credit_budget
WHERE cycle_end > now()
GROUP BY account_id, scope_type, scope_id;

-- view copilot.v_budget_alerts
CREATE VIEW copilot.v_budget_alerts AS
SELECT
    account_id,
    scope_type,
    scope_id,
    allocated,
    limit_amount,
    used,
    overflow_used,
    overflow_cap,
    cycle_start,
    cycle_end,
    CASE
        WHEN limit_amount > 0 THEN round(used::numeric / limit_amount::numeric * 100, 2)
        ELSE 0::numeric
    END AS usage_pct,
    CASE
        WHEN used >= limit_amount THEN 'at_limit'
        WHEN used::numeric / limit_amount::numeric >= 0.95 THEN 'critical'
        WHEN used::numeric / limit_amount::numeric >= 0.80 THEN 'warning'
        ELSE 'ok'
    END AS alert_level
FROM copilot.credit_budget
WHERE cycle_end > now()
    AND limit_amount > 0
    AND used::numeric / nullif(limit_amount, 0)::numeric >= 0.80;
