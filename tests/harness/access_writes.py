"""Everything that can change what a scope may use, as any writer of the database would write it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, TypeAlias

from tests.harness.access import place
from tests.harness.directory import ACME, BETA, id_of
from tests.harness.sql import as_json

__all__ = ["PUT_BUDGET", "SCOPES", "WRITES", "Write", "write_of"]

Write: TypeAlias = tuple[str, list[Any]]
"""A statement and its arguments."""

SCOPES = ("Ann", "Ada", "Red", "Blue", "North", "South", ACME)
_FLAGS = ("can_create_agents", "copilot_connections", "can_access_models", "playground")
_MODELS = ("a", "b", "c", "d")
_EFFECTS = ("DENY", "RESTRICT", "CONFIGURE")


def _scope(random: Random) -> list[str]:
    scope = place(random.choice(SCOPES))
    return [scope["type"].lower(), scope["id"]]


def _person(random: Random) -> str:
    return id_of(random.choice(("Ann", "Ada")))


def _team(random: Random) -> str:
    return id_of(random.choice(("Red", "Blue")))


def _some(random: Random, values: tuple[str, ...]) -> list[str]:
    return random.sample(values, random.randint(0, len(values)))


def _features(random: Random) -> str:
    return as_json({flag: random.random() < 0.5 for flag in _some(random, _FLAGS)})


def _document(random: Random) -> str:
    lists = {"copilot_model_super_allowlist": _some(random, _MODELS)}
    switches = {flag: random.random() < 0.7 for flag in _some(random, _FLAGS)}
    return as_json({"entitlements": {"features": switches, **lists}})


def _override(random: Random) -> list[Any]:
    effect = random.choice(_EFFECTS)
    items = ["agents.create", "other"] if effect == "RESTRICT" else []
    config = as_json({"seats": random.randint(1, 9)}) if effect == "CONFIGURE" else None
    return [random.choice(("agents", "agents.create", "models")), effect, items, config]


_PUT_POLICY = (
    "INSERT INTO copilot.{table} (account_id, scope_type, scope_id, {columns})"
    " VALUES ($1, $2, $3, {values}) ON CONFLICT (account_id, scope_type, scope_id) DO UPDATE SET"
    " {changes}"
)
_PUT_FEATURES = _PUT_POLICY.format(
    table="feature_flag_policies",
    columns="flags",
    values="$4::text::jsonb",
    changes="flags = excluded.flags",
)
_PUT_MODELS = _PUT_POLICY.format(
    table="model_access_policies",
    columns="mode, selected_models",
    values="$4, $5",
    changes="mode = excluded.mode, selected_models = excluded.selected_models",
)
_PUT_GUARDRAILS = """
    INSERT INTO gateway.guardrail_policies (account_id, scope_type, scope_id, required_guards, mode,
        is_enabled)
    VALUES ($1, upper($2), $3, $4, $5, $6) ON CONFLICT (account_id, scope_type, scope_id)
    DO UPDATE SET required_guards = $4, mode = $5, is_enabled = $6
"""
_PUT_CONNECTORS = """
    INSERT INTO copilot.connection_permission_policies (account_id, scope_type, scope_id,
        connection_type, permission_mode, allow_use_admin_connections)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id, scope_type, scope_id, connection_type)
    DO UPDATE SET permission_mode = $5, allow_use_admin_connections = $6, updated_at = now()
"""
_INHERIT_CONNECTORS = """
    INSERT INTO gateway.connector_policy_details
        (policy_id, account_id, inherited_mode, inherited_use, as_of)
    SELECT id, account_id, CASE WHEN $1 THEN permission_mode END,
        CASE WHEN $2 THEN allow_use_admin_connections END, updated_at
    FROM copilot.connection_permission_policies WHERE scope_type = $3 AND scope_id = $4
    ON CONFLICT (policy_id) DO UPDATE SET inherited_mode = excluded.inherited_mode,
        inherited_use = excluded.inherited_use, as_of = excluded.as_of
"""
_PUT_GUARD = """
    INSERT INTO copilot.guardrails_config (account_id, guard_type, enabled, execution_order,
        action_on_fail)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, guard_type)
    DO UPDATE SET enabled = $3, execution_order = $4, action_on_fail = $5
"""
_PUT_ENTITLEMENT = """
    INSERT INTO gateway.entitlements (account_id, feature_code, source, is_enabled)
    VALUES ($1, $2, $3, $4) ON CONFLICT
        (account_id, feature_code, source, coalesce(subscription_id, ''))
    DO UPDATE SET is_enabled = excluded.is_enabled
"""
_PUT_OVERRIDE = """
    INSERT INTO gateway.access_overrides (account_id, scope_type, scope_id, feature_code, effect,
        disabled_items, config, reason)
    VALUES ($1, upper($2), $3, $4, $5, $6, $7::text::jsonb, 'why')
    ON CONFLICT (account_id, scope_type, scope_id, feature_code)
    DO UPDATE SET effect = $5, disabled_items = $6, config = $7::text::jsonb
"""
PUT_BUDGET = """
    INSERT INTO copilot.credit_budget (account_id, scope_type, scope_id, allocated, limit_amount,
        cycle_start, cycle_end)
    VALUES ($1, $2, $3::text::uuid, $4, $4, date_trunc('day', now()), now() + interval '9 days')
    ON CONFLICT DO NOTHING
"""

WRITES: dict[str, Callable[[Random], Write]] = {
    "feature policy": lambda r: (_PUT_FEATURES, [ACME, *_scope(r), _features(r)]),
    "no feature policy": lambda r: (
        "DELETE FROM copilot.feature_flag_policies WHERE scope_type = $1 AND scope_id = $2",
        _scope(r),
    ),
    "model policy": lambda r: (
        _PUT_MODELS,
        [
            ACME,
            *_scope(r),
            r.choice(("inherit", "all_available", "allowlist", "deny_all")),
            _some(r, _MODELS),
        ],
    ),
    "no model policy": lambda r: (
        "DELETE FROM copilot.model_access_policies WHERE scope_type = $1 AND scope_id = $2",
        _scope(r),
    ),
    "guardrail policy": lambda r: (
        _PUT_GUARDRAILS,
        [
            ACME,
            *_scope(r),
            _some(r, ("PII", "TOXIC", "JAILBREAK")),
            r.choice(("ENFORCE", "ADVISORY")),
            r.random() < 0.8,
        ],
    ),
    "no guardrail policy": lambda r: (
        "DELETE FROM gateway.guardrail_policies WHERE scope_type = upper($1) AND scope_id = $2",
        _scope(r),
    ),
    "connector policy": lambda r: (
        _PUT_CONNECTORS,
        [
            ACME,
            *_scope(r),
            r.choice(("all", "mcp", "openapi", "integration")),
            r.choice(("admin_managed_use_only", "self_managed_allowed")),
            r.random() < 0.5,
        ],
    ),
    "connector policy's inheritance": lambda r: (
        _INHERIT_CONNECTORS,
        [r.random() < 0.5, r.random() < 0.5, *_scope(r)],
    ),
    "no connector policy": lambda r: (
        "DELETE FROM copilot.connection_permission_policies"
        " WHERE scope_type = $1 AND scope_id = $2",
        _scope(r),
    ),
    "guard": lambda r: (
        _PUT_GUARD,
        [
            ACME,
            r.choice(("pii", "toxic", "jailbreak")),
            r.random() < 0.6,
            r.randint(1, 10),
            r.choice(("block", "flag", "log_only")),
        ],
    ),
    "document": lambda r: (
        'UPDATE "Alchemi_AccountTable" SET metadata = $1::text::jsonb WHERE account_id = $2',
        [_document(r), ACME],
    ),
    "entitlement": lambda r: (
        _PUT_ENTITLEMENT,
        [
            ACME,
            r.choice(("agents", "models.access", "playground.images")),
            r.choice(("PLAN", "SUPER_ADMIN")),
            r.random() < 0.5,
        ],
    ),
    "entitlement's time": lambda r: (
        "UPDATE gateway.entitlements SET valid_from = now() - interval '9 days',"
        " valid_until = now() + $1 * interval '1 day'",
        [r.choice((-1, 1))],
    ),
    "no entitlement": lambda r: (
        "DELETE FROM gateway.entitlements WHERE source = $1",
        [r.choice(("PLAN", "SUPER_ADMIN"))],
    ),
    "override": lambda r: (_PUT_OVERRIDE, [ACME, *_scope(r), *_override(r)]),
    "override's time": lambda r: (
        "UPDATE gateway.access_overrides SET valid_from = now() - interval '9 days',"
        " valid_until = now() + $1 * interval '1 day'",
        [r.choice((-1, 1))],
    ),
    "no override": lambda r: (
        "DELETE FROM gateway.access_overrides WHERE effect = $1",
        [r.choice(_EFFECTS)],
    ),
    "models granted": lambda r: (
        "INSERT INTO gateway.model_lists (account_id, layer, mode, names) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (account_id, layer) DO UPDATE SET mode = $3, names = $4",
        [ACME, r.choice(("GRANT", "SELECTION")), r.choice(("ALL", "LIST")), _some(r, _MODELS)],
    ),
    "catalogue": lambda r: (
        "UPDATE copilot.model_catalog SET is_active = $1 WHERE model_name = $2",
        [r.random() < 0.5, r.choice(_MODELS)],
    ),
    "feature's entry": lambda r: (
        "UPDATE gateway.features SET is_active = $1, is_enabled_by_default = $2,"
        " default_config = $3::text::jsonb WHERE code = $4",
        [
            r.random() < 0.7,
            r.random() < 0.7,
            as_json({"seats": r.randint(1, 9)}),
            r.choice(("agents", "agents.create", "models", "models.access")),
        ],
    ),
    "provider": lambda r: (
        "INSERT INTO gateway.model_providers (code, name, is_active) VALUES ('lab', 'Lab', $1)"
        " ON CONFLICT (code) DO UPDATE SET is_active = $1",
        [r.random() < 0.5],
    ),
    "membership": lambda r: (
        "UPDATE copilot.account_memberships SET team_id = $1::text::uuid, is_active = $2,"
        " app_role = $3 WHERE user_id = $4::text::uuid",
        [
            r.choice((None, _team(r))),
            r.random() < 0.8,
            r.choice(("ADMIN", "VIEWER", "USER")),
            _person(r),
        ],
    ),
    "further team": lambda r: (
        "INSERT INTO gateway.team_memberships (account_id, user_id, team_id, is_active)"
        " VALUES ($1, $2::text::uuid, $3::text::uuid, $4)"
        " ON CONFLICT (account_id, user_id, team_id) DO UPDATE SET is_active = $4",
        [ACME, _person(r), _team(r), r.random() < 0.7],
    ),
    "no further team": lambda r: (
        "DELETE FROM gateway.team_memberships WHERE user_id = $1::text::uuid",
        [_person(r)],
    ),
    "team moved": lambda r: (
        "UPDATE copilot.teams SET group_id = $1::text::uuid WHERE id = $2::text::uuid",
        [id_of(r.choice(("North", "South"))), _team(r)],
    ),
    "team's account": lambda r: (
        "UPDATE copilot.teams SET account_id = $1 WHERE id = $2::text::uuid",
        [r.choice((ACME, ACME, BETA)), _team(r)],
    ),
    "e-mail": lambda r: (
        "UPDATE copilot.users SET email = $1 WHERE id = $2::text::uuid",
        [r.choice(("ann@acme.test", "eve@acme.test", f"{r.random()}@acme.test")), id_of("Ann")],
    ),
    "identity": lambda r: (
        'INSERT INTO "LiteLLM_UserTable" (user_id, account_id, user_email, teams, organization_id)'
        " VALUES ('eve', $1, $2, $3, $4) ON CONFLICT (user_id) DO UPDATE SET account_id = $1,"
        " user_email = $2, teams = $3, organization_id = $4",
        [
            r.choice((ACME, ACME, BETA)),
            r.choice(("ann@acme.test", "eve@acme.test")),
            _some(r, ("t-core", "t-side")),
            None,
        ],
    ),
    "identity team": lambda r: (
        'INSERT INTO "LiteLLM_TeamTable" (team_id, account_id) VALUES ($1, $2)'
        " ON CONFLICT (team_id) DO UPDATE SET account_id = $2",
        [r.choice(("t-core", "t-side")), r.choice((ACME, BETA))],
    ),
    "administrator": lambda r: (
        'INSERT INTO "Alchemi_AccountAdminTable" (id, account_id, user_email) VALUES ($1, $2, $3)'
        " ON CONFLICT DO NOTHING",
        [str(r.random()), ACME, "ann@acme.test"],
    ),
    "no administrator": lambda _: ('DELETE FROM "Alchemi_AccountAdminTable"', []),
    "budget": lambda r: (PUT_BUDGET, [ACME, *_uuid_scope(r), r.randint(1, 1000)]),
    "budget used": lambda r: (
        "UPDATE copilot.credit_budget SET used = least(limit_amount, used + $1)",
        [r.randint(0, 50)],
    ),
    "budget closed": lambda r: (
        "INSERT INTO gateway.budget_details (budget_id, account_id, closed_at, cycle_end)"
        " SELECT id, account_id, now(), cycle_end FROM copilot.credit_budget WHERE scope_type = $1"
        " ON CONFLICT (budget_id) DO UPDATE"
        " SET closed_at = excluded.closed_at, cycle_end = excluded.cycle_end",
        [_uuid_scope(r)[0]],
    ),
    "budget's cycle": lambda r: (
        "UPDATE copilot.credit_budget SET cycle_end = now() + $1 * interval '1 day'"
        " WHERE scope_type = $2",
        [r.choice((0, 1)), _uuid_scope(r)[0]],
    ),
    "no budget": lambda r: (
        "DELETE FROM copilot.credit_budget WHERE scope_type = $1",
        [_uuid_scope(r)[0]],
    ),
}
"""One write each, drawn at random."""


def _uuid_scope(random: Random) -> list[str]:
    scope = place(random.choice(SCOPES[:-1]))
    return [scope["type"].lower(), scope["id"]]


def write_of(name: str, seed: int) -> Write:
    """The write of a name that a seed leads to."""
    return WRITES[name](Random(seed))  # noqa: S311 - a repeatable choice
