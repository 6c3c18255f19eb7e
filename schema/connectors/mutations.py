"""The mutations of connectors."""

from __future__ import annotations

import strawberry

from resolvers.connectors import enabling, integrations, policies
from resolvers.writing import Reach
from schema.base.fields import mutation
from schema.base.guards import FeatureKey, Role, roles, super_admin
from schema.connectors import inputs, integration_inputs, payloads

__all__ = ["Mutation"]

_WRITERS = roles(
    Role.ACCOUNT_ADMIN, Role.SERVICE, scopes=["connectors:write"], feature=FeatureKey.CONNECTORS
)


@strawberry.type
class Mutation:
    """Mutations of connectors."""

    set_connector_policy: payloads.SetConnectorPolicyPayload | None = mutation(
        policies.set_policy,
        inputs.SetConnectorPolicyInput,
        "Creates or replaces the permission policy of a scope and type.",
        guard=_WRITERS,
    )
    delete_connector_policy: payloads.DeleteConnectorPolicyPayload | None = mutation(
        policies.remove_policy,
        inputs.DeleteConnectorPolicyInput,
        "Removes the permission policy of a scope and type, which then inherits.",
        guard=_WRITERS,
    )
    set_enabled_integrations: payloads.SetEnabledIntegrationsPayload | None = mutation(
        enabling.set_enabled_integrations,
        integration_inputs.SetEnabledIntegrationsInput,
        "Replaces the account's enabled integrations.",
        guard=_WRITERS,
    )
    create_integration: payloads.CreateIntegrationPayload | None = mutation(
        integrations.create_integration,
        integration_inputs.CreateIntegrationInput,
        "Adds an integration to the catalogue.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
    )
    update_integration: payloads.UpdateIntegrationPayload | None = mutation(
        integrations.update_integration,
        integration_inputs.UpdateIntegrationInput,
        "Changes an integration; switching it off hides it from every account.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
    )
    delete_integration: payloads.DeleteIntegrationPayload | None = mutation(
        integrations.delete_integration,
        integration_inputs.DeleteIntegrationInput,
        "Removes an inactive integration from the catalogue and from every account's list.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
    )
