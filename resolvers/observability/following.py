"""Hearing of events as they are recorded, in whichever process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from datasources.audit_following import PLATFORM, EventIds
from datasources.observability.events import EventRow
from datasources.observability.lists import account_events, all_events
from datasources.paging import PageRequest, Sorting
from resolvers.base import RequestContext
from resolvers.filters import conditions_of, filters_of

__all__ = ["audit_events"]

_AS_IT_HAPPENED = Sorting("OCCURRED_AT")


async def audit_events(
    context: RequestContext,
    *,
    account_id: str | None = None,
    filter: Mapping[str, Any] | None = None,
) -> AsyncIterator[EventRow]:
    """Events from now on, of one account or, for a super admin who names none, of all.

    They are read as the one who is told, from the list that shows the same: so what is told is
    theirs to see, and a condition means what it means there.
    """
    account = await context.watched(account_id)
    conditions = conditions_of(filter)
    async with context.services.trail.follow(_chains(account, conditions)) as feed:
        async for ids in feed:
            for event in await _read(context, account, conditions, ids):
                yield event


def _chains(account: str | None, conditions: Mapping[str, Any]) -> list[str] | None:
    """The chains to follow: of the account and, where that is asked for, of the platform."""
    if account is None:
        return None
    return [account, PLATFORM] if conditions.get("include_platform") else [account]


async def _read(
    context: RequestContext, account: str | None, conditions: Mapping[str, Any], ids: EventIds
) -> Sequence[EventRow]:
    """The events among these that are shown, as they happened."""
    events = all_events if account is None else account_events
    filters = filters_of({**conditions, "ids": ids})
    request = PageRequest(len(ids), sorting=_AS_IT_HAPPENED, filters=filters)
    (page,) = await events.read(context.database, context.caller, request, [account or ()])
    return page.rows
