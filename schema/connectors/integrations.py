"""The platform's catalogue of integrations, and what accounts see of it."""

from __future__ import annotations

import strawberry

from datasources.connectors.enabled import AccountIntegrationRow, enabled_account_counts
from datasources.connectors.integrations import (
    IntegrationRow,
    all_integrations,
    integrations_by_id,
)
from resolvers.base import RequestContext
from schema.base.core import (
    AccountScoped,
    Actor,
    Authored,
    Connection,
    Node,
    Timestamped,
    author,
)
from schema.base.descriptions import PLATFORM
from schema.base.fields import argument, column, computed, one, page
from schema.base.guards import Role, roles, super_admin
from schema.base.modules import entity, record
from schema.base.roots import PlatformRow
from schema.base.scalars import JSON
from schema.connectors.integration_inputs import IntegrationFilter, IntegrationOrder

__all__ = ["AccountIntegration", "Integration", "Platform"]

_READERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE)


@entity(IntegrationRow, integrations_by_id, "An entry of the platform's catalogue of integrations.")
class Integration(Node, Timestamped, Authored):
    """An entry of the platform's catalogue of integrations."""

    key: str = column("Unique key, ignoring case.")
    provider: str = column("Provider, such as composio.")
    name: str = column("Name.")
    description: str | None = column("What it does; null for none.")
    toolkit: str | None = column("The provider's toolkit; null for none.")
    auth_config_id: str | None = column(
        "The provider's authorisation settings; null for none.", guard=super_admin()
    )
    icon: str | None = column("Icon name or address; null for none.")
    color: str | None = column("Colour; null for none.")
    is_active: bool = column("Whether accounts may enable it.")
    metadata: JSON | None = column("Further values; null for none.", guard=super_admin())
    enabled_account_count: int | None = one(
        enabled_account_counts, "Accounts that have enabled it.", by="id", guard=super_admin()
    )
    created_by: Actor | None = author(
        "created_by", "Who created it; null when not recorded.", guard=_READERS
    )
    updated_by: Actor | None = author(
        "updated_by", "Who changed it last; null when not recorded.", guard=_READERS
    )


@record(AccountIntegrationRow, "An integration as one account sees it.")
class AccountIntegration(AccountScoped):
    """An integration as one account sees it."""

    integration: Integration = one(integrations_by_id, "Catalogue entry.", by="integration_id")
    is_enabled: bool = column("Whether the account's people may use it.")


def _integration(context: RequestContext, _row: PlatformRow, id: str) -> object:
    return context.load(integrations_by_id, id)


@record(
    PlatformRow,
    PLATFORM,
    shareable=True,
)
class Platform:
    """What is global, as far as integrations go."""

    integrations: Connection[Integration] | None = page(
        all_integrations,
        "The whole catalogue of integrations.",
        filter=IntegrationFilter,
        order=IntegrationOrder,
        order_default="by name",
    )
    integration: Integration | None = computed(
        _integration,
        "One entry of the catalogue; null when there is none.",
        arguments=[argument("id", strawberry.ID, "Id of the entry.")],
    )
