"""The feature catalogue: what there is to be had, and what the platform itself knows of it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal_column, not_, select
from sqlalchemy.dialects.postgresql import JSONB

from auth.caller import Caller
from datasources.access_tables import features
from datasources.base import Database, Statement
from datasources.codecs import json_object
from datasources.expressions import word
from datasources.reads import Many, One

__all__ = [
    "KEYS",
    "ActiveFeature",
    "Catalogue",
    "FeatureRow",
    "KnownFeature",
    "active_features_now",
    "change_features",
    "feature_catalogue",
    "feature_rows",
    "features_below",
    "features_by_code",
    "hold_features",
    "stored_names_of",
]


class _Known(NamedTuple):
    """A feature that the platform itself asks for."""

    key: str
    stored_name: str
    """What the cockpit's documents and policies call it."""


_KNOWN = {
    "budgets": _Known("BUDGETS", "copilot_budgets"),
    "agents": _Known("AGENTS", "copilot_agents"),
    "agents.create": _Known("CREATE_AGENTS", "can_create_agents"),
    "connectors": _Known("CONNECTORS", "copilot_connections"),
    "connectors.create_mcp": _Known("CREATE_MCP_CONNECTORS", "can_create_connections_mcp"),
    "connectors.create_openapi": _Known(
        "CREATE_OPENAPI_CONNECTORS", "can_create_connections_openapi"
    ),
    "connectors.create_integration": _Known(
        "CREATE_INTEGRATION_CONNECTORS", "can_create_connections_composio"
    ),
    "guardrails": _Known("GUARDRAILS", "copilot_guardrails"),
    "models": _Known("MODEL_MANAGEMENT", "model_management"),
    "models.access": _Known("ACCESS_MODELS", "can_access_models"),
    "playground": _Known("PLAYGROUND", "playground"),
    "playground.images": _Known("GENERATE_IMAGES", "can_generate_images"),
    "sso": _Known("SSO", "sso_config"),
}
KEYS: Mapping[str, str] = MappingProxyType({code: known.key for code, known in _KNOWN.items()})
"""The keys of the features that the platform itself knows, by their codes."""


def stored_names_of(code: str) -> tuple[str, ...]:
    """What documents and policies call a feature; the first is what new policies write."""
    known = _KNOWN.get(code)
    return (code,) if known is None else (known.stored_name,)


class FeatureRow(NamedTuple):
    """An entry of the feature catalogue."""

    id: str
    """Its code: codes below another start with its code."""
    key: str | None
    level: str
    parent_code: str | None
    name: str
    description: str | None
    category: str | None
    is_enabled_by_default: bool
    default_config: Any
    plan_config: Any
    display_order: int
    is_active: bool
    """Whether it and all above it are switched on."""
    is_switched_on: bool
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    updated_by: str | None

    @property
    def account_id(self) -> None:
        """No account's: its authors are the platform's."""
        return

    @property
    def stored_names(self) -> tuple[str, ...]:
        """What documents and policies call it."""
        return stored_names_of(self.id)


class KnownFeature(NamedTuple):
    """A feature with what is the same for every account. PERF: bench/access."""

    row: FeatureRow
    names: frozenset[str]
    """Its code, and what documents and policies call it."""
    config: Mapping[str, Any]
    """How it is configured by default."""


class Catalogue:
    """The whole catalogue: what lies above before what lies below, each level as displayed."""

    def __init__(self, rows: Sequence[FeatureRow]) -> None:
        """Take the rows in display order."""
        below: dict[str | None, list[FeatureRow]] = {}
        for row in rows:
            below.setdefault(row.parent_code, []).append(row)
        self.features = tuple(map(_known, _branches(below, None)))
        self.by_code = {known.row.id: known.row for known in self.features}


def _known(row: FeatureRow) -> KnownFeature:
    names = frozenset((row.id, *row.stored_names))
    return KnownFeature(row, names, json_object(row.default_config))


def _branches(below: Mapping[str | None, list[FeatureRow]], code: str | None) -> list[FeatureRow]:
    rows: list[FeatureRow] = []
    for row in below.get(code, ()):
        rows += [row, *_branches(below, row.id)]
    return rows


_of = features.c
_above = features.alias("above")
_is_active = and_(
    _of.is_active,
    not_(
        exists().where(
            not_(_above.c.is_active), func.starts_with(_of.code, _above.c.code + word("."))
        )
    ),
)


def feature_rows() -> Select[Any]:
    """The catalogue's rows, as columns named as those of `FeatureRow`."""
    key = case(*[(_of.code == word(code), word(known)) for code, known in KEYS.items()])
    derived: dict[str, ColumnElement[Any]] = {
        "id": _of.code,
        "key": key,
        "is_active": _is_active,
        "is_switched_on": _of.is_active,
    }
    return select(
        *[
            (derived[name] if name in derived else _of[name]).label(name)
            for name in FeatureRow._fields
        ]
    )


features_by_code = One(FeatureRow, feature_rows(), tenant=None)
"""Entries by their codes."""
features_below = Many(
    FeatureRow,
    feature_rows().where(_is_active),
    key="parent_code",
    order=("display_order", "id"),
    tenant=None,
)
"""The active entries directly below each code."""

_WHOLE = Statement(feature_rows().order_by(_of.display_order, _of.code))


async def feature_catalogue(
    database: Database, _caller: Caller, keys: Sequence[Hashable]
) -> list[Catalogue]:
    """The whole catalogue, which is the platform's and open to everybody, for any key."""
    records = await database.fetch(_WHOLE)
    return [Catalogue([FeatureRow(*record) for record in records])] * len(keys)


class ActiveFeature(NamedTuple):
    """As much of an entry as decides whether an account has it."""

    code: str
    parent_code: str | None
    is_enabled_by_default: bool


_ACTIVE = """(
    SELECT coalesce(jsonb_agg(jsonb_build_array(code, parent_code, is_enabled_by_default)
        ORDER BY code), '[]')
    FROM gateway.features WHERE is_active
)"""


def active_features_now() -> ColumnElement[Any]:
    """The active entries as a JSON array of `ActiveFeature`s, what lies above first.

    What lies below an inactive one is among them.
    """
    return literal_column(_ACTIVE, JSONB())


_KEY: ColumnElement[int] = literal_column("hashtextextended('cockpit features', 0)")
_HOLD = Statement(select(func.pg_advisory_xact_lock_shared(_KEY)))
_CHANGE = Statement(select(func.pg_advisory_xact_lock(_KEY)))


async def hold_features(database: Database) -> None:
    """Keep the catalogue as it is to the end of the transaction: before any row is locked."""
    await database.fetch(_HOLD)


async def change_features(database: Database) -> None:
    """Let one transaction change the catalogue, while nobody writes what refers to it."""
    await database.fetch(_CHANGE)
