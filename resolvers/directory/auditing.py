"""How changes of the directory appear in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datasources.audit import AuditEvent

__all__ = ["directory_event"]


def directory_event(
    action: str,
    resource_type: str,
    resource_id: str,
    message: str,
    details: Mapping[str, Any],
    *,
    severity: str = "info",
    operation_id: str | None = None,
) -> AuditEvent:
    """An event about a user, group, team, membership or invite of the account acted in."""
    return AuditEvent(
        event_type="copilot_directory",
        action=action,
        resource_type=resource_type,
        resource_id=resource_id,
        message=message,
        details=dict(details),
        severity=severity,
        operation_id=operation_id,
    )
