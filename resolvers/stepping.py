"""Bulk operations in steps, each a transaction of its own that remembers how far the work is.

One transaction over everything would keep all it touches waiting for its end, and lose everything
with one fault. In steps, what is done stays done, and an operation that was interrupted goes on
where it was, in whichever process finds it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable
from dataclasses import replace
from typing import NamedTuple, Protocol

from auth.caller import SYSTEM, Caller
from datasources import bulk_steps
from datasources.base import Transactional
from datasources.bulk import BulkOperationRef
from datasources.bulk_steps import RunningOperation
from datasources.errors import DatabaseError
from resolvers.base import Origin, RequestContext, Services
from resolvers.writing import WriteContext

__all__ = ["Begun", "Doing", "Step", "Work", "begun_by", "go_on_with_what_is_left"]

_LOG = logging.getLogger(__name__)
_NOT_REACHED = "Was not reached."


class Begun(NamedTuple):
    """An operation that was begun; a short one has ended before it is looked at."""

    operation: BulkOperationRef


class Doing(NamedTuple):
    """An operation, and for whom it is done."""

    operation: RunningOperation
    caller: Caller
    """Reaches whatever the operation does; narrowed to one account where it acts."""
    services: Services
    request_id: str
    origin: Origin

    def context_in(self, account_id: str, database: Transactional) -> WriteContext:
        """The context of what a step does in one account, in the step's transaction."""
        caller = self.caller.bound_to(account_id)
        context = WriteContext(caller, self.services, self.request_id, database)
        context.origin = self.origin
        return context


class Step(Protocol):
    """What is done next in an operation, in one transaction."""

    def __call__(self, doing: Doing) -> Awaitable[bool]:
        """Do it; whether there was anything that nobody else is at. The last step ends it all."""


class Work(NamedTuple):
    """What the operations of a kind do."""

    kind: str
    step: Step
    problem: str
    """What one says that a fault has ended."""
    seconds: float | None = None
    """How long the request that began one works on it, before it leaves the rest to whoever looks
    for what is left; None for as long as it takes."""


async def begun_by(context: RequestContext, operation_id: str, work: Work) -> None:
    """Do what an operation of this request is to do, now that its beginning is committed."""
    database = context.services.databases.as_caller(context.caller)
    operation = await bulk_steps.operation_at_work(database, operation_id)
    if operation is not None:
        asking = (context.caller, context.services, context.request_id, context.origin)
        await _do(Doing(operation, *asking), work, work.seconds)


async def go_on_with_what_is_left(services: Services, work: Work) -> list[str]:
    """Go on with interrupted operations of a kind; their ids.

    They are still done for whoever asked for them, though nobody's request is at work.
    """
    left = await bulk_steps.left_operations(services.databases.as_caller(SYSTEM), work.kind)
    for operation in left:
        caller = replace(SYSTEM, id=operation.requested_by)
        try:
            await _do(Doing(operation, caller, services, "bulk", Origin()), work, None)
        except Exception:  # noqa: BLE001 - one operation's fault is not the next one's
            _LOG.exception("Bulk operation %s was interrupted.", operation.id)
    return [operation.id for operation in left]


async def _do(doing: Doing, work: Work, seconds: float | None) -> None:
    """Take step after step until none is left, or the time is over.

    A database that is away interrupts the operation; any other fault ends it. Both are raised.
    """
    ends_at = None if seconds is None else time.monotonic() + seconds
    try:
        while (ends_at is None or time.monotonic() < ends_at) and await work.step(doing):
            pass
    except DatabaseError:
        raise
    except Exception:
        database = doing.services.databases.as_caller(doing.caller)
        await bulk_steps.fail_operation(database, doing.operation.id, work.problem, _NOT_REACHED)
        raise
