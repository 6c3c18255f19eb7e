"""Overrides: exceptions that super admins make for a scope."""

from __future__ import annotations

from typing import Any

from datasources.entitlements import overrides
from datasources.entitlements.overrides import OverrideRow
from datasources.feature_catalogue import features_by_code
from schema.base.core import AccountScoped, Authored, Node, Timestamped
from schema.base.fields import column, one, page
from schema.base.guards import Role, roles
from schema.base.modules import entity
from schema.base.scalars import JSON, DateTime
from schema.base.scopes import Scope
from schema.entitlements.enums import OverrideEffect
from schema.entitlements.features import Feature
from schema.entitlements.override_inputs import AccessOverrideFilter

__all__ = ["AccessOverride", "overrides_of_account"]


@entity(
    OverrideRow,
    overrides.overrides_by_id,
    "An exception for a scope. Overrides only narrow, except that CONFIGURE may change values.",
    guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE),
)
class AccessOverride(Node, AccountScoped, Timestamped, Authored):
    """An exception for a scope."""

    scope: Scope = column("Scope it is for.")
    feature: Feature = one(features_by_code, "Feature it is about.", by="feature_code")
    effect: OverrideEffect = column("What it does.")
    disabled_items: list[str] = column("Codes of the parts switched off; only for RESTRICT.")
    config: JSON | None = column("Values it sets; only for CONFIGURE.")
    reason: str = column("Why.")
    valid_from_at: DateTime = column("Since when it counts.")
    valid_until_at: DateTime | None = column("Until when it counts; null for open end.")
    is_current: bool = column("Whether it counts now.")


def overrides_of_account() -> Any:
    """The field `Account.overrides`."""
    return page(
        overrides.account_overrides,
        "Exceptions set by super admins.",
        by="id",
        filter=AccessOverrideFilter,
        order_default="latest first",
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE, scopes=["governance:read"]),
    )
