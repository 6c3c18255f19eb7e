"""What of credits is recorded in the audit trail."""

from __future__ import annotations

from typing import Any

from datasources.audit import AuditEvent
from datasources.budgets.rows import BudgetRow

__all__ = ["budget_event", "budget_values", "plan_event", "usage_event"]


def budget_event(
    action: str,
    budget_id: str | None,
    message: str,
    details: dict[str, Any],
    severity: str = "info",
) -> AuditEvent:
    """Something happened to a budget."""
    return AuditEvent(
        "copilot_budget", action, "credit_budget", budget_id, message, details, severity
    )


def plan_event(
    action: str,
    plan_id: str | None,
    message: str,
    details: dict[str, Any],
    severity: str = "info",
) -> AuditEvent:
    """Something happened to a plan."""
    return AuditEvent(
        "copilot_budget_plan", action, "budget_plan", plan_id, message, details, severity
    )


def usage_event(
    action: str,
    budget_id: str | None,
    message: str,
    details: dict[str, Any],
    severity: str = "info",
) -> AuditEvent:
    """Credits were used, held, or given back."""
    return AuditEvent(
        "copilot_budget_usage", action, "credit_budget", budget_id, message, details, severity
    )


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
