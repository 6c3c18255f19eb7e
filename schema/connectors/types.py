"""Permission policies, and what a scope may do with connectors."""

from __future__ import annotations

import strawberry

from datasources.access import AccessRow, accesses_by_id
from datasources.connectors.enabled import account_integrations
from datasources.connectors.policies import PolicyRow, account_policies, policies_by_id
from datasources.references import AccountRef, reachable_accounts
from resolvers.connectors import reads
from resolvers.connectors.effective import ConnectorAccessRow
from schema.base.core import AccountScoped, Authored, Connection, Node, Timestamped
from schema.base.descriptions import ACCOUNT, EFFECTIVE_ACCESS
from schema.base.fields import column, computed, page
from schema.base.guards import Role, roles
from schema.base.modules import entity, record
from schema.base.scopes import Resolution, Scope
from schema.connectors.enums import ConnectorPermissionMode, ConnectorType
from schema.connectors.inputs import ConnectorPolicyFilter
from schema.connectors.integration_inputs import AccountIntegrationFilter
from schema.connectors.integrations import AccountIntegration

__all__ = ["Account", "ConnectorAccess", "ConnectorPolicy", "EffectiveAccess"]

_READERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE)


@entity(
    PolicyRow,
    policies_by_id,
    "What people of a scope may do with connectors.",
    guard=_READERS,
)
class ConnectorPolicy(Node, AccountScoped, Timestamped, Authored):
    """What people of a scope may do with connectors."""

    scope: Scope = column("Scope it is stored for.")
    type: ConnectorType | None = column("Type it is for; null for all types.")
    mode: ConnectorPermissionMode | None = column("What people may do; null inherits.")
    can_use_admin_connectors: bool | None = column(
        "Whether people may use admin-managed ones; null inherits."
    )
    notes: str | None = column("Notes for administrators; null for none.")


@record(ConnectorAccessRow, "What a scope may do with connectors of one type.")
class ConnectorAccess:
    """What a scope may do with connectors of one type."""

    type: ConnectorType = column("Type.")
    mode: ConnectorPermissionMode = column("What it may do.")
    can_use_admin_connectors: bool = column("Whether it may use admin-managed ones.")
    can_create: bool = column("Whether it may create its own: mode and feature allow it.")
    resolution: Resolution = column(
        "Why. A more specific scope wins; within a scope, the policy for the type."
    )


@entity(AccessRow, accesses_by_id, EFFECTIVE_ACCESS)
class EffectiveAccess:
    """What a scope may use, as far as connectors go."""

    id: strawberry.ID = column("Opaque id that stands for account and scope.")
    connectors: list[ConnectorAccess] = computed(
        reads.effective, "What the scope may do with connectors, one entry per type."
    )


@entity(AccountRef, reachable_accounts, ACCOUNT)
class Account:
    """A tenant, as far as its connectors go."""

    id: strawberry.ID = column("Stored identifier.")
    connector_policies: Connection[ConnectorPolicy] | None = page(
        account_policies,
        "Permission policies of all scopes.",
        by="id",
        filter=ConnectorPolicyFilter,
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE, scopes=["connectors:read"]),
    )
    integrations: Connection[AccountIntegration] | None = page(
        account_integrations,
        "The catalogue's active integrations. Members see those enabled.",
        by="id",
        filter=AccountIntegrationFilter,
        guard=roles(
            Role.ACCOUNT_ADMIN,
            Role.AUDITOR,
            Role.MEMBER,
            Role.SERVICE,
            scopes=["connectors:read"],
        ),
    )
