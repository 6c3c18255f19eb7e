"""Entitlements and feature policies of accounts, by their ids and as lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    any_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from datasources.access_tables import entitlements, feature_policies
from datasources.conditions import any_of, equals, matching
from datasources.entitlements.validity import CurrentUnlessAsked, counts_now, or_current
from datasources.expressions import word, words
from datasources.feature_catalogue import stored_names_of
from datasources.features import SOURCES
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import Many, One
from datasources.scopes import ScopeRow

__all__ = [
    "EntitlementRow",
    "FeaturePolicyRow",
    "account_entitlements",
    "account_feature_policies",
    "entitlements_by_id",
    "entitlements_by_source",
    "entitlements_of_subscription",
    "feature_policies_by_id",
    "policy_of_scope",
]


class EntitlementRow(NamedTuple):
    """That an account has, or has not, a feature from one source."""

    id: str
    account_id: str
    feature_code: str
    source: str
    subscription_id: str | None
    is_enabled: bool
    config: Any
    valid_from_at: datetime
    valid_until_at: datetime | None
    is_current: bool
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    updated_by: str | None


_of = entitlements.c
# Stored as text; PostgreSQL joins what is of one type.
_subscription = case(
    (
        func.pg_input_is_valid(_of.subscription_id, word("uuid")),
        cast(_of.subscription_id, Uuid(as_uuid=False)),
    )
)


def _entitlements() -> Select[Any]:
    return select(
        _of.id,
        _of.account_id,
        _of.feature_code,
        _of.source,
        _subscription.label("subscription_id"),
        func.coalesce(_of.subscription_id, word("")).label("subscription_key"),
        func.array_position(words(SOURCES), _of.source, type_=Integer()).label("strength"),
        _of.is_enabled,
        _of.config,
        _of.valid_from.label("valid_from_at"),
        _of.valid_until.label("valid_until_at"),
        counts_now(entitlements).label("is_current"),
        _of.created_at,
        _of.updated_at,
        _of.created_by,
        _of.updated_by,
    )


def _at_or_below(codes: Any) -> ColumnElement[bool]:
    code = func.unnest(codes).table_valued("value", name="code").render_derived().c.value
    is_below = func.starts_with(_of.feature_code, code + word("."))
    return or_(_of.feature_code == any_(codes), exists().where(is_below))


entitlements_by_id = One(EntitlementRow, _entitlements())
entitlements_by_source = One(
    EntitlementRow,
    _entitlements(),
    key=("account_id", "feature_code", "source", "subscription_key"),
)
"""By account, feature, source and subscription, an empty text for none."""
entitlements_of_subscription = Many(
    EntitlementRow,
    _entitlements(),
    key=("account_id", "subscription_key"),
    order=("feature_code", "id"),
)
"""What a subscription has granted, what counts no longer included."""
account_entitlements = CurrentUnlessAsked(
    EntitlementRow,
    _entitlements(),
    orders={
        "FEATURE": ("feature_code", "strength"),
        "SOURCE": ("strength", "feature_code"),
        "CREATED_AT": ("created_at",),
    },
    default=Sorting("FEATURE"),
    conditions={
        "feature_codes": matching(ARRAY(Text()), _at_or_below, list),
        "sources": any_of(_of.source),
        "is_enabled": equals(_of.is_enabled),
        "include_expired": or_current(entitlements),
    },
)


# --- feature policies ---------------------------------------------------------------------------


class FeaturePolicyRow(NamedTuple):
    """Features switched on or off for a scope."""

    id: str
    account_id: str
    scope_type: str
    scope_id: str
    stored_flags: Any
    notes: str | None
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    updated_by: str | None

    @property
    def scope(self) -> ScopeRow:
        """Scope it is stored for."""
        return ScopeRow(self.scope_type, self.scope_id, self.account_id)

    @property
    def values(self) -> Mapping[str, Any]:
        """The stored switches by name."""
        return self.stored_flags if isinstance(self.stored_flags, dict) else {}


_policy = feature_policies.c
_level = func.upper(_policy.scope_type, type_=Text())


def _policies() -> Select[Any]:
    return select(
        _policy.id,
        _policy.account_id,
        _level.label("scope_type"),
        _policy.scope_id,
        _policy.flags.label("stored_flags"),
        _policy.notes,
        _policy.created_at,
        _policy.updated_at,
        _policy.created_by,
        _policy.updated_by,
    )


def _stored_names(codes: Any) -> list[str]:
    return [name for code in codes for name in stored_names_of(code)]


feature_policies_by_id = One(FeaturePolicyRow, _policies())
policy_of_scope = One(FeaturePolicyRow, _policies(), key=("account_id", "scope_type", "scope_id"))
account_feature_policies = Pages(
    FeaturePolicyRow,
    _policies(),
    orders={"SCOPE": ("scope_type", "scope_id")},
    default=Sorting("SCOPE"),
    conditions={
        "scope_types": any_of(_level),
        "scope_ids": any_of(_policy.scope_id),
        "feature_codes": matching(
            ARRAY(Text()), _policy.flags.op("?|", is_comparison=True), _stored_names
        ),
    },
)
