"""Answers of mutations that record usage."""

from __future__ import annotations

import strawberry

from schema.base.core import MutationPayload
from schema.base.fields import outcome
from schema.budgets.types import Budget, EffectiveBudget
from schema.budgets.usage import UsageEntry, UsageReservation


@strawberry.type(description="Answer of reserveUsage.")
class ReserveUsagePayload(MutationPayload):
    """Answer of reserveUsage."""

    reservation: UsageReservation | None = outcome("The reservation.")
    effective_budget: EffectiveBudget | None = outcome("What is left after it.")


@strawberry.type(description="Answer of releaseUsage.")
class ReleaseUsagePayload(MutationPayload):
    """Answer of releaseUsage."""

    reservation: UsageReservation | None = outcome("The released reservation.")


@strawberry.type(description="Answer of recordUsage.")
class RecordUsagePayload(MutationPayload):
    """Answer of recordUsage."""

    entry: UsageEntry | None = outcome("The ledger entry.")
    effective_budget: EffectiveBudget | None = outcome("What is left afterwards.")
    is_replay: bool = outcome(
        "Whether the key was seen before and this is its first result.", otherwise=False
    )


@strawberry.type(description="Answer of recordUsages.")
class RecordUsagesPayload(MutationPayload):
    """Answer of recordUsages."""

    entries: list[UsageEntry | None] = outcome(
        "One entry per consumption in the same order; null where a user error was reported.",
        otherwise=(),
    )


@strawberry.type(description="Answer of refundUsage.")
class RefundUsagePayload(MutationPayload):
    """Answer of refundUsage."""

    entry: UsageEntry | None = outcome("The refund.")
    budget: Budget | None = outcome("The budget after it.")
