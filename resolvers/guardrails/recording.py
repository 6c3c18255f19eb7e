"""How a change of guardrails is told: the audit event, and the account's change log.

Both hold only what differs, and the change log what says of what: settings have no secrets, those
of the past are masked, and the platform's own changes stand in no account's log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datasources.audit import AuditEvent
from datasources.guardrails.writes.changes import Change, log_change
from resolvers.auditing import changes
from resolvers.writing import WriteContext

__all__ = ["record_change"]

Values = Mapping[str, Any]


async def record_change(
    context: WriteContext,
    resource: str,
    id: str,
    message: str,
    *,
    guard: str,
    before: Values | None,
    after: Values | None,
    about: Values | None = None,
) -> None:
    """Write both records of one change.

    Args:
        context: The mutation.
        resource: Type of what changed, such as `guardrail_pattern`.
        id: Its id.
        message: What happened, in one sentence.
        guard: The guard changed, or `policy`.
        before: Its values before; None when it is new.
        after: Its values after; None when it is gone.
        about: What says which object it is, for the change log.
    """
    action = _action(before, after)
    differing = changes(before or {}, after or dict.fromkeys(before or ()))
    old = None if before is None else differing["before"]
    new = None if after is None else differing["after"]
    severity = "warning" if action in {"disable", "delete"} else "info"
    await context.audit(
        AuditEvent(
            "copilot_guardrail",
            action,
            resource,
            id,
            message,
            {"before": old, "after": new},
            severity=severity,
        )
    )
    if context.caller.account_id is None:
        return
    named = dict(about or {})
    change = Change(
        guard,
        action,
        None if old is None else named | old,
        None if new is None else named | new,
        list(differing["after"]),
    )
    context.will_chain(await log_change(context.database, context.caller, change, context.cause))


def _action(before: Values | None, after: Values | None) -> str:
    """What is done to protection counts before anything else that changes with it."""
    if before is None:
        return "create"
    if after is None:
        return "delete"
    if before["is_enabled"] != after["is_enabled"]:
        return "enable" if after["is_enabled"] else "disable"
    return "update"
