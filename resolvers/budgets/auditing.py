"""What of credits is recorded in the audit trail."""

from __future__ import annotations

from typing import Any, NamedTuple

from datasources.audit import AuditEvent
from datasources.budgets.rows import BudgetRow

__all__ = ["budget_event", "budget_values", "plan_event", "usage_event"]


class _Kind(NamedTuple):
    """Makes the events of one type, on one type of resource."""

    event_type: str
    resource_type: str

    def __call__(
        self,
        action: str,
        resource_id: str | None,
        message: str,
        details: dict[str, Any],
        severity: str = "info",
    ) -> AuditEvent:
        """What happened to a resource."""
        return AuditEvent(
            self.event_type, action, self.resource_type, resource_id, message, details, severity
        )


budget_event = _Kind("copilot_budget", "credit_budget")
"""Something happened to a budget."""

plan_event = _Kind("copilot_budget_plan", "budget_plan")
"""Something happened to a plan."""

usage_event = _Kind("copilot_budget_usage", "credit_budget")
"""Credits were used, held, or given back."""


def budget_values(budget: BudgetRow) -> dict[str, Any]:
    """What of a budget can be changed, as the trail shows it."""
    return {
        "scope_type": budget.scope_type,
        "scope_id": budget.scope_id,
        "parent_id": budget.parent_id,
        "allocated": budget.allocated,
        "limit": budget.limit,
        "overflow_cap": budget.overflow_cap,
        "pooled": budget.pooled,
        "strategy": budget.strategy,
    }
