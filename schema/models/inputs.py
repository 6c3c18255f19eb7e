"""Filters, orders and inputs of models."""

from __future__ import annotations

import strawberry

from schema.base.core import MutationInput, OrderDirection, TenantInput
from schema.base.domain import ModelListMode
from schema.base.fields import absent, given
from schema.base.scalars import DateTime
from schema.base.scopes import ScopeInput, ScopeType
from schema.models.enums import (
    AccountModelOrderField,
    ModelCapability,
    ModelOrderField,
    ModelPolicyMode,
    ModelSource,
)


@strawberry.input(description="Conditions on the catalogue.")
class ModelFilter:
    """Conditions on the catalogue."""

    search: str | None = absent("Text in name or display name, ignoring case.")
    ids: list[strawberry.ID] | None = absent("Only these models.")
    providers: list[str] | None = absent("Only these providers.")
    capabilities: list[ModelCapability] | None = absent("Only these capabilities.")
    sources: list[ModelSource] | None = absent("Only from these sources.")
    is_active: bool | None = absent("Only active or only inactive ones.")


@strawberry.input(description="How to sort models.")
class ModelOrder:
    """How to sort models."""

    field: ModelOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Conditions on models as an account sees them.")
class AccountModelFilter:
    """Conditions on models as an account sees them."""

    search: str | None = absent("Text in name or display name, ignoring case.")
    providers: list[str] | None = absent("Only these providers.")
    capabilities: list[ModelCapability] | None = absent("Only these capabilities.")
    is_granted: bool | None = absent("Only granted, or only other ones.")
    is_selected: bool | None = absent("Only selected, or only other ones.")
    is_available: bool | None = absent("Only available, or only other ones.")


@strawberry.input(description="How to sort account models.")
class AccountModelOrder:
    """How to sort account models."""

    field: AccountModelOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Conditions on providers.")
class ModelProviderFilter:
    """Conditions on providers."""

    search: str | None = absent("Text in code or name, ignoring case.")
    is_active: bool | None = absent("Only active or only inactive ones.")


@strawberry.input(description="Conditions on prices.")
class ResourcePriceFilter:
    """Conditions on prices."""

    resource_types: list[str] | None = absent("Only these resources.")
    at: DateTime | None = absent("Only prices that apply at this moment.")


@strawberry.input(description="Conditions on model policies.")
class ModelPolicyFilter:
    """Conditions on model policies."""

    scope_types: list[ScopeType] | None = absent("Only these levels.")
    scope_ids: list[strawberry.ID] | None = absent("Only these scopes.")
    modes: list[ModelPolicyMode] | None = absent("Only these modes.")


@strawberry.input(description="Input of setModelGrant.")
class SetModelGrantInput(MutationInput):
    """Input of setModelGrant."""

    account_id: strawberry.ID = given("Account to act on.")
    mode: ModelListMode = given("How the list is meant.")
    model_ids: list[strawberry.ID] | None = absent("Models; only for mode LIST.")


@strawberry.input(description="Input of setModelSelection.")
class SetModelSelectionInput(TenantInput):
    """Input of setModelSelection."""

    mode: ModelListMode = given("How the list is meant.")
    model_ids: list[strawberry.ID] | None = absent("Granted models; only for mode LIST.")
    default_model_ids: list[strawberry.ID] | None = absent(
        "Default models, at most one per capability; absent keeps them."
    )


@strawberry.input(description="Input of setModelPolicy.")
class SetModelPolicyInput(TenantInput):
    """Input of setModelPolicy."""

    scope: ScopeInput = given("Scope it is for.")
    mode: ModelPolicyMode = given("What it does.")
    model_ids: list[strawberry.ID] | None = absent(
        "Models available to the account; only for mode ALLOWLIST."
    )
    notes: str | None = absent("Notes for administrators.")


@strawberry.input(description="Input of deleteModelPolicy.")
class DeleteModelPolicyInput(TenantInput):
    """Input of deleteModelPolicy."""

    scope: ScopeInput = given("Scope it is for.")
