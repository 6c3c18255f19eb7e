"""The feature catalogue."""

from __future__ import annotations

from typing import Annotated

import strawberry

from datasources.features import FeatureRow, features_by_code
from resolvers.base import RequestContext
from resolvers.entitlements import access
from schema.base.core import Node, OrderDirection
from schema.base.fields import absent, column, computed, given, one
from schema.base.guards import FeatureKey, Role, roles
from schema.base.modules import entity
from schema.base.scalars import JSON
from schema.entitlements.enums import FeatureLevel, FeatureOrderField

__all__ = ["Feature", "FeatureFilter", "FeatureOrder"]

_READERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE)


def _default_config(_context: RequestContext, _row: FeatureRow) -> dict[str, object]:
    return {}


def _true(_context: RequestContext, _row: FeatureRow) -> bool:
    return True


@entity(
    FeatureRow,
    features_by_code,
    "An entry of the feature catalogue: module, feature or part of a feature.",
)
class Feature(Node):
    """An entry of the feature catalogue."""

    code: str = column("Stable code, unique; codes below another start with its code.", of="id")
    key: FeatureKey | None = column("Key of a feature the platform itself knows; null for others.")
    level: FeatureLevel = column("Level.")
    parent: Annotated[Feature, strawberry.lazy("schema.entitlements.features")] | None = one(
        features_by_code, "Entry above it; null for modules.", by="parent_code"
    )
    children: list[Annotated[Feature, strawberry.lazy("schema.entitlements.features")]] = computed(
        access.children, "Active entries below it, in display order."
    )
    name: str = column("Name.")
    description: str | None = column("What it is; null for none.")
    is_enabled_by_default: bool = computed(
        _true, "Whether accounts have it without an entitlement."
    )
    default_config: JSON | None = computed(
        _default_config, "Configuration before any entitlement.", guard=_READERS
    )
    display_order: int = column("Place among its siblings.")
    is_active: bool = computed(_true, "Whether it exists for accounts.")


@strawberry.input(description="Conditions on features.")
class FeatureFilter:
    """Conditions on features."""

    search: str | None = absent("Text in code, name or description, ignoring case.")
    levels: list[FeatureLevel] | None = absent("Only these levels.")
    parent_code: str | None = absent("Only entries directly below this one.")
    is_active: bool | None = absent("Only active or only inactive ones.")


@strawberry.input(description="How to sort features.")
class FeatureOrder:
    """How to sort features."""

    field: FeatureOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)
