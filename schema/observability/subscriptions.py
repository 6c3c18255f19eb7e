"""The observability module's subscriptions."""

from __future__ import annotations

import strawberry

from resolvers.observability import following
from schema.base.descriptions import SUBSCRIPTION
from schema.base.fields import argument, subscription
from schema.base.guards import Role, roles
from schema.observability.filters import AuditEventFilter
from schema.observability.types import AuditEvent

__all__ = ["Subscription"]


@strawberry.type(description=SUBSCRIPTION)
class Subscription:
    """The observability module's subscriptions."""

    audit_events: AuditEvent = subscription(
        following.audit_events,
        "An audit event was written.",
        arguments=[
            argument(
                "account_id",
                strawberry.ID | None,
                "Account to watch; the caller's own when absent, all accounts and the platform for "
                "a super admin.",
            ),
            argument("filter", AuditEventFilter | None, "Conditions, all of which must hold."),
        ],
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE, scopes=["observability:read"]),
    )
