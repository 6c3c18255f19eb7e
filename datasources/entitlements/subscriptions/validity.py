"""How subscriptions stand at a moment: nothing runs when one begins or ends."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Text, and_, case, func, or_

from datasources.entitlements.subscriptions.tables import subscriptions
from datasources.expressions import word

__all__ = ["is_running", "status_now"]

_of = subscriptions.c
_has_begun = _of.start_at <= func.now()
_is_over = _of.end_at <= func.now()
_never_begins = _of.end_at <= _of.start_at


def is_running() -> ColumnElement[bool]:
    """Whether a subscription has begun and not ended."""
    return and_(_has_begun, or_(_of.end_at.is_(None), ~_is_over))


def status_now() -> ColumnElement[str]:
    """Where a subscription stands, as a column of a statement over subscriptions.

    One that was cancelled before it began never begins: it counts as cancelled at once.
    """
    is_cancelled = and_(_of.cancelled_at.is_not(None), or_(_is_over, _never_begins))
    return case(
        (is_cancelled, word("CANCELLED")),
        (~_has_begun, word("SCHEDULED")),
        (_is_over, word("EXPIRED")),
        (_of.trial_end_at > func.now(), word("TRIAL")),
        else_=word("ACTIVE"),
    ).cast(Text)
