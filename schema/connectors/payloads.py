"""What mutations of connectors answer."""

from __future__ import annotations

import strawberry

from schema.base.core import MutationPayload
from schema.base.fields import outcome
from schema.connectors.types import ConnectorPolicy

__all__ = ["DeleteConnectorPolicyPayload", "SetConnectorPolicyPayload"]


@strawberry.type(description="Answer of setConnectorPolicy.")
class SetConnectorPolicyPayload(MutationPayload):
    """Answer of setConnectorPolicy."""

    policy: ConnectorPolicy | None = outcome("The stored policy.")


@strawberry.type(description="Answer of deleteConnectorPolicy.")
class DeleteConnectorPolicyPayload(MutationPayload):
    """Answer of deleteConnectorPolicy."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")
