"""The mutations of connectors."""

from __future__ import annotations

import strawberry

from resolvers.connectors import policies
from schema.base.fields import mutation
from schema.base.guards import FeatureKey, Role, roles
from schema.connectors import inputs, payloads

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
