"""Models of the platform's catalogue, their providers, and what they and other resources cost."""

from __future__ import annotations

from collections.abc import Callable

from datasources.models import catalogue, prices, providers
from datasources.models.prices import PriceRow
from datasources.models.providers import ProviderRow
from datasources.models.rows import ModelRow
from resolvers.models import pricing as priced
from resolvers.models.pricing import PricingRow
from schema.base.core import Actor, Authored, Node, PlatformOrAccountScoped, Timestamped, author
from schema.base.descriptions import MODEL
from schema.base.domain import Money, MoneyRow
from schema.base.fields import column, computed, one
from schema.base.guards import Role, roles, super_admin
from schema.base.modules import entity, record
from schema.base.scalars import JSON, DateTime, Decimal
from schema.models.enums import ModelCapability, ModelSource

__all__ = ["READERS", "Model", "ModelPricing", "ModelProvider", "ResourcePrice"]

READERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE)


def _cost(name: str) -> Callable[..., MoneyRow | None]:
    def money(_context: object, row: PricingRow) -> MoneyRow | None:
        amount = getattr(row, name)
        return None if amount is None else MoneyRow(amount)

    return money


@record(PricingRow, "What a model costs.")
class ModelPricing:
    """What a model costs."""

    credits_per_1k_tokens: Decimal = column("Credits for 1,000 tokens, input and output averaged.")
    input_credits_per_1k_tokens: Decimal | None = column(
        "Credits for 1,000 input tokens; null when not recorded.",
    )
    output_credits_per_1k_tokens: Decimal | None = column(
        "Credits for 1,000 output tokens; null when not recorded.",
    )
    input_cost_per_million: Money | None = computed(
        _cost("input_cost_per_million"),
        "Provider's price for a million input tokens; null when not recorded.",
        guard=READERS,
    )
    output_cost_per_million: Money | None = computed(
        _cost("output_cost_per_million"),
        "Provider's price for a million output tokens; null when not recorded.",
        guard=READERS,
    )


@entity(ProviderRow, providers.providers_by_id, "A provider of models.", guard=super_admin())
class ModelProvider(Node, Timestamped):
    """A provider of models."""

    code: str = column("Stable code.")
    name: str = column("Name to show.")
    endpoint_variable: str | None = column("Server variable that holds its address; null for none.")
    api_key_variable: str | None = column("Server variable that holds its key; null for none.")
    is_active: bool = column("Whether its models may be used.")
    model_count: int = column("Models of the catalogue it provides.")


@entity(ModelRow, catalogue.models_by_id, MODEL)
class Model(Node, Timestamped, Authored):
    """A model of the platform's catalogue."""

    name: str = column("Name used everywhere else; unique ignoring case.")
    display_name: str = column("Name to show.")
    provider: ModelProvider | None = one(
        providers.providers_by_code,
        "Provider; null when not recorded.",
        by="provider_code",
        guard=super_admin(),
    )
    provider_name: str | None = column("The provider's name; null when not recorded.")
    source: ModelSource | None = column("How it came into the catalogue.", guard=READERS)
    upstream_name: str | None = column("Name sent to the model router.", guard=super_admin())
    capability: ModelCapability = column("What it is for.")
    content_capabilities: JSON | None = column(
        "Kinds of content it takes and gives; null when not recorded."
    )
    pricing: ModelPricing = computed(
        priced.catalogue_price,
        "Price before an account's own factor.",
        needs=("credits_per_1k_tokens", "document"),
    )
    request_defaults: JSON | None = column(
        "Values added to every request; null for none.", guard=super_admin()
    )
    sort_order: int = column("Place in lists; smaller comes first.")
    is_active: bool = column("Whether accounts may use it.")
    metadata: JSON | None = column("Further values; null for none.", guard=super_admin())
    created_by: Actor | None = author(
        "created_by", "Who created it; null when not recorded.", guard=READERS
    )
    updated_by: Actor | None = author(
        "updated_by", "Who changed it last; null when not recorded.", guard=READERS
    )


def _money(_context: object, row: PriceRow) -> MoneyRow:
    return MoneyRow(row.amount, row.currency)


@entity(
    PriceRow,
    prices.prices_by_id,
    "What a resource other than a model costs.",
    guard=READERS,
)
class ResourcePrice(Node, PlatformOrAccountScoped):
    """What a resource other than a model costs."""

    resource_type: str = column("Resource, such as sandbox.")
    unit: str = column("Unit, such as minute.")
    price: Money = computed(_money, "Price per unit.", needs=("amount", "currency"))
    description: str | None = column("What is included; null for none.")
    effective_from_at: DateTime = column("Since when it applies.")
    effective_to_at: DateTime | None = column("Until when it applies; null for open end.")
