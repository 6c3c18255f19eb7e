"""The mutations of models: operators write the catalogue, administrators choose from it."""

from __future__ import annotations

import strawberry

from resolvers.models import bulk, entries, importing, prices, providers, writes
from resolvers.writing import Reach
from schema.base.fields import mutation
from schema.base.guards import FeatureKey, Role, roles, super_admin
from schema.models import catalogue_inputs, inputs, payloads

__all__ = ["Mutation"]

_WRITERS = roles(
    Role.ACCOUNT_ADMIN,
    Role.SERVICE,
    scopes=["models:write"],
    feature=FeatureKey.MODEL_MANAGEMENT,
)


@strawberry.type
class Mutation:
    """Mutations of models."""

    create_model: payloads.CreateModelPayload | None = mutation(
        entries.create_model,
        catalogue_inputs.CreateModelInput,
        "Adds a model to the catalogue.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
    )
    update_model: payloads.UpdateModelPayload | None = mutation(
        entries.update_model,
        catalogue_inputs.UpdateModelInput,
        "Changes a model. A new name is carried into every list and policy that uses the old one.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
    )
    delete_model: payloads.DeleteModelPayload | None = mutation(
        entries.delete_model,
        catalogue_inputs.DeleteModelInput,
        "Removes an inactive model that no list, policy or default names.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
    )
    import_models: payloads.ImportModelsPayload | None = mutation(
        importing.import_models,
        catalogue_inputs.ImportModelsInput,
        "Adds models the router knows; names already in the catalogue or unknown to the router "
        "are reported.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
    )
    set_model_provider: payloads.SetModelProviderPayload | None = mutation(
        providers.set_model_provider,
        catalogue_inputs.SetModelProviderInput,
        "Creates or changes a provider, by its code. Variables must be on the server's list of "
        "allowed names.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
    )
    delete_model_provider: payloads.DeleteModelProviderPayload | None = mutation(
        providers.delete_model_provider,
        catalogue_inputs.DeleteModelProviderInput,
        "Removes a provider no model names.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
    )
    create_resource_price: payloads.CreateResourcePricePayload | None = mutation(
        prices.create_resource_price,
        catalogue_inputs.CreateResourcePriceInput,
        "Adds a price; the price before it ends where this one begins.",
        guard=super_admin(),
        reach=Reach.ACCOUNT_OR_PLATFORM,
    )
    bulk_set_account_models: payloads.BulkSetAccountModelsPayload | None = mutation(
        bulk.bulk_set_account_models,
        catalogue_inputs.BulkSetAccountModelsInput,
        "Sets one layer of model access for many accounts; accounts it does not fit are skipped "
        "with a reason.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
        keeps_dry_runs=True,
    )
    set_model_grant: payloads.SetModelGrantPayload | None = mutation(
        writes.set_model_grant,
        inputs.SetModelGrantInput,
        "Sets which models an account may use. Its selection and policies are kept and narrowed "
        "by it.",
        guard=super_admin(),
    )
    set_model_selection: payloads.SetModelSelectionPayload | None = mutation(
        writes.set_model_selection,
        inputs.SetModelSelectionInput,
        "Sets which granted models an account offers.",
        guard=_WRITERS,
    )
    set_model_policy: payloads.SetModelPolicyPayload | None = mutation(
        writes.set_model_policy,
        inputs.SetModelPolicyInput,
        "Creates or replaces the model policy of a scope.",
        guard=_WRITERS,
    )
    delete_model_policy: payloads.DeleteModelPolicyPayload | None = mutation(
        writes.remove_model_policy,
        inputs.DeleteModelPolicyInput,
        "Removes the model policy of a scope, which then inherits.",
        guard=_WRITERS,
    )
