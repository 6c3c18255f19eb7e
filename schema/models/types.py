"""The catalogue, how an account's models are chosen, and what a scope may use of them."""

from __future__ import annotations

import strawberry

from datasources.access import AccessRow, accesses_by_id
from datasources.models import catalogue, policies, prices, providers
from datasources.models.offers import account_models
from datasources.models.policies import PolicyRow
from datasources.models.rows import AccountModelRow
from datasources.references import AccountRef, reachable_accounts
from resolvers.base import RequestContext
from resolvers.models import reads as resolve
from resolvers.models.effective import EffectiveModelsRow
from resolvers.models.pricing import account_price
from resolvers.models.reads import SelectionRow
from schema.base.core import AccountScoped, Actor, Authored, Connection, Node, Timestamped, author
from schema.base.descriptions import ACCOUNT, EFFECTIVE_ACCESS, PLATFORM
from schema.base.domain import ModelListMode
from schema.base.fields import argument, column, computed, one, page
from schema.base.guards import Role, roles
from schema.base.modules import entity, record
from schema.base.roots import PlatformRow
from schema.base.scalars import DateTime
from schema.base.scopes import Resolution, Scope
from schema.models.catalogue import READERS, Model, ModelPricing, ModelProvider, ResourcePrice
from schema.models.enums import ModelPolicyMode
from schema.models.inputs import (
    AccountModelFilter,
    AccountModelOrder,
    ModelFilter,
    ModelOrder,
    ModelPolicyFilter,
    ModelProviderFilter,
    ResourcePriceFilter,
)

__all__ = [
    "Account",
    "AccountModel",
    "EffectiveAccess",
    "EffectiveModels",
    "ModelPolicy",
    "ModelSelection",
    "Platform",
]

_MODELS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE, scopes=["models:read"])


@record(AccountModelRow, "A model as one account sees it.", guard=READERS)
class AccountModel(AccountScoped):
    """A model as one account sees it."""

    model: Model = one(catalogue.models_by_id, "Catalogue entry.", by="model_id")
    is_granted: bool = column("Whether the super admin grants it.")
    is_selected: bool = column("Whether the account's administrator selected it.")
    is_available: bool = column("Both; policies may still narrow it for a scope.")
    is_default: bool = column("Whether it is the account's default for its capability.")
    pricing: ModelPricing = computed(
        account_price,
        "Price with the account's own factor.",
        needs=("credits_per_1k_tokens", "document", "credit_factor"),
    )


@record(SelectionRow, "How an account's models are chosen.", guard=READERS)
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
    policies.policies_by_id,
    "What a scope does to the models left by broader scopes.",
    guard=READERS,
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
    models: Connection[AccountModel] | None = page(
        account_models,
        "The active catalogue as the account sees it.",
        by="id",
        filter=AccountModelFilter,
        order=AccountModelOrder,
        order_default="in catalogue order",
        guard=_MODELS,
    )
    resource_prices: Connection[ResourcePrice] | None = page(
        prices.account_prices,
        "Prices of sandboxes and other resources that apply to the account.",
        by="id",
        filter=ResourcePriceFilter,
        guard=_MODELS,
    )
    model_policies: Connection[ModelPolicy] | None = page(
        policies.account_policies,
        "Model policies of all scopes.",
        by="id",
        filter=ModelPolicyFilter,
        guard=_MODELS,
    )


def _model(context: RequestContext, _row: PlatformRow, id: str) -> object:
    return context.load(catalogue.models_by_id, id)


@record(
    PlatformRow,
    PLATFORM,
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
    model_providers: Connection[ModelProvider] | None = page(
        providers.all_providers, "Providers of models.", filter=ModelProviderFilter
    )
    router_model_names: list[str] | None = computed(
        resolve.router_model_names, "Names the model router knows and the catalogue lacks."
    )
    resource_prices: Connection[ResourcePrice] | None = page(
        prices.all_prices,
        "Prices of sandboxes and other resources.",
        filter=ResourcePriceFilter,
    )
