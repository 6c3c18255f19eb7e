"""Filters and inputs of connectors' permission policies."""

from __future__ import annotations

import strawberry

from schema.base.core import TenantInput
from schema.base.fields import absent, given
from schema.base.scopes import ScopeInput, ScopeType
from schema.connectors.enums import ConnectorPermissionMode, ConnectorType

__all__ = ["ConnectorPolicyFilter", "DeleteConnectorPolicyInput", "SetConnectorPolicyInput"]


@strawberry.input(description="Conditions on permission policies.")
class ConnectorPolicyFilter:
    """Conditions on permission policies."""

    scope_types: list[ScopeType] | None = absent("Only these levels.")
    scope_ids: list[strawberry.ID] | None = absent("Only these scopes.")
    types: list[ConnectorType] | None = absent("Only for these types, or for all types.")


@strawberry.input(description="Input of setConnectorPolicy.")
class SetConnectorPolicyInput(TenantInput):
    """Input of setConnectorPolicy."""

    scope: ScopeInput = given("Scope it is for.")
    type: ConnectorType | None = absent("Type it is for; all types when absent.")
    mode: ConnectorPermissionMode | None = absent(
        "What people may do; inherited when absent or null."
    )
    can_use_admin_connectors: bool | None = absent(
        "Whether people may use admin-managed ones; inherited when absent or null."
    )
    notes: str | None = absent("Notes for administrators.")


@strawberry.input(description="Input of deleteConnectorPolicy.")
class DeleteConnectorPolicyInput(TenantInput):
    """Input of deleteConnectorPolicy."""

    scope: ScopeInput = given("Scope it is for.")
    type: ConnectorType | None = absent("Type it is for; the policy for all types when absent.")
