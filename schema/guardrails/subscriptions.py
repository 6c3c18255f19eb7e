"""The guardrails module's subscriptions."""

from __future__ import annotations

import strawberry

from resolvers.guardrails import events
from schema.base.descriptions import SUBSCRIPTION
from schema.base.domain import GuardType
from schema.base.fields import argument, subscription
from schema.base.guards import Role, roles
from schema.guardrails.enums import PatternSeverity
from schema.guardrails.types import GuardrailEvent

__all__ = ["Subscription"]


@strawberry.type(description=SUBSCRIPTION)
class Subscription:
    """The guardrails module's subscriptions."""

    guardrail_events: GuardrailEvent = subscription(
        events.guardrail_events,
        "A guard fired.",
        arguments=[
            argument(
                "account_id",
                strawberry.ID | None,
                "Account to watch; the caller's own when absent, all accounts for a super admin.",
            ),
            argument("guards", list[GuardType] | None, "Only these guards."),
            argument("severities", list[PatternSeverity] | None, "Only these severities."),
        ],
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE, scopes=["guardrails:read"]),
    )
