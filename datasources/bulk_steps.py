"""Bulk operations in steps: begun in one transaction, then done in others, bit by bit.

Where the bits are objects, those ahead are items without an outcome. Whoever works takes one that
nobody else has taken, so that several processes may work on one operation, and one that dies loses
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    Integer,
    Text,
    Uuid,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from auth.caller import Caller
from datasources.base import Database, Statement
from datasources.bulk import BulkOperationRef, Item
from datasources.expressions import word
from datasources.tables import bulk_operation_items as items
from datasources.tables import bulk_operations as operations

__all__ = [
    "Ahead",
    "NewOperation",
    "RunningOperation",
    "begin_in_accounts",
    "begin_operation",
    "end_operation",
    "fail_operation",
    "left_operations",
    "operation_at_work",
    "settle",
    "take_next",
]


class NewOperation(NamedTuple):
    """A bulk operation that is about to begin."""

    kind: str
    is_dry_run: bool
    selection: dict[str, Any]
    """Ids and conditions it was given."""
    values: dict[str, Any]
    """Values it sets, without secrets."""
    account_id: str | None = None
    """The account it is in; None for one over several."""
    matched_count: int = 0
    """How many objects are ahead of it, those that are left alone included."""
    skipped_count: int = 0
    """How many are left alone from the beginning."""


class RunningOperation(NamedTuple):
    """A bulk operation at work."""

    id: str
    account_id: str | None
    """The account it is in; None for one over several."""
    is_dry_run: bool
    values: dict[str, Any]
    requested_by: str


class Ahead(NamedTuple):
    """An object that was taken, locked to the end of the transaction."""

    position: int
    target_id: str


# --- beginning ------------------------------------------------------------------------------------

_BEGIN = Statement(
    insert(operations)
    .values(
        account_id=bindparam("account_id", type_=Text()),
        kind=bindparam("kind", type_=Text()),
        is_dry_run=bindparam("is_dry_run", type_=Boolean()),
        selection=bindparam("selection", type_=JSONB()),
        changes=bindparam("values", type_=JSONB()),
        matched_count=bindparam("matched", type_=Integer()),
        skipped_count=bindparam("skipped", type_=Integer()),
        requested_by=bindparam("author", type_=Text()),
        started_at=func.clock_timestamp(),
    )
    .returning(operations.c.id)
)
_texts = ARRAY(Text())
_given = (
    func.unnest(bindparam("targets", type_=_texts), bindparam("reasons", type_=_texts))
    .table_valued("target", "reason", with_ordinality="ordinal", name="given")
    .render_derived()
)
_is_skipped = _given.c.reason.is_not(None)
_BEGIN_ITEMS = Statement(
    insert(items).from_select(
        ["operation_id", "position", "target_id", "account_id", "outcome", "reason"],
        select(
            bindparam("operation_id", type_=Uuid(as_uuid=False)),
            (_given.c.ordinal - 1).cast(Integer),
            _given.c.target,
            case((~_is_skipped, _given.c.target)),
            case((_is_skipped, word("SKIPPED"))),
            _given.c.reason,
        ),
    )
)


async def begin_operation(
    database: Database, caller: Caller, operation: NewOperation
) -> BulkOperationRef:
    """Store an operation that is at work from now on."""
    record = await database.fetchrow(
        _BEGIN,
        account_id=operation.account_id,
        kind=operation.kind,
        is_dry_run=operation.is_dry_run,
        selection=operation.selection,
        values=operation.values,
        matched=operation.matched_count,
        skipped=operation.skipped_count,
        author=caller.id,
    )
    if record is None:
        raise LookupError("An insert answers its row.")
    return BulkOperationRef(str(record[0]))


async def begin_in_accounts(
    database: Database,
    caller: Caller,
    operation: NewOperation,
    account_ids: Sequence[str],
    skipped: Sequence[Item],
) -> BulkOperationRef:
    """Store an operation with the accounts ahead of it and what is left alone."""
    every = [*[Item(id) for id in account_ids], *skipped]
    counted = operation._replace(matched_count=len(every), skipped_count=len(skipped))
    begun = await begin_operation(database, caller, counted)
    await database.execute(
        _BEGIN_ITEMS,
        operation_id=begun.id,
        targets=[item.target_id for item in every],
        reasons=[item.reason for item in every],
    )
    return begun


# --- working --------------------------------------------------------------------------------------

_id = bindparam("operation_id", type_=Uuid(as_uuid=False))
_is_ahead = (items.c.operation_id == _id) & items.c.outcome.is_(None)
_is_running = operations.c.status == word("RUNNING")
_NEXT = Statement(
    select(items.c.position, items.c.target_id)
    .join(operations, (operations.c.id == items.c.operation_id) & _is_running)
    .where(_is_ahead)
    .order_by(items.c.position)
    .limit(literal_column("1"))
    .with_for_update(of=items, skip_locked=True)
)


async def take_next(database: Database, operation_id: str) -> Ahead | None:
    """The next object that nobody works on; None when nothing is left to take."""
    record = await database.fetchrow(_NEXT, operation_id=operation_id)
    return None if record is None else Ahead._make(record)


_SETTLE = Statement(
    text(
        """
        WITH settled AS (
            UPDATE gateway.bulk_operation_items SET outcome = :outcome, reason = :reason
            WHERE operation_id = :operation_id AND position = :position
            RETURNING operation_id, outcome
        )
        UPDATE gateway.bulk_operations AS o SET
            changed_count = changed_count + (s.outcome = 'CHANGED')::int,
            skipped_count = skipped_count + (s.outcome = 'SKIPPED')::int,
            account_count = account_count + (s.outcome <> 'SKIPPED')::int
        FROM settled AS s WHERE o.id = s.operation_id
        """
    ).bindparams(
        bindparam("outcome", type_=Text()),
        bindparam("reason", type_=Text()),
        bindparam("operation_id", type_=Uuid(as_uuid=False)),
        bindparam("position", type_=Integer()),
    )
)


async def settle(
    database: Database, operation: RunningOperation, taken: Ahead, reason: str | None
) -> None:
    """Say what became of an account that was taken: left alone for a reason, or changed."""
    done = "MATCHED" if operation.is_dry_run else "CHANGED"
    await database.execute(
        _SETTLE,
        operation_id=operation.id,
        position=taken.position,
        outcome=done if reason is None else "SKIPPED",
        reason=reason,
    )


# --- ending ---------------------------------------------------------------------------------------

_END = Statement(
    update(operations)
    .where(operations.c.id == _id, _is_running, ~exists().where(_is_ahead))
    .values(status=word("SUCCEEDED"), finished_at=func.clock_timestamp())
)


async def end_operation(database: Database, operation_id: str) -> bool:
    """Whether an operation has ended, because nothing is ahead of it and nobody at work on it."""
    return bool(await database.execute(_END, operation_id=operation_id))


_FAIL = Statement(
    text(
        """
        WITH left_alone AS (
            UPDATE gateway.bulk_operation_items SET outcome = 'SKIPPED', reason = :reason
            WHERE operation_id = :operation_id AND outcome IS NULL RETURNING 1
        )
        UPDATE gateway.bulk_operations SET status = 'FAILED', problem = :problem,
            finished_at = clock_timestamp(),
            skipped_count = skipped_count + (SELECT count(*) FROM left_alone)
        WHERE id = :operation_id AND status = 'RUNNING'
        """
    ).bindparams(
        bindparam("reason", type_=Text()),
        bindparam("problem", type_=Text()),
        bindparam("operation_id", type_=Uuid(as_uuid=False)),
    )
)


async def fail_operation(database: Database, operation_id: str, problem: str, reason: str) -> None:
    """End an operation early; what was ahead is left alone for the reason."""
    await database.execute(_FAIL, operation_id=operation_id, problem=problem, reason=reason)


# --- finding --------------------------------------------------------------------------------------

_columns = (
    operations.c.id,
    operations.c.account_id,
    operations.c.is_dry_run,
    operations.c.changes,
    operations.c.requested_by,
)
_AT_WORK = Statement(select(*_columns).where(operations.c.id == _id, _is_running))
_LEFT = Statement(
    select(*_columns)
    .where(
        operations.c.kind == bindparam("kind", type_=Text()),
        _is_running,
        operations.c.started_at < func.now() - literal_column("interval '1 minute'"),
    )
    .order_by(operations.c.started_at, operations.c.id)
)
"""After a minute whoever began it has mostly given up; where not, another at work does no harm."""


async def operation_at_work(database: Database, operation_id: str) -> RunningOperation | None:
    """A running operation; None for one that has ended."""
    record = await database.fetchrow(_AT_WORK, operation_id=operation_id)
    return None if record is None else RunningOperation._make(record)


async def left_operations(database: Database, kind: str) -> list[RunningOperation]:
    """Operations of a kind that began a while ago and have not ended."""
    return [RunningOperation._make(record) for record in await database.fetch(_LEFT, kind=kind)]
