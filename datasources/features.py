"""The features of the platform, and which of them an account is entitled to.

A feature is on unless an entitlement withholds it. Two kinds of entitlement are stored: dated rows
of `gateway.entitlements`, of which the strongest source decides, and the switches of the account's
document (`metadata.entitlements.features`), which were the super admin's and decide where no row
of a super admin does. In the document two generations of names live side by side: a feature is off
when any of its names says so. Overrides of the account withhold it whatever grants it. What lies
above a feature takes it along when it is off.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB

from auth.caller import Caller
from datasources.base import Database
from datasources.codecs import json_object
from datasources.overrides import Override, account_overrides, account_overrides_now
from datasources.reads import One
from datasources.tables import accounts

__all__ = [
    "BY_CODE",
    "CURRENT_ENTITLEMENTS",
    "FEATURES",
    "SOURCES",
    "Entitled",
    "FeatureRow",
    "current_entitlements",
    "entitled_features",
    "entitlement_of",
    "features_by_code",
    "features_of_accounts",
    "flag_of",
    "switches_of",
]

SOURCES = ("PLAN", "ADDON", "TRIAL", "PROMOTION", "SUPER_ADMIN")
"""From weak to strong."""


class FeatureRow(NamedTuple):
    """An entry of the feature catalogue."""

    id: str
    """Its code: codes below another start with its code."""
    key: str
    parent_code: str | None
    name: str
    description: str
    display_order: int
    stored_names: tuple[str, ...]
    """What the cockpit's documents call it; the first is what new policies write."""

    @property
    def level(self) -> str:
        """MODULE at the top, FEATURE below one."""
        return "MODULE" if self.parent_code is None else "FEATURE"


_CONNECTORS, _AGENTS = "connectors", "agents"
_ENTRIES = (
    ("budgets", "BUDGETS", None, "Budgets", "Managing credit budgets.", "copilot_budgets"),
    (_AGENTS, "AGENTS", None, "Agents", "Agents and marketplace.", "copilot_agents"),
    ("agents.create", "CREATE_AGENTS", _AGENTS, "Creating agents", "", "can_create_agents"),
    (_CONNECTORS, "CONNECTORS", None, "Connectors", "", "copilot_connections"),
    (
        "connectors.create_mcp",
        "CREATE_MCP_CONNECTORS",
        _CONNECTORS,
        "Creating MCP connectors",
        "",
        "can_create_connections_mcp",
    ),
    (
        "connectors.create_openapi",
        "CREATE_OPENAPI_CONNECTORS",
        _CONNECTORS,
        "Creating OpenAPI connectors",
        "",
        "can_create_connections_openapi",
    ),
    (
        "connectors.create_integration",
        "CREATE_INTEGRATION_CONNECTORS",
        _CONNECTORS,
        "Authorising integrations",
        "",
        "can_create_connections_composio",
    ),
    ("guardrails", "GUARDRAILS", None, "Guardrails", "", "copilot_guardrails"),
    ("models", "MODEL_MANAGEMENT", None, "Models", "Choosing models.", "model_management"),
    ("models.access", "ACCESS_MODELS", "models", "Using models", "", "can_access_models"),
    ("playground", "PLAYGROUND", None, "Playground", "", "playground"),
    (
        "playground.images",
        "GENERATE_IMAGES",
        "playground",
        "Generating pictures",
        "",
        "can_generate_images",
    ),
    ("sso", "SSO", None, "Single sign-on", "Configuring single sign-on.", "sso_config"),
)
FEATURES: Mapping[str, FeatureRow] = MappingProxyType(
    {
        key: FeatureRow(code, key, above, name, about or f"{name}.", place, (stored,))
        for place, (code, key, above, name, about, stored) in enumerate(_ENTRIES)
    }
)
"""Every feature of the platform by its key, what lies above before what lies below."""
BY_CODE: Mapping[str, FeatureRow] = MappingProxyType({row.id: row for row in FEATURES.values()})

_ON_WORDS = frozenset({"true", "1", "yes", "enabled", "on"})
_OFF_WORDS = frozenset({"false", "0", "no", "disabled", "off"})


async def features_by_code(
    _database: Database, _caller: Caller, codes: Sequence[Hashable]
) -> list[FeatureRow | None]:
    """Entries of the catalogue, which is the platform's and open to everybody."""
    return [BY_CODE.get(str(code)) for code in codes]


def flag_of(value: object) -> bool | None:
    """What a stored switch says: a Boolean, a number, or a known word; None for anything else."""
    if isinstance(value, str):
        text = value.strip().lower()
        return True if text in _ON_WORDS else False if text in _OFF_WORDS else None
    return bool(value) if isinstance(value, (bool, int, float)) else None


# --- entitlements -------------------------------------------------------------------------------


class Entitled(NamedTuple):
    """What the entitlements say of one feature by itself."""

    is_enabled: bool
    source: str | None
    """Source that decided; None where nothing is stored and the default holds."""
    config: Mapping[str, Any]


CURRENT_ENTITLEMENTS = """(
    SELECT coalesce(jsonb_agg(jsonb_build_array(feature_code, source, is_enabled, config) ORDER BY
        array_position(ARRAY['PLAN', 'ADDON', 'TRIAL', 'PROMOTION', 'SUPER_ADMIN'], source),
        entitlements.created_at), '[]')
    FROM gateway.entitlements
    WHERE entitlements.account_id = "Alchemi_AccountTable".account_id
        AND valid_from <= now() AND (valid_until IS NULL OR valid_until > now())
)"""
"""The entitlements that count now of an account beside it, from weak to strong, as a JSON array.

Each is `[feature code, source, is enabled, configuration]`.
"""


def current_entitlements() -> ColumnElement[Any]:
    """`CURRENT_ENTITLEMENTS` as a column of a statement over accounts."""
    return literal_column(CURRENT_ENTITLEMENTS, JSONB())


def entitlement_of(
    feature: FeatureRow, switches: Mapping[str, Any], rows: Sequence[Sequence[Any]]
) -> Entitled:
    """What an account's switches and current rows, from weak to strong, say of one feature."""
    mine = [row for row in rows if row[0] == feature.id]
    config: dict[str, Any] = {}
    for _, _, is_enabled, values in mine:
        if is_enabled:
            config |= json_object(values)
    switch = [flag_of(switches.get(name)) for name in feature.stored_names]
    if mine and (mine[-1][1] == "SUPER_ADMIN" or set(switch) == {None}):
        return Entitled(mine[-1][2], mine[-1][1], config)
    if False in switch or True in switch:
        return Entitled(False not in switch, "SUPER_ADMIN", config)
    return Entitled(is_enabled=True, source=None, config=config)


def switches_of(metadata: object) -> dict[str, Any]:
    """The super admin's switches in an account's metadata, a document or its text."""
    return json_object(json_object(json_object(metadata).get("entitlements")).get("features"))


def entitled_features(
    metadata: object,
    rows: Sequence[Sequence[Any]] = (),
    overrides: Sequence[Override] = (),
) -> frozenset[str]:
    """The keys of the features an account has: those on by themselves and below nothing off."""
    switches = switches_of(metadata)
    on: set[str] = set()
    for key, feature in FEATURES.items():
        above = feature.parent_code is None or BY_CODE[feature.parent_code].key in on
        is_denied = any(override.switches_off(feature.id) for override in overrides)
        if above and not is_denied and entitlement_of(feature, switches, rows).is_enabled:
            on.add(key)
    return frozenset(on)


class _StoredRow(NamedTuple):
    metadata: Any
    rows: Any
    overrides: Any


_STORED = One(
    _StoredRow,
    select(
        accounts.c.account_id,
        accounts.c.metadata,
        current_entitlements().label("rows"),
        account_overrides_now().label("overrides"),
    ),
    key="account_id",
)


async def features_of_accounts(
    database: Database, caller: Caller, ids: Sequence[Hashable]
) -> list[frozenset[str]]:
    """The features of these accounts; none for an account out of reach."""
    found = await _STORED(database, caller, ids)
    return [frozenset() if row is None else _features(row) for row in found]


def _features(row: _StoredRow) -> frozenset[str]:
    return entitled_features(row.metadata, row.rows, account_overrides(row.overrides))
