"""Reports that a guard fired, and who hears of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from datasources.audit import AuditEvent
from datasources.guardrails.agents import agents_in_account
from datasources.guardrails.events import events_by_id
from datasources.guardrails.patterns import patterns_in_account
from datasources.guardrails.rows import EventRow
from datasources.guardrails.writes.events import insert_event
from datasources.notices import Notice, announce
from datasources.scopes import ScopeRow, existing_subjects
from resolvers.base import RequestContext
from resolvers.checks import checked_line
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = ["RecordedEvent", "guardrail_events", "record_guardrail_event"]

_TOPIC = "guardrail_event"
_CLOCK_SKEW = timedelta(minutes=5)
_LINES = ("model_name", "category", "request_id")


class RecordedEvent(NamedTuple):
    """The event as it is stored."""

    event: EventRow


async def record_guardrail_event(
    context: WriteContext, *, occurred_at: datetime | None = None, **given: Any
) -> RecordedEvent:
    """Keep that a guard fired; the text that made it fire is not asked for."""
    values = given | {name: checked_line(given.get(name), name) for name in _LINES}
    if occurred_at is not None and occurred_at > datetime.now(UTC) + _CLOCK_SKEW:
        raise refuse("INVALID", "This lies in the future.", "occurred_at")
    await _check_named(context, values)
    event = await insert_event(
        context.database, context.caller, values | {"occurred_at": occurred_at}
    )
    details = {name: getattr(event, name) for name in ("guard", "severity", "action")}
    await context.audit(
        AuditEvent(
            "copilot_guardrail",
            "record",
            "guardrail_event",
            event.id,
            f"The guard {event.guard} fired.",
            details,
            severity="warning" if event.severity in {"HIGH", "CRITICAL"} else "info",
        )
    )
    said = {"id": event.id, "guard": event.guard, "severity": event.severity}
    await announce(context.database, [Notice(_TOPIC, event.account_id, said)])
    return RecordedEvent(event)


async def guardrail_events(
    context: RequestContext,
    *,
    account_id: str | None = None,
    guards: Sequence[str] | None = None,
    severities: Sequence[str] | None = None,
) -> AsyncIterator[EventRow]:
    """Events from now on, of one account or, for a super admin who names none, of all.

    What is told is read as the one who is told, so that it is theirs to see.
    """
    account = await context.watched(account_id)
    async with context.services.notices.follow(_TOPIC, account) as notices:
        async for notice in notices:
            said = notice.said
            if guards is not None and said["guard"] not in guards:
                continue
            if severities is not None and said["severity"] not in severities:
                continue
            (event,) = await events_by_id(context.database, context.caller, [said["id"]])
            if event is not None:
                yield event


async def _check_named(context: WriteContext, values: dict[str, Any]) -> None:
    """Refuse what the account does not have: pattern, person, agent."""
    account_id = context.account_id
    pattern, person, agent = (values.get(f"{name}_id") for name in ("pattern", "user", "agent"))
    if pattern is not None and not await context.load(patterns_in_account, (account_id, pattern)):
        raise refuse("NOT_FOUND", "There is no such pattern.", "pattern_id")
    subject = ScopeRow("USER", person or "", account_id)
    if person is not None and not await context.load(existing_subjects, subject):
        raise refuse("NOT_FOUND", "There is no such person.", "user_id")
    if agent is not None and not await context.load(agents_in_account, (account_id, agent)):
        raise refuse("NOT_FOUND", "There is no such agent.", "agent_id")
