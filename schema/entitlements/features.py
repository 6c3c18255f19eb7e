"""The feature catalogue."""

from __future__ import annotations

from typing import Annotated

import strawberry

from datasources.feature_catalogue import FeatureRow, features_below, features_by_code
from schema.base.core import (
    Actor,
    Authored,
    MutationInput,
    Node,
    OrderDirection,
    Timestamped,
    author,
)
from schema.base.fields import absent, column, given, many, one
from schema.base.guards import FeatureKey, Role, roles, super_admin
from schema.base.modules import entity
from schema.base.scalars import JSON
from schema.entitlements.enums import FeatureLevel, FeatureOrderField

__all__ = [
    "CreateFeatureInput",
    "DeleteFeatureInput",
    "Feature",
    "FeatureFilter",
    "FeatureOrder",
    "UpdateFeatureInput",
]

_READERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE)


@entity(
    FeatureRow,
    features_by_code,
    "An entry of the feature catalogue: module, feature or part of a feature.",
)
class Feature(Node, Timestamped, Authored):
    """An entry of the feature catalogue."""

    code: str = column("Stable code, unique; codes below another start with its code.", of="id")
    key: FeatureKey | None = column("Key of a feature the platform itself knows; null for others.")
    level: FeatureLevel = column("Level.")
    parent: Annotated[Feature, strawberry.lazy("schema.entitlements.features")] | None = one(
        features_by_code, "Entry above it; null for modules.", by="parent_code"
    )
    children: list[Annotated[Feature, strawberry.lazy("schema.entitlements.features")]] = many(
        features_below, "Active entries below it, in display order.", by="id"
    )
    name: str = column("Name.")
    description: str | None = column("What it is; null for none.")
    category: str | None = column("Free category; null for none.")
    is_enabled_by_default: bool = column("Whether accounts have it without an entitlement.")
    default_config: JSON | None = column("Configuration before any entitlement.", guard=_READERS)
    plan_config: JSON | None = column(
        "Configuration per plan code; null for none.", guard=super_admin()
    )
    display_order: int = column("Place among its siblings.")
    is_active: bool = column("Whether it exists for accounts.")
    created_by: Actor | None = author(
        "created_by", "Who created it; null when not recorded.", guard=_READERS
    )
    updated_by: Actor | None = author(
        "updated_by", "Who changed it last; null when not recorded.", guard=_READERS
    )


@strawberry.input(description="Conditions on features.")
class FeatureFilter:
    """Conditions on features."""

    search: str | None = absent("Text in code, name or description, ignoring case.")
    levels: list[FeatureLevel] | None = absent("Only these levels.")
    parent_code: str | None = absent("Only entries directly below this one.")
    categories: list[str] | None = absent("Only these categories.")
    is_active: bool | None = absent("Only active or only inactive ones.")


@strawberry.input(description="How to sort features.")
class FeatureOrder:
    """How to sort features."""

    field: FeatureOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Input of createFeature.")
class CreateFeatureInput(MutationInput):
    """Input of createFeature."""

    code: str = given("Stable code, unique.")
    level: FeatureLevel = given("Level.")
    parent_code: str | None = absent("Entry above it; needed unless it is a module.")
    name: str = given("Name.")
    description: str | None = absent("What it is.")
    category: str | None = absent("Free category.")
    is_enabled_by_default: bool = given(
        "Whether accounts have it without an entitlement.", default=False
    )
    default_config: JSON | None = absent("Configuration before any entitlement.")
    plan_config: JSON | None = absent("Configuration per plan code.")
    display_order: int = given("Place among its siblings.", default=0)
    is_active: bool = given("Whether it exists for accounts.", default=True)


@strawberry.input(description="Input of updateFeature.")
class UpdateFeatureInput(MutationInput):
    """Input of updateFeature."""

    code: str = given("Code of the entry.")
    name: str | None = absent("Name.")
    description: str | None = absent("What it is; null clears it.")
    category: str | None = absent("Free category; null clears it.")
    is_enabled_by_default: bool | None = absent("Whether accounts have it without an entitlement.")
    default_config: JSON | None = absent("Configuration before any entitlement.")
    plan_config: JSON | None = absent("Configuration per plan code; null clears it.")
    display_order: int | None = absent("Place among its siblings.")
    is_active: bool | None = absent(
        "Whether it exists for accounts; switching off takes what is below it along."
    )


@strawberry.input(description="Input of deleteFeature.")
class DeleteFeatureInput(MutationInput):
    """Input of deleteFeature."""

    code: str = given("Code of the entry.")
