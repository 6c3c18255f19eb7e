"""Filters and orders of lists of events."""

from __future__ import annotations

import strawberry

from schema.base.core import DateTimeRangeInput, OrderDirection
from schema.base.domain import Severity
from schema.base.fields import absent, given
from schema.observability.enums import AuditEventOrderField, AuditSource, CockpitModule

__all__ = ["AuditEventFilter", "AuditEventOrder"]


@strawberry.input(description="Conditions on audit events.")
class AuditEventFilter:
    """Conditions on audit events."""

    search: str | None = absent("Text in message or resource name, ignoring case.")
    sources: list[AuditSource] | None = absent(
        "Only from these stores; COCKPIT and GUARDRAILS when absent."
    )
    modules: list[CockpitModule] | None = absent("Only of these parts.")
    types: list[str] | None = absent("Only these event types.")
    actions: list[str] | None = absent("Only these actions.")
    severities: list[Severity] | None = absent("Only these severities.")
    actor_id: strawberry.ID | None = absent("Only done by this principal.")
    resource_type: str | None = absent("Only about this kind of object.")
    resource_id: strawberry.ID | None = absent("Only about this object.")
    operation_id: strawberry.ID | None = absent("Only of this bulk operation.")
    occurred_at: DateTimeRangeInput | None = absent("In this span.")
    account_ids: list[strawberry.ID] | None = absent(
        "Only of these accounts; only useful across accounts."
    )
    include_platform: bool = given(
        "Add platform-wide events that touched the account, such as catalogue changes.",
        default=False,
    )


@strawberry.input(description="How to sort audit events.")
class AuditEventOrder:
    """How to sort audit events."""

    field: AuditEventOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)
