"""Bulk operations in steps: each account in a transaction of its own, with what became of it.

One transaction over many accounts would keep all of them waiting for the last, and lose everything
with one. Here an account is locked for its own change only; what a rule refuses is left alone, and
an operation that was interrupted goes on where it was, in whichever process finds it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, Protocol

from auth.caller import SYSTEM, Caller
from datasources import bulk_steps
from datasources.base import Transactional
from datasources.bulk_steps import RunningOperation
from datasources.errors import DatabaseError
from datasources.references import existing_accounts
from resolvers.base import Origin, RequestContext, Services
from resolvers.errors import Refused
from resolvers.selected_accounts import GONE
from resolvers.trials import tried
from resolvers.writing import WriteContext

__all__ = ["Change", "begun_by", "go_on_with_what_is_left"]

_LOG = logging.getLogger(__name__)
_PROBLEM = "A fault stopped it. Accounts that it had not reached are as they were."
_NOT_REACHED = "Was not reached."


class Change(Protocol):
    """What an operation does in one account."""

    def __call__(
        self, context: WriteContext, values: dict[str, Any], operation_id: str
    ) -> Awaitable[str | None]:
        """Change the account; why it is left alone, or None. May raise `Refused`."""


class _Doing(NamedTuple):
    """An operation, and for whom it is done."""

    operation: RunningOperation
    caller: Caller
    """Reaches every account; narrowed to one for its change."""
    services: Services
    request_id: str
    origin: Origin
    change: Change

    @property
    def database(self) -> Transactional:
        """The database under row-level security that is as wide as the operation."""
        return self.services.databases.as_caller(self.caller)


async def begun_by(context: RequestContext, operation_id: str, change: Change) -> None:
    """Do what an operation of this request is to do, now that its beginning is committed."""
    database = context.services.databases.as_caller(context.caller)
    operation = await bulk_steps.operation_at_work(database, operation_id)
    if operation is not None:
        asking = (context.caller, context.services, context.request_id, context.origin)
        await _work(_Doing(operation, *asking, change))


async def go_on_with_what_is_left(services: Services, kind: str, change: Change) -> list[str]:
    """Go on with interrupted operations of a kind; their ids.

    They are still done for whoever asked for them, though nobody's request is at work.
    """
    left = await bulk_steps.left_operations(services.databases.as_caller(SYSTEM), kind)
    for operation in left:
        caller = replace(SYSTEM, id=operation.requested_by)
        try:
            await _work(_Doing(operation, caller, services, "bulk", Origin(), change))
        except Exception:  # noqa: BLE001 - one operation's fault is not the next one's
            _LOG.exception("Bulk operation %s was interrupted.", operation.id)
    return [operation.id for operation in left]


async def _work(doing: _Doing) -> None:
    """Take account after account until none is left.

    A database that is away interrupts the operation; any other fault ends it. Both are raised.
    """
    database, id = doing.database, doing.operation.id
    try:
        while await _step(doing):
            pass
    except DatabaseError:
        raise
    except Exception:
        await bulk_steps.fail_operation(database, id, _PROBLEM, _NOT_REACHED)
        raise
    await bulk_steps.end_operation(database, id)


async def _step(doing: _Doing) -> bool:
    """Change the next account; whether there was one."""
    async with doing.database.transaction() as database:
        taken = await bulk_steps.take_next(database, doing.operation.id)
        if taken is None:
            return False
        caller = doing.caller.bound_to(taken.target_id)
        context = WriteContext(caller, doing.services, doing.request_id, database)
        context.origin = doing.origin
        reason = await _changed(context, doing)
        await bulk_steps.settle(database, doing.operation, taken, reason)
        await context.finish()
    return True


async def _changed(context: WriteContext, doing: _Doing) -> str | None:
    """Change one account, or try to; why it is left alone, if it is."""
    (exists,) = await existing_accounts(context.database, context.caller, [context.account_id])
    if exists is None:
        return GONE
    operation = doing.operation
    work = partial(doing.change, context, operation.values, operation.id)
    try:
        return await tried(context, work, dry_run=operation.is_dry_run)
    except Refused as refused:
        return refused.errors[0].message
