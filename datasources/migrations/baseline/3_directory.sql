-- The copilot directory: people, groups, teams, who belongs where, and who is invited.

-- table copilot.users
CREATE TABLE copilot.users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    email varchar(320) NOT NULL,
    name varchar(255) NOT NULL,
    profile_image text,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX uq_copilot_users_account_email ON copilot.users (account_id, lower(email));
CREATE INDEX users_account_id_idx ON copilot.users (account_id);
CREATE INDEX users_email_lower_idx ON copilot.users (lower(email));
CREATE INDEX users_account_id_is_active_idx ON copilot.users (account_id, is_active);

-- table copilot.groups
CREATE TABLE copilot.groups (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    name varchar(255) NOT NULL,
    description text,
    is_default boolean NOT NULL DEFAULT false,
    owner_id uuid REFERENCES copilot.users ON DELETE SET NULL,
    contact_email varchar(320),
    status varchar(20) NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive')),
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX uq_copilot_groups_account_name ON copilot.groups (account_id, lower(name));
CREATE INDEX groups_account_id_idx ON copilot.groups (account_id);
CREATE INDEX groups_account_id_is_default_idx ON copilot.groups (account_id, is_default);

-- table copilot.teams
CREATE TABLE copilot.teams (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    group_id uuid NOT NULL REFERENCES copilot.groups ON DELETE CASCADE,
    name varchar(255) NOT NULL,
    description text,
    is_default boolean NOT NULL DEFAULT false,
    owner_id uuid REFERENCES copilot.users ON DELETE SET NULL,
    contact_email varchar(320),
    status varchar(20) NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive')),
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX uq_copilot_teams_group_name ON copilot.teams (group_id, lower(name));
CREATE INDEX teams_account_id_idx ON copilot.teams (account_id);
CREATE INDEX teams_group_id_idx ON copilot.teams (group_id);
CREATE INDEX teams_account_id_is_default_idx ON copilot.teams (account_id, is_default);

-- table copilot.account_memberships
CREATE TABLE copilot.account_memberships (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    user_id uuid NOT NULL REFERENCES copilot.users ON DELETE CASCADE,
    app_role varchar(20) NOT NULL DEFAULT 'USER'
        CHECK (app_role IN ('ADMIN', 'USER', 'GUEST', 'MEMBER', 'VIEWER')),
    team_id uuid REFERENCES copilot.teams ON DELETE SET NULL,
    is_active boolean NOT NULL DEFAULT true,
    joined_at timestamptz NOT NULL DEFAULT now(),
    last_active_at timestamptz NOT NULL DEFAULT now(),
    tenant_preferences jsonb NOT NULL DEFAULT '{}',
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_copilot_membership_account_user UNIQUE (account_id, user_id)
);
CREATE INDEX account_memberships_account_id_idx ON copilot.account_memberships (account_id);
CREATE INDEX account_memberships_user_id_idx ON copilot.account_memberships (user_id);
CREATE INDEX account_memberships_team_id_idx ON copilot.account_memberships (team_id);
CREATE INDEX account_memberships_account_id_is_active_idx
    ON copilot.account_memberships (account_id, is_active);

-- table copilot.user_invites
CREATE TABLE copilot.user_invites (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    email varchar(320) NOT NULL,
    role varchar(20) NOT NULL DEFAULT 'USER'
        CHECK (role IN ('ADMIN', 'USER', 'GUEST', 'MEMBER', 'VIEWER')),
    role_id text,
    workspace_id text,
    status varchar(20) NOT NULL DEFAULT 'PENDING'
        CHECK (status IN ('PENDING', 'ACCEPTED', 'DECLINED', 'EXPIRED', 'CANCELLED')),
    token varchar(128) NOT NULL,
    invitation_data jsonb NOT NULL DEFAULT '{}',
    created_by text,
    accepted_by text,
    accepted_at timestamptz,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_copilot_invites_token UNIQUE (token)
);
CREATE INDEX user_invites_account_id_idx ON copilot.user_invites (account_id);
CREATE INDEX user_invites_account_id_status_idx ON copilot.user_invites (account_id, status);
CREATE INDEX user_invites_account_id_email_lower_idx
    ON copilot.user_invites (account_id, lower(email));
CREATE INDEX user_invites_expires_at_idx ON copilot.user_invites (expires_at);

-- table copilot.notification_templates
CREATE TABLE copilot.notification_templates (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    template_id varchar(255),
    title_line varchar(500) NOT NULL,
    template_content text NOT NULL,
    event_id varchar(255),
    type varchar(20) NOT NULL DEFAULT 'EMAIL' CHECK (type IN ('EMAIL', 'PUSH', 'SMS', 'IN_APP')),
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX uq_copilot_notification_templates_account_template_id
    ON copilot.notification_templates (account_id, lower(template_id))
    WHERE template_id IS NOT NULL;
CREATE INDEX notification_templates_account_id_idx ON copilot.notification_templates (account_id);
CREATE INDEX notification_templates_account_id_event_id_idx
    ON copilot.notification_templates (account_id, event_id);
CREATE INDEX notification_templates_account_id_type_idx
    ON copilot.notification_templates (account_id, type);

-- table copilot.support_tickets
CREATE TABLE copilot.support_tickets (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    user_profile_id text,
    subject varchar(500) NOT NULL,
    description text NOT NULL DEFAULT '',
    status varchar(20) NOT NULL DEFAULT 'OPEN'
        CHECK (status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'RESOLVED', 'CLOSED', 'CANCELLED')),
    priority varchar(20) NOT NULL DEFAULT 'MEDIUM'
        CHECK (priority IN ('LOW', 'MEDIUM', 'URGENT', 'IMPORTANT')),
    assigned_to text,
    created_by text,
    updated_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX support_tickets_account_id_idx ON copilot.support_tickets (account_id);
CREATE INDEX support_tickets_account_id_user_profile_id_idx
    ON copilot.support_tickets (account_id, user_profile_id);
CREATE INDEX support_tickets_account_id_status_idx ON copilot.support_tickets (account_id, status);
CREATE INDEX support_tickets_account_id_priority_idx
    ON copilot.support_tickets (account_id, priority);
CREATE INDEX support_tickets_account_id_assigned_to_idx
    ON copilot.support_tickets (account_id, assigned_to);
CREATE INDEX support_tickets_account_id_created_at_idx
    ON copilot.support_tickets (account_id, created_at DESC);
