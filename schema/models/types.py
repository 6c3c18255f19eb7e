"""The catalogue, how an account's models are chosen, and what a scope may use of them."""

from __future__ import annotations

from decimal import Decimal as PythonDecimal
from typing import NamedTuple

import strawberry

from datasources.access import AccessRow, accesses_by_id
from datasources.models import catalogue, layers
from datasources.models.catalogue import ModelRow
from datasources.models.layers import PolicyRow
from datasources.references import AccountRef, reachable_accounts
from resolvers.base import RequestContext
from resolvers.models import reads as resolve
from resolvers.models.effective import EffectiveModelsRow
from resolvers.models.reads import SelectionRow
from schema.base.core import AccountScoped, Actor, Authored, Connection, Node, Timestamped, author
from schema.base.descriptions import ACCOUNT, EFFECTIVE_ACCESS, MODEL
from schema.base.domain import ModelListMode, Money, MoneyRow
from schema.base.fields import argument, column, computed, page
from schema.base.guards import Role, roles, super_admin
from schema.base.modules import entity, record
from schema.base.roots import PlatformRow
from schema.base.scalars import DateTime, Decimal
from schema.base.scopes import Resolution, Scope
from schema.models.enums import ModelCapability, ModelPolicyMode, ModelSource
from schema.models.inputs import ModelFilter, ModelOrder, ModelPolicyFilter

__all__ = ["Account", "EffectiveAccess", "EffectiveModels", "Model", "ModelPolicy", "Platform"]

_READERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE)
_MODELS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE, scopes=["models:read"])


class PricingRow(NamedTuple):
    """What a model costs."""

    credits_per_1k_tokens: PythonDecimal
    input_credits_per_1k_tokens: PythonDecimal | None
    output_credits_per_1k_tokens: PythonDecimal | None
    input_cost_per_million: MoneyRow | None
    output_cost_per_million: MoneyRow | None


def _pricing(_context: RequestContext, row: ModelRow) -> PricingRow:
    costs = [row.price(f"{way}_cost_per_million_usd") for way in ("input", "output")]
    return PricingRow(
        row.credits_per_1k_tokens,
        row.price("input_credits_per_1k_tokens"),
        row.price("output_credits_per_1k_tokens"),
        *[None if cost is None else MoneyRow(cost) for cost in costs],
    )


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
    input_cost_per_million: Money | None = column(
        "Provider's price for a million input tokens; null when not recorded.",
        guard=_READERS,
    )
    output_cost_per_million: Money | None = column(
        "Provider's price for a million output tokens; null when not recorded.",
        guard=_READERS,
    )


@entity(ModelRow, catalogue.models_by_id, MODEL)
class Model(Node, Timestamped):
    """A model of the platform's catalogue."""

    name: str = column("Name used everywhere else; unique ignoring case.")
    display_name: str = column("Name to show.")
    provider_name: str | None = column("The provider's name; null when not recorded.")
    source: ModelSource | None = column("How it came into the catalogue.", guard=_READERS)
    upstream_name: str | None = column("Name sent to the model router.", guard=super_admin())
    capability: ModelCapability = column("What it is for.")
    pricing: ModelPricing = computed(_pricing, "Price before an account's own factor.")
    sort_order: int = column("Place in lists; smaller comes first.")
    is_active: bool = column("Whether accounts may use it.")


@record(SelectionRow, "How an account's models are chosen.", guard=_READERS)
class ModelSelection(AccountScoped):
    """How an account's models are chosen."""

    grant_mode: ModelListMode = column("How the grant is meant.")
    granted_count: int = column("Active models granted.")
    mode: ModelListMode = column("How the selection is meant.")
    selected_count: int = column("Active models selected.")
    available_count: int = column("Active models both granted and selected.")
    default_models: list[Model] = column("Default models, at most one per capability.")
    missing_names: list[str] = column(
        "Listed models that are no longer active in the catalogue; they allow nothing."
    )
    updated_at: DateTime | None = column("When it last changed; null when never.")
    updated_by: Actor | None = author("updated_by", "Who changed it last; null when not recorded.")


@entity(
    PolicyRow,
    layers.policies_by_id,
    "What a scope does to the models left by broader scopes.",
    guard=_READERS,
)
class ModelPolicy(Node, AccountScoped, Timestamped, Authored):
    """What a scope does to the models left by broader scopes."""

    scope: Scope = column("Scope it is stored for.")
    mode: ModelPolicyMode = column("What it does.")
    models: list[Model] = computed(
        resolve.policy_models, "Listed models; empty unless mode is ALLOWLIST."
    )
    missing_names: list[str] = computed(
        resolve.missing_names, "Listed models that are no longer active in the catalogue."
    )
    notes: str | None = column("Notes for administrators; null for none.")


@record(EffectiveModelsRow, "Models a scope may use.")
class EffectiveModels:
    """Models a scope may use."""

    is_enabled: bool = column("Whether the scope may use models at all.")
    models: list[Model] = column("The models, in catalogue order; empty when not enabled.")
    is_allowed: bool = computed(
        resolve.is_allowed,
        "Whether one model may be used.",
        arguments=[argument("name", str, "Name of the model, exactly as in the catalogue.")],
    )
    resolution: Resolution = column("Why: grant, selection, then policies from broad to specific.")


@entity(AccessRow, accesses_by_id, EFFECTIVE_ACCESS)
class EffectiveAccess:
    """What a scope may use, as far as models go."""

    id: strawberry.ID = column("Opaque id that stands for account and scope.")
    models: EffectiveModels = computed(resolve.effective, "Models the scope may use.")


@entity(AccountRef, reachable_accounts, ACCOUNT)
class Account:
    """A tenant, as far as its models go."""

    id: strawberry.ID = column("Stored identifier.")
    model_selection: ModelSelection | None = computed(
        resolve.selection, "How the account's models are chosen.", guard=_MODELS
    )
    model_policies: Connection[ModelPolicy] | None = page(
        layers.account_policies,
        "Model policies of all scopes.",
        by="id",
        filter=ModelPolicyFilter,
        guard=_MODELS,
    )


def _model(context: RequestContext, _row: PlatformRow, id: str) -> object:
    return context.load(catalogue.models_by_id, id)


@record(
    PlatformRow,
    "What is global. Only super admins reach it; lists over all accounts name the account of "
    "every row.",
    shareable=True,
)
class Platform:
    """What is global, as far as models go."""

    models: Connection[Model] | None = page(
        catalogue.all_models,
        "The whole catalogue.",
        filter=ModelFilter,
        order=ModelOrder,
        order_default="in catalogue order",
    )
    model: Model | None = computed(
        _model,
        "One entry of the catalogue; null when there is none.",
        arguments=[argument("id", strawberry.ID, "Id of the entry.")],
    )
