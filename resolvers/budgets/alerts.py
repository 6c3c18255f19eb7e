"""Alerts as they are raised: told to every process with the write that raised them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime

from datasources.base import Database
from datasources.budgets.expressions import ALERT_LEVELS
from datasources.budgets.rows import AlertRow, BudgetRow
from datasources.notices import Notice, announce
from resolvers.base import RequestContext

__all__ = ["announce_raised", "budget_alerts"]

_TOPIC = "budget_alert"


async def announce_raised(
    database: Database, changes: Iterable[tuple[BudgetRow | None, BudgetRow]]
) -> None:
    """Tell of the running budgets that reached a higher level, by what they were before."""
    now = datetime.now(UTC)
    raised = [after for before, after in changes if _is_raised(before, after)]
    await announce(database, [_notice(after, now) for after in raised])


def _is_raised(before: BudgetRow | None, after: BudgetRow) -> bool:
    former = None if before is None or before.is_closed else before.alert_level
    return after.is_active and ALERT_LEVELS.index(after.alert_level) > ALERT_LEVELS.index(former)


def _notice(budget: BudgetRow, now: datetime) -> Notice:
    said = {
        "id": budget.id,
        "level": budget.alert_level,
        "usage_percent": budget.usage_percent,
        "overflow_percent": budget.overflow_percent,
        "observed_at": now.isoformat(),
    }
    return Notice(_TOPIC, budget.account_id, said)


async def budget_alerts(
    context: RequestContext,
    *,
    account_id: str | None = None,
    levels: Sequence[str] | None = None,
) -> AsyncIterator[AlertRow]:
    """Alerts from now on, of one account or, for a super admin who names none, of all."""
    account = await context.watched(account_id)
    async with context.services.notices.follow(_TOPIC, account) as notices:
        async for notice in notices:
            if levels is None or notice.said["level"] in levels:
                yield _alert(notice)


def _alert(notice: Notice) -> AlertRow:
    said = notice.said
    return AlertRow(
        said["id"],
        notice.account_id,
        said["level"],
        said["usage_percent"],
        said["overflow_percent"],
        datetime.fromisoformat(said["observed_at"]),
    )
