"""The budgets module's subscriptions."""

from __future__ import annotations

import strawberry

from resolvers.budgets import alerts
from schema.base.descriptions import SUBSCRIPTION
from schema.base.domain import BudgetAlertLevel
from schema.base.fields import argument, subscription
from schema.base.guards import Role, roles
from schema.budgets.types import BudgetAlert

__all__ = ["Subscription"]


@strawberry.type(description=SUBSCRIPTION)
class Subscription:
    """The budgets module's subscriptions."""

    budget_alerts: BudgetAlert = subscription(
        alerts.budget_alerts,
        "A budget reached a higher alert level.",
        arguments=[
            argument(
                "account_id",
                strawberry.ID | None,
                "Account to watch; the caller's own when absent, all accounts for a super admin.",
            ),
            argument("levels", list[BudgetAlertLevel] | None, "Only these levels."),
        ],
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE, scopes=["budgets:read"]),
    )
