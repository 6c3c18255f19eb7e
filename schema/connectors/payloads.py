"""What mutations of connectors answer."""

from __future__ import annotations

import strawberry

from schema.base.core import MutationPayload
from schema.base.fields import outcome
from schema.connectors.integrations import AccountIntegration, Integration
from schema.connectors.types import ConnectorPolicy

__all__ = [
    "CreateIntegrationPayload",
    "DeleteConnectorPolicyPayload",
    "DeleteIntegrationPayload",
    "SetConnectorPolicyPayload",
    "SetEnabledIntegrationsPayload",
    "UpdateIntegrationPayload",
]


@strawberry.type(description="Answer of setConnectorPolicy.")
class SetConnectorPolicyPayload(MutationPayload):
    """Answer of setConnectorPolicy."""

    policy: ConnectorPolicy | None = outcome("The stored policy.")


@strawberry.type(description="Answer of deleteConnectorPolicy.")
class DeleteConnectorPolicyPayload(MutationPayload):
    """Answer of deleteConnectorPolicy."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")


@strawberry.type(description="Answer of setEnabledIntegrations.")
class SetEnabledIntegrationsPayload(MutationPayload):
    """Answer of setEnabledIntegrations."""

    integrations: list[AccountIntegration] = outcome("The enabled integrations.", otherwise=())


@strawberry.type(description="Answer of createIntegration.")
class CreateIntegrationPayload(MutationPayload):
    """Answer of createIntegration."""

    integration: Integration | None = outcome("The new entry.")


@strawberry.type(description="Answer of updateIntegration.")
class UpdateIntegrationPayload(MutationPayload):
    """Answer of updateIntegration."""

    integration: Integration | None = outcome("The changed entry.")


@strawberry.type(description="Answer of deleteIntegration.")
class DeleteIntegrationPayload(MutationPayload):
    """Answer of deleteIntegration."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")
