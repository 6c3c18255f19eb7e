"""Recording usage: calls on one account that meet are booked in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from auth.caller import Caller
from datasources import audit
from datasources.audit import AuditEvent, Recorded
from datasources.audit_chain import Cause, chain_events
from datasources.budgets.rows import EntryRow
from resolvers.base import RequestContext, Services
from resolvers.budgets.auditing import usage_event
from resolvers.budgets.books import Booked, open_books
from resolvers.budgets.effective import EffectiveBudgetRow
from resolvers.budgets.events import UsageEvent, event_of
from resolvers.errors import Refused, UserError, refuse

__all__ = ["RecordedUsage", "RecordedUsages", "record_usage", "record_usages"]

_MOST_USAGES = 500


class RecordedUsage(NamedTuple):
    """What became of one consumption."""

    entry: EntryRow | None
    effective_budget: EffectiveBudgetRow | None
    is_replay: bool
    user_errors: tuple[UserError, ...]


class RecordedUsages(NamedTuple):
    """What became of several."""

    entries: list[EntryRow | None]
    user_errors: tuple[UserError, ...]


class _Call(NamedTuple):
    """What one call brings to be booked."""

    caller: Caller
    services: Services
    events: Sequence[UsageEvent]
    shows_budget: bool
    cause: Cause


async def record_usage(context: RequestContext, *, usage: Mapping[str, Any]) -> RecordedUsage:
    """Book one consumption; what limit and cap do not allow is kept as refused."""
    booked = (await _book(context, [event_of(usage, "usage")], shows_budget=True))[0]
    return RecordedUsage(booked.entry, booked.effective_budget, booked.is_replay, booked.errors)


async def record_usages(
    context: RequestContext, *, usages: Sequence[Mapping[str, Any]]
) -> RecordedUsages:
    """Book up to 500 consumptions, each on its own terms."""
    if len(usages) > _MOST_USAGES:
        raise refuse("INVALID", f"At most {_MOST_USAGES} usages go into one call.", "usages")
    checked = [_checked(usage, number) for number, usage in enumerate(usages)]
    events = [event for event in checked if isinstance(event, UsageEvent)]
    answers = iter(await _book(context, events, shows_budget=False) if events else [])
    booked = [
        next(answers) if isinstance(event, UsageEvent) else Booked(None, None, errors=event)
        for event in checked
    ]
    errors = tuple(error for one in booked for error in one.errors)
    return RecordedUsages([one.entry for one in booked], errors)


def _checked(usage: Mapping[str, Any], number: int) -> UsageEvent | tuple[UserError, ...]:
    try:
        return event_of(usage, "usages", str(number))
    except Refused as refused:
        return refused.errors


async def _book(
    context: RequestContext, events: Sequence[UsageEvent], *, shows_budget: bool
) -> Sequence[Booked]:
    caller = context.caller
    cause = Cause(context.request_id, *context.origin)
    call = _Call(caller, context.services, events, shows_budget, cause)
    return await context.services.coalescer.call(_book_together, caller.account_id, call)


async def _book_together(calls: Sequence[_Call]) -> list[list[Booked]]:
    """Book the events of several calls on one account in one transaction."""
    caller, services = calls[0].caller, calls[0].services
    async with services.databases.as_caller(caller).transaction() as database:
        books = await open_books(
            database, caller, [event for call in calls for event in call.events]
        )
        answers = [
            [
                books.record(event, call.caller.id, shows_budget=call.shows_budget)
                for event in call.events
            ]
            for call in calls
        ]
        await books.close(database)
        recorded = [
            Recorded(call.caller, call.cause, event)
            for call, booked in zip(calls, answers, strict=True)
            if (event := _audited(booked)) is not None
        ]
        await chain_events(database, await audit.record_all(database, recorded))
    return answers


def _audited(booked: Sequence[Booked]) -> AuditEvent | None:
    """One event a call; none for a call that only repeated what was booked."""
    entries = [one.entry for one in booked if one.entry is not None and not one.is_replay]
    if not entries:
        return None
    sums = {
        "entries": len(entries),
        "credits": sum(entry.credits for entry in entries),
        "overflow_credits": sum(entry.overflow_credits for entry in entries),
        "refused_credits": sum(entry.refused_credits for entry in entries),
    }
    is_beyond = sums["overflow_credits"] or sums["refused_credits"]
    total = sums["credits"] + sums["overflow_credits"]
    message = f"{total} credits were used."
    if sums["refused_credits"]:
        message = f"{total} credits were used, {sums['refused_credits']} refused."
    return usage_event(
        "record_usage", entries[0].budget_id, message, sums, "warning" if is_beyond else "info"
    )
