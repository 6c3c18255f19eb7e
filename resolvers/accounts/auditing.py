"""How changes of accounts appear in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datasources.audit import AuditEvent

__all__ = ["account_event"]


def account_event(
    action: str,
    message: str,
    account_id: str,
    details: Mapping[str, Any],
    *,
    resource: tuple[str, str] | None = None,
    severity: str = "info",
    is_platform_wide: bool = False,
) -> AuditEvent:
    """An event about an account, or about something of it (`resource`: type and id).

    Platform-wide events outlive the account.
    """
    resource_type, resource_id = resource or ("account", account_id)
    return AuditEvent(
        event_type="copilot_account",
        action=action,
        resource_type=resource_type,
        resource_id=resource_id,
        message=message,
        details=dict(details),
        severity=severity,
        account_id=None if is_platform_wide else account_id,
    )
