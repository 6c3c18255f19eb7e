"""Usage added up, ready to be shown: names, shares, days without use, and the rest."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from datasources.budgets.breakdown import Breakdown, BreakdownKey, Part, Sums, Usage
from datasources.budgets.reads import roots_at
from datasources.budgets.rows import BudgetRow
from datasources.budgets.subjects import SubjectKey, SubjectRow, subjects
from datasources.references import AccountRef
from resolvers.base import RequestContext
from resolvers.errors import BadUserInput

__all__ = [
    "BreakdownRow",
    "SliceRow",
    "UsageKeyRow",
    "account_breakdown",
    "budget_breakdown",
    "platform_breakdown",
]

_MOST = 200
_DAY = timedelta(days=1)
_PLATFORM_DAYS = 30
_NOT_REPORTED = "Not reported"
_OUTCOMES = {
    "WITHIN_LIMIT": "Within the limit",
    "SPLIT": "Partly overflow",
    "OVERFLOW": "Overflow",
    "REFUSED": "Refused",
}


class UsageKeyRow(NamedTuple):
    """What a part stands for in one dimension."""

    account_id: str
    dimension: str
    value: str | None
    label: str
    subject: Any


class SliceRow(NamedTuple):
    """One part of the whole."""

    keys: tuple[UsageKeyRow, ...]
    totals: Sums
    share_percent: float


class BreakdownRow(NamedTuple):
    """Usage added up."""

    totals: Sums
    slices: list[SliceRow]
    other: Sums


async def account_breakdown(
    context: RequestContext,
    row: AccountRef,
    by: Sequence[str],
    first: int,
    filter: dict[str, Any] | None = None,
) -> BreakdownRow:
    """Usage of an account; of its running cycle when no span is given."""
    filters, span = _conditions(filter)
    if span is None:
        now = datetime.now(UTC)
        root = await context.load(roots_at, (row.id, now))
        span = (root.cycle_start, root.cycle_end) if root else _month_of(now)
    return await _breakdown(context, BreakdownKey(row.id, "", *span), by, first, filters)


async def budget_breakdown(
    context: RequestContext, row: BudgetRow, by: Sequence[str], first: int
) -> BreakdownRow:
    """Usage booked to a budget or below, whenever it was."""
    key = BreakdownKey(row.account_id, row.id, _EARLIEST, _LATEST)
    return await _breakdown(context, key, by, first, ())


async def platform_breakdown(
    context: RequestContext,
    _row: object,
    by: Sequence[str],
    first: int,
    filter: dict[str, Any] | None = None,
) -> BreakdownRow:
    """Usage of all accounts; of the last 30 days when no span is given."""
    filters, span = _conditions(filter)
    if span is None:
        tomorrow = _midnight(datetime.now(UTC)) + _DAY
        span = (tomorrow - _PLATFORM_DAYS * _DAY, tomorrow)
    return await _breakdown(context, BreakdownKey("", "", *span), by, first, filters)


_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.astimezone(UTC).date(), time(), UTC)


def _month_of(moment: datetime) -> tuple[datetime, datetime]:
    start = _midnight(moment).replace(day=1)
    return start, (start + 32 * _DAY).replace(day=1)


def _conditions(
    filter: dict[str, Any] | None,
) -> tuple[tuple[tuple[str, Hashable], ...], tuple[datetime, datetime] | None]:
    """The filter's conditions, and the span it names."""
    given = dict(filter or {})
    at = given.pop("occurred_at", None) or {}
    scope = given.pop("scope", None)
    if scope is not None:
        given["scope_id"] = scope["id"]
    filters = tuple(
        sorted(
            (name, tuple(value) if isinstance(value, list) else value)
            for name, value in given.items()
            if value is not None
        )
    )
    if at.get("from_") is None and at.get("to") is None:
        return filters, None
    return filters, (at.get("from_") or _EARLIEST, at.get("to") or _LATEST)


async def _breakdown(
    context: RequestContext,
    key: BreakdownKey,
    by: Sequence[str],
    first: int,
    filters: tuple[tuple[str, Hashable], ...],
) -> BreakdownRow:
    if not 1 <= len(by) <= 2 or len(set(by)) != len(by):
        raise BadUserInput("by names one or two different dimensions.")
    if not 0 <= first <= _MOST:
        raise BadUserInput(f"first may be 0 to {_MOST}; {first} was asked for.")
    usage = await context.load(Breakdown(tuple(by), first, filters), key)
    if tuple(by) == ("DAY",):
        usage = usage._replace(parts=_every_day(usage, key, first))
    named = await _names(context, key, by, usage.parts)
    slices = [
        SliceRow(keys, part.sums, _share(part.sums, usage.sums))
        for keys, part in zip(named, usage.parts, strict=True)
    ]
    other = usage.sums.without([part.sums for part in usage.parts])
    return BreakdownRow(usage.sums, slices, other)


def _share(part: Sums, whole: Sums) -> float:
    return round(part.total / whole.total * 100, 2) if whole.total else 0.0


def _every_day(usage: Usage, key: BreakdownKey, first: int) -> list[Part]:
    """The first days of a span, those without use included."""
    found = {part.values[0]: part for part in usage.parts}
    days = [date.fromisoformat(day) for day in found if day]
    is_open = key.from_at == _EARLIEST or key.to_at == _LATEST
    begin = min(days, default=None) if key.from_at == _EARLIEST else key.from_at.date()
    end = max(days, default=None) if key.to_at == _LATEST else (key.to_at - _DAY).date()
    if begin is None or end is None:
        return []
    if not is_open:
        end = min(end, max([datetime.now(UTC).date(), *days]))
    count = min(first, (end - begin).days + 1)
    every = [(begin + number * _DAY).isoformat() for number in range(max(0, count))]
    return [found.get(day) or Part((day,), Sums(cost=Decimal(0))) for day in every]


async def _names(
    context: RequestContext, key: BreakdownKey, by: Sequence[str], parts: Sequence[Part]
) -> list[tuple[UsageKeyRow, ...]]:
    """The keys of each part, with the text to show for them."""
    wanted = {
        SubjectKey(_account_of(key, by, part), dimension, value)
        for part in parts
        for dimension, value in zip(by, part.values, strict=True)
        if value is not None
    }
    keys = sorted(wanted)
    found = dict(zip(keys, await subjects(context.database, context.caller, keys), strict=True))
    return [
        tuple(
            _usage_key(_account_of(key, by, part), dimension, value, found)
            for dimension, value in zip(by, part.values, strict=True)
        )
        for part in parts
    ]


def _account_of(key: BreakdownKey, by: Sequence[str], part: Part) -> str:
    """The account a part lies in; '' where it spans several."""
    if key.account_id or "ACCOUNT" not in by:
        return key.account_id
    return part.values[list(by).index("ACCOUNT")] or ""


def _usage_key(
    account_id: str,
    dimension: str,
    value: str | None,
    found: dict[SubjectKey, SubjectRow | None],
) -> UsageKeyRow:
    if value is None:
        return UsageKeyRow(account_id, dimension, None, _NOT_REPORTED, None)
    row = found.get(SubjectKey(account_id, dimension, value))
    if row is not None:
        return UsageKeyRow(account_id, dimension, value, row.label, row.reference)
    label = _OUTCOMES.get(value, value) if dimension == "OUTCOME" else value
    return UsageKeyRow(account_id, dimension, value, label, None)
