"""Which features of the catalogue an account is entitled to.

A feature is as the catalogue says unless an entitlement decides. Two kinds of those are stored:
dated rows of `gateway.entitlements`, of which the strongest source decides, and the switches of the
account's document (`metadata.entitlements.features`), which were the super admin's and decide where
no row of a super admin does. Overrides withhold a feature whatever grants it. What lies above a
feature takes it along when it is off.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB

from auth.caller import Caller
from datasources.base import Database
from datasources.codecs import json_object
from datasources.feature_catalogue import KEYS, ActiveFeature, active_features_now, stored_names_of
from datasources.overrides import Override, account_overrides, account_overrides_now
from datasources.reads import One
from datasources.tables import accounts

__all__ = [
    "CURRENT_ENTITLEMENTS",
    "SOURCES",
    "Entitled",
    "Stored",
    "entitled_codes",
    "entitled_features",
    "entitlement_of",
    "feature_codes_of_accounts",
    "features_of_accounts",
    "flag_of",
    "stored_columns",
    "switches_of",
]

SOURCES = ("PLAN", "ADDON", "TRIAL", "PROMOTION", "SUPER_ADMIN")
"""From weak to strong."""


_ON_WORDS = frozenset({"true", "1", "yes", "enabled", "on"})
_OFF_WORDS = frozenset({"false", "0", "no", "disabled", "off"})


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
    code: str,
    switches: Mapping[str, Any],
    rows: Sequence[Sequence[Any]],
    *,
    by_default: bool,
) -> Entitled:
    """What an account's switches and current rows, from weak to strong, say of one feature."""
    mine = [row for row in rows if row[0] == code]
    config: dict[str, Any] = {}
    for _, _, is_enabled, values in mine:
        if is_enabled:
            config |= json_object(values)
    switch = [flag_of(switches.get(name)) for name in stored_names_of(code)]
    if mine and (mine[-1][1] == "SUPER_ADMIN" or set(switch) == {None}):
        return Entitled(mine[-1][2], mine[-1][1], config)
    if False in switch or True in switch:
        return Entitled(False not in switch, "SUPER_ADMIN", config)
    return Entitled(by_default, None, config)


def switches_of(metadata: object) -> dict[str, Any]:
    """The super admin's switches in an account's metadata, a document or its text."""
    return json_object(json_object(json_object(metadata).get("entitlements")).get("features"))


class Stored(NamedTuple):
    """What is stored that decides which features an account has."""

    metadata: Any
    rows: Any
    """Its entitlements, from weak to strong."""
    overrides: Any
    """What narrows it, or a scope in it."""
    catalogue: Any
    """The active features, what lies above first."""


def stored_columns() -> list[ColumnElement[Any]]:
    """The columns of `Stored`, of a statement over accounts."""
    return [
        accounts.c.metadata,
        current_entitlements().label("rows"),
        account_overrides_now().label("overrides"),
        active_features_now().label("catalogue"),
    ]


def entitled_codes(stored: Stored, personal: Sequence[Override] = ()) -> frozenset[str]:
    """The codes of the features an account has: those on by themselves and below nothing off.

    With what narrows somebody in particular, those that they have.
    """
    switches = switches_of(stored.metadata)
    overrides = [*account_overrides(stored.overrides), *personal]
    on: set[str] = set()
    for feature in itertools.starmap(ActiveFeature, stored.catalogue):
        code, above, by_default = feature
        if above is not None and above not in on:
            continue
        if any(override.switches_off(code) for override in overrides):
            continue
        if entitlement_of(code, switches, stored.rows, by_default=by_default).is_enabled:
            on.add(code)
    return frozenset(on)


def entitled_features(stored: Stored, personal: Sequence[Override] = ()) -> frozenset[str]:
    """The keys of the features, of those that the platform itself knows, that an account has."""
    return frozenset(KEYS[code] for code in entitled_codes(stored, personal) if code in KEYS)


_STORED = One(Stored, select(accounts.c.account_id, *stored_columns()), key="account_id")


async def features_of_accounts(
    database: Database, caller: Caller, ids: Sequence[Hashable]
) -> list[frozenset[str]]:
    """The keys of the features of these accounts; none for an account out of reach."""
    found = await _STORED(database, caller, ids)
    return [frozenset() if row is None else entitled_features(row) for row in found]


async def feature_codes_of_accounts(
    database: Database, caller: Caller, ids: Sequence[Hashable]
) -> list[frozenset[str]]:
    """The codes of the features of these accounts; none for an account out of reach."""
    found = await _STORED(database, caller, ids)
    return [frozenset() if row is None else entitled_codes(row) for row in found]
