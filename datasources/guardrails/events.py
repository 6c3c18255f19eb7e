"""Times a guard fired, as they were reported."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Integer, case, cast, select

from datasources.conditions import any_of, at_least, before
from datasources.expressions import word
from datasources.guardrails.rows import EventRow
from datasources.guardrails.tables import events
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import One

__all__ = ["account_events", "events_by_id"]

_SEVERITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
_rank: ColumnElement[int] = cast(
    case(*[(events.c.severity == word(name), i) for i, name in enumerate(_SEVERITIES)]), Integer
)
_SOURCE = select(*[events.c[name] for name in EventRow._fields], _rank.label("rank"))

events_by_id = One(EventRow, _SOURCE)
"""The event of each id."""

account_events = Pages(
    EventRow,
    _SOURCE,
    orders={"OCCURRED_AT": ("occurred_at",), "SEVERITY": ("rank", "occurred_at")},
    default=Sorting("OCCURRED_AT", descending=True),
    conditions={
        "guards": any_of(events.c.guard),
        "severities": any_of(events.c.severity),
        "actions": any_of(events.c.action),
        "user_ids": any_of(events.c.user_id),
        "agent_ids": any_of(events.c.agent_id),
        "occurred_at_from": at_least(events.c.occurred_at),
        "occurred_at_to": before(events.c.occurred_at),
    },
)
"""Times a guard of an account fired."""
