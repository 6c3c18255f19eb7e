"""Filters, orders and inputs of integrations."""

from __future__ import annotations

import strawberry

from schema.base.core import MutationInput, OrderDirection, TenantInput
from schema.base.fields import absent, given
from schema.base.scalars import JSON
from schema.connectors.enums import IntegrationOrderField

__all__ = [
    "AccountIntegrationFilter",
    "CreateIntegrationInput",
    "DeleteIntegrationInput",
    "IntegrationFilter",
    "IntegrationOrder",
    "SetEnabledIntegrationsInput",
    "UpdateIntegrationInput",
]


@strawberry.input(description="Conditions on integrations as an account sees them.")
class AccountIntegrationFilter:
    """Conditions on integrations as an account sees them."""

    search: str | None = absent("Text in name, key or description, ignoring case.")
    is_enabled: bool | None = absent("Only enabled or only other ones.")


@strawberry.input(description="Conditions on the catalogue of integrations.")
class IntegrationFilter:
    """Conditions on the catalogue of integrations."""

    search: str | None = absent("Text in name, key or description, ignoring case.")
    providers: list[str] | None = absent("Only these providers.")
    is_active: bool | None = absent("Only active or only inactive ones.")


@strawberry.input(description="How to sort integrations.")
class IntegrationOrder:
    """How to sort integrations."""

    field: IntegrationOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Input of setEnabledIntegrations.")
class SetEnabledIntegrationsInput(TenantInput):
    """Input of setEnabledIntegrations."""

    integration_ids: list[strawberry.ID] = given("Active integrations; none when empty.")


@strawberry.input(description="Input of createIntegration.")
class CreateIntegrationInput(MutationInput):
    """Input of createIntegration."""

    key: str = given("Unique key, ignoring case.")
    provider: str = given("Provider.", default="composio")
    name: str = given("Name.")
    description: str | None = absent("What it does.")
    toolkit: str | None = absent("The provider's toolkit.")
    auth_config_id: str | None = absent("The provider's authorisation settings.")
    icon: str | None = absent("Icon name or address.")
    color: str | None = absent("Colour.")
    is_active: bool = given("Whether accounts may enable it.", default=True)
    metadata: JSON | None = absent("Further values.")


@strawberry.input(description="Input of updateIntegration.")
class UpdateIntegrationInput(MutationInput):
    """Input of updateIntegration."""

    id: strawberry.ID = given("The entry.")
    key: str | None = absent("Unique key, ignoring case.")
    provider: str | None = absent("Provider.")
    name: str | None = absent("Name.")
    description: str | None = absent("What it does; null clears it.")
    toolkit: str | None = absent("The provider's toolkit; null clears it.")
    auth_config_id: str | None = absent("The provider's authorisation settings; null clears them.")
    icon: str | None = absent("Icon name or address; null clears it.")
    color: str | None = absent("Colour; null clears it.")
    is_active: bool | None = absent("Whether accounts may enable it.")
    metadata: JSON | None = absent("Further values; null clears them.")


@strawberry.input(description="Input of deleteIntegration.")
class DeleteIntegrationInput(MutationInput):
    """Input of deleteIntegration."""

    id: strawberry.ID = given("The entry.")
