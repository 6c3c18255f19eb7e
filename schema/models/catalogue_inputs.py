"""Inputs of what operators do to the catalogue, to providers and to prices."""

from __future__ import annotations

import strawberry

from schema.base.core import MutationInput
from schema.base.domain import AccountFilter, ModelListMode, MoneyInput
from schema.base.fields import absent, given
from schema.base.scalars import JSON, DateTime, Decimal
from schema.models.enums import ModelCapability, ModelLayer


@strawberry.input(
    description="What a model costs. Credits follow from the costs and the platform's factor "
    "unless given."
)
class ModelPricingInput:
    """What a model costs."""

    credits_per_1k_tokens: Decimal | None = absent("Credits for 1,000 tokens, not negative.")
    input_cost_per_million: MoneyInput | None = absent(
        "Provider's price for a million input tokens."
    )
    output_cost_per_million: MoneyInput | None = absent(
        "Provider's price for a million output tokens."
    )


@strawberry.input(description="Input of createModel.")
class CreateModelInput(MutationInput):
    """Input of createModel."""

    name: str = given("Name, unique ignoring case.")
    display_name: str | None = absent("Name to show; the name when absent.")
    provider_id: strawberry.ID | None = absent("Provider.")
    upstream_name: str | None = absent("Name sent to the model router; the name when absent.")
    capability: ModelCapability = given("What it is for.", default=ModelCapability.CHAT)
    content_capabilities: JSON | None = absent("Kinds of content it takes and gives.")
    pricing: ModelPricingInput | None = absent("What it costs.")
    request_defaults: JSON | None = absent("Values added to every request.")
    sort_order: int = given("Place in lists.", default=100)
    is_active: bool = given("Whether accounts may use it.", default=True)
    metadata: JSON | None = absent("Further values.")


@strawberry.input(description="Input of updateModel.")
class UpdateModelInput(MutationInput):
    """Input of updateModel."""

    id: strawberry.ID = given("The entry.")
    name: str | None = absent("Name, unique ignoring case.")
    display_name: str | None = absent("Name to show.")
    provider_id: strawberry.ID | None = absent("Provider; null clears it.")
    upstream_name: str | None = absent("Name sent to the model router.")
    capability: ModelCapability | None = absent("What it is for.")
    content_capabilities: JSON | None = absent("Kinds of content; null clears them.")
    pricing: ModelPricingInput | None = absent("What it costs.")
    request_defaults: JSON | None = absent("Values added to every request; null clears them.")
    sort_order: int | None = absent("Place in lists.")
    is_active: bool | None = absent("Whether accounts may use it.")
    metadata: JSON | None = absent("Further values; null clears them.")


@strawberry.input(description="Input of deleteModel.")
class DeleteModelInput(MutationInput):
    """Input of deleteModel."""

    id: strawberry.ID = given("The entry.")


@strawberry.input(description="Input of importModels.")
class ImportModelsInput(MutationInput):
    """Input of importModels."""

    names: list[str] | None = absent("Only these; everything the router knows when absent.")
    dry_run: bool = given("Answer what would happen and change nothing.", default=False)


@strawberry.input(description="Input of setModelProvider.")
class SetModelProviderInput(MutationInput):
    """Input of setModelProvider."""

    code: str = given("Stable code.")
    name: str | None = absent("Name to show; needed the first time.")
    endpoint_variable: str | None = absent("Server variable that holds its address; null for none.")
    api_key_variable: str | None = absent("Server variable that holds its key; null for none.")
    is_active: bool | None = absent("Whether its models may be used.")


@strawberry.input(description="Input of deleteModelProvider.")
class DeleteModelProviderInput(MutationInput):
    """Input of deleteModelProvider."""

    id: strawberry.ID = given("The provider.")


@strawberry.input(description="Input of createResourcePrice.")
class CreateResourcePriceInput(MutationInput):
    """Input of createResourcePrice."""

    account_id: strawberry.ID | None = absent("Account it applies to; every account when absent.")
    resource_type: str = given("Resource, such as sandbox.")
    unit: str = given("Unit, such as minute.")
    price: MoneyInput = given("Price per unit.")
    description: str | None = absent("What is included.")
    effective_from_at: DateTime | None = absent("Since when it applies; now when absent.")
    effective_to_at: DateTime | None = absent("Until when it applies.")
    idempotency_key: str | None = absent(
        "Repeating the key answers with the first result instead of acting again."
    )


@strawberry.input(description="Input of bulkSetAccountModels.")
class BulkSetAccountModelsInput(MutationInput):
    """Input of bulkSetAccountModels."""

    account_ids: list[strawberry.ID] | None = absent("Only these accounts.")
    filter: AccountFilter | None = absent("Only accounts that meet these conditions.")
    layer: ModelLayer = given("Layer to set.", default=ModelLayer.GRANT)
    mode: ModelListMode = given("How the list is meant.")
    model_ids: list[strawberry.ID] | None = absent("Models; only for mode LIST.")
    dry_run: bool = given("Answer what would happen and change nothing.", default=False)
    idempotency_key: str | None = absent(
        "Repeating the key answers with the first result instead of acting again."
    )
