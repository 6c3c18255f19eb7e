"""Bulk operations whose steps are accounts: each changed by itself, with what became of it.

An account is locked for its own change only, and what a rule refuses is left alone.
"""

from __future__ import annotations

from collections.abc import Awaitable
from functools import partial
from typing import Any, Protocol

from datasources import bulk_steps
from datasources.bulk_steps import RunningOperation
from datasources.references import existing_accounts
from resolvers.errors import Refused
from resolvers.selected_accounts import GONE
from resolvers.stepping import Doing, Work
from resolvers.trials import tried
from resolvers.writing import WriteContext

__all__ = ["Change", "in_each_account"]

_PROBLEM = "A fault stopped it. Accounts that it had not reached are as they were."


class Change(Protocol):
    """What an operation does in one account."""

    def __call__(
        self, context: WriteContext, values: dict[str, Any], operation_id: str
    ) -> Awaitable[str | None]:
        """Change the account; why it is left alone, or None. May raise `Refused`."""


def in_each_account(kind: str, change: Change) -> Work:
    """The work of operations that change account after account."""
    return Work(kind, partial(_step, change), _PROBLEM)


async def _step(change: Change, doing: Doing) -> bool:
    """Change the next account; with none left, and nobody at work on one, end the operation."""
    operation = doing.operation
    async with doing.services.databases.as_caller(doing.caller).transaction() as database:
        taken = await bulk_steps.take_next(database, operation.id)
        if taken is None:
            await bulk_steps.end_operation(database, operation.id)
            return False
        context = doing.context_in(taken.target_id, database)
        reason = await _changed(context, operation, change)
        await bulk_steps.settle(database, operation, taken, reason)
        await context.finish()
    return True


async def _changed(
    context: WriteContext, operation: RunningOperation, change: Change
) -> str | None:
    """Change one account, or try to; why it is left alone, if it is."""
    (exists,) = await existing_accounts(context.database, context.caller, [context.account_id])
    if exists is None:
        return GONE
    work = partial(change, context, operation.values, operation.id)
    try:
        return await tried(context, work, dry_run=operation.is_dry_run)
    except Refused as refused:
        return refused.errors[0].message
