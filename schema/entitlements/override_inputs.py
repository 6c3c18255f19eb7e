"""Filters and inputs of overrides."""

from __future__ import annotations

import strawberry

from schema.base.fields import absent, given
from schema.base.scalars import JSON, DateTime
from schema.base.scopes import ScopeInput, ScopeType
from schema.entitlements.enums import OverrideEffect
from schema.entitlements.inputs import OnAccount

__all__ = ["AccessOverrideFilter", "DeleteAccessOverrideInput", "SetAccessOverrideInput"]


@strawberry.input(description="Conditions on overrides.")
class AccessOverrideFilter:
    """Conditions on overrides."""

    feature_codes: list[str] | None = absent("Only about these features.")
    scope_types: list[ScopeType] | None = absent("Only these levels.")
    scope_ids: list[strawberry.ID] | None = absent("Only these scopes.")
    effects: list[OverrideEffect] | None = absent("Only these effects.")
    include_expired: bool = given("Add those that no longer, or not yet, count.", default=False)


@strawberry.input(description="Input of setAccessOverride.")
class SetAccessOverrideInput(OnAccount):
    """Input of setAccessOverride."""

    scope: ScopeInput = given("Scope it is for.")
    feature_code: str = given("Feature it is about.")
    effect: OverrideEffect = given("What it does.")
    disabled_items: list[str] | None = absent(
        "Codes of the parts to switch off; only for RESTRICT."
    )
    config: JSON | None = absent("Values to set; only for CONFIGURE.")
    reason: str = given("Why.")
    valid_from_at: DateTime | None = absent("Since when it counts; now when absent.")
    valid_until_at: DateTime | None = absent("Until when it counts.")


@strawberry.input(description="Input of deleteAccessOverride.")
class DeleteAccessOverrideInput(OnAccount):
    """Input of deleteAccessOverride."""

    id: strawberry.ID = given("The override.")
