"""Overrides as they are stored: reading them by id and as lists, writing them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import DateTime, Text, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from auth.caller import Caller
from datasources.access_tables import access_overrides
from datasources.base import TENANT, Database, Statement, in_account, is_uuid, tenant_values
from datasources.conditions import any_of
from datasources.entitlements.validity import CurrentUnlessAsked, counts_now, or_current
from datasources.paging import Sorting
from datasources.reads import One
from datasources.scopes import ScopeRow

__all__ = [
    "NewOverride",
    "OverrideRow",
    "account_overrides",
    "all_overrides",
    "delete_override",
    "override_of_scope",
    "overrides_by_id",
    "put_override",
]


class OverrideRow(NamedTuple):
    """An exception for a scope."""

    id: str
    account_id: str
    scope_type: str
    scope_id: str
    feature_code: str
    effect: str
    disabled_items: list[str]
    config: Any
    reason: str
    valid_from_at: datetime
    valid_until_at: datetime | None
    is_current: bool
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    updated_by: str | None

    @property
    def scope(self) -> ScopeRow:
        """Scope it is for."""
        return ScopeRow(self.scope_type, self.scope_id, self.account_id)


_of = access_overrides.c
_SOURCE = select(
    _of.id,
    _of.account_id,
    _of.scope_type,
    _of.scope_id,
    _of.feature_code,
    _of.effect,
    _of.disabled_items,
    _of.config,
    _of.reason,
    _of.valid_from.label("valid_from_at"),
    _of.valid_until.label("valid_until_at"),
    counts_now(access_overrides).label("is_current"),
    _of.created_at,
    _of.updated_at,
    _of.created_by,
    _of.updated_by,
)
_LIST: dict[str, Any] = {
    "orders": {"VALID_FROM": ("valid_from_at",)},
    "default": Sorting("VALID_FROM", descending=True),
    "conditions": {
        "feature_codes": any_of(_of.feature_code),
        "scope_types": any_of(_of.scope_type),
        "scope_ids": any_of(_of.scope_id),
        "effects": any_of(_of.effect),
        "include_expired": or_current(access_overrides),
    },
}

overrides_by_id = One(OverrideRow, _SOURCE)
override_of_scope = One(
    OverrideRow, _SOURCE, key=("account_id", "scope_type", "scope_id", "feature_code")
)
account_overrides = CurrentUnlessAsked(OverrideRow, _SOURCE, **_LIST)
all_overrides = CurrentUnlessAsked(OverrideRow, _SOURCE, parent=None, **_LIST)
"""The overrides of every account the caller reaches."""


class NewOverride(NamedTuple):
    """An override to store; found again by scope and feature."""

    scope_type: str
    scope_id: str
    feature_code: str
    effect: str
    disabled_items: list[str]
    config: Mapping[str, Any] | None
    reason: str
    valid_from: datetime | None
    """None for now."""
    valid_until: datetime | None


def _text(name: str) -> Any:
    return bindparam(name, type_=Text())


def _moment(name: str) -> Any:
    return bindparam(name, type_=DateTime(timezone=True))


_author = _text("author")
_KEY = {name: _text(name) for name in ("scope_type", "scope_id", "feature_code")}
_VALUES = {
    "effect": _text("effect"),
    "disabled_items": bindparam("disabled_items", type_=ARRAY(Text())),
    "config": bindparam("config", type_=JSONB(none_as_null=True)),
    "reason": _text("reason"),
    "valid_from": func.coalesce(_moment("valid_from"), func.now()),
    "valid_until": _moment("valid_until"),
    "updated_by": _author,
}
_PUT = Statement(
    insert(access_overrides)
    .values(account_id=_text(TENANT), created_by=_author, **_KEY, **_VALUES)
    .on_conflict_do_update(
        index_elements=["account_id", *_KEY], set_={**_VALUES, "updated_at": func.now()}
    )
)
_DELETE = Statement(
    delete(access_overrides).where(
        in_account(access_overrides), _of.id == bindparam("row_id", type_=_of.id.type)
    )
)


async def put_override(database: Database, caller: Caller, override: NewOverride) -> None:
    """Store an override, replacing the one of the same scope and feature."""
    await database.execute(_PUT, author=caller.id, **override._asdict(), **tenant_values(caller))


async def delete_override(database: Database, caller: Caller, id: str) -> None:
    """Remove an override."""
    if is_uuid(id):
        await database.execute(_DELETE, row_id=id, **tenant_values(caller))
