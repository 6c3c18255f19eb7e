"""Files of audit events, written part by part, and fetched the same way.

Of the account's events a file holds those that there were when it was begun: what happened before,
up to where the account's chain ended. That is the same set of events however long writing takes
and whatever is recorded meanwhile, and a part remembers the last event in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Integer,
    Interval,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.expressions import word
from datasources.reads import One
from datasources.tables import bulk_operations as operations
from datasources.tables import export_files as files
from datasources.tables import export_parts as parts

__all__ = [
    "KIND",
    "Export",
    "FileRow",
    "Part",
    "Present",
    "UnfinishedFile",
    "append_part",
    "begin_file",
    "content_of",
    "files_by_operation",
    "present",
    "remove_files",
    "running_count",
    "take_file",
    "take_turn",
]

KIND = "EXPORT_AUDIT_EVENTS"

_tenant = bindparam(TENANT, type_=Text())
_operation = bindparam("operation_id", type_=Uuid(as_uuid=False))
_is_running = operations.c.status == word("RUNNING")


class Present(NamedTuple):
    """What there is of an account's events."""

    at: datetime
    chain_position: int
    """Where the account's chain ends."""


class Export(NamedTuple):
    """What is to stand in a file."""

    format: str
    conditions: Mapping[str, Any]
    """As the list of the account's events takes them, without times."""
    occurred_from: datetime | None
    occurred_to: datetime
    """Excluded."""
    chain_position: int
    """The last link that belongs to it; events without a link are bounded by time alone."""

    @property
    def filters(self) -> dict[str, Any]:
        """Every condition, as the list of the account's events takes them."""
        bounds = {"occurred_at_to": self.occurred_to, "chained_to": self.chain_position}
        if self.occurred_from is not None:
            bounds["occurred_at_from"] = self.occurred_from
        return {**self.conditions, **bounds}


class UnfinishedFile(NamedTuple):
    """A file that was taken, locked to the end of the transaction."""

    export: Export
    goes_on_after: str | None
    """Cursor of the last event written; None before the first part."""
    part_count: int


class Part(NamedTuple):
    """The next part of a file."""

    number: int
    content: bytes
    event_count: int
    goes_on_after: str | None
    is_last: bool


class FileRow(NamedTuple):
    """A file that can be fetched."""

    id: str
    account_id: str
    format: str
    part_count: int
    byte_count: int


# --- beginning ------------------------------------------------------------------------------------

_TURN = Statement(
    select(
        func.pg_advisory_xact_lock(
            func.hashtextextended(word("cockpit exports ").concat(_tenant), literal_column("0"))
        )
    )
)
_RUNNING = Statement(
    select(func.count())
    .select_from(operations)
    .where(in_account(operations), operations.c.kind == word(KIND), _is_running)
)
_PRESENT = Statement(
    select(
        func.now(),
        func.coalesce(func.gateway.audit_chain_end(_tenant), literal_column("0")),
    )
)
_BEGIN = Statement(
    insert(files).values(
        operation_id=_operation,
        account_id=_tenant,
        format=bindparam("format", type_=Text()),
        conditions=bindparam("conditions", type_=JSONB()),
        occurred_from=bindparam("occurred_from", type_=DateTime(timezone=True)),
        occurred_to=bindparam("occurred_to", type_=DateTime(timezone=True)),
        chain_position=bindparam("chain_position", type_=BigInteger()),
    )
)


async def take_turn(database: Database, caller: Caller) -> None:
    """Let one transaction at a time begin an export of the account."""
    await database.fetch(_TURN, **tenant_values(caller))


async def running_count(database: Database, caller: Caller) -> int:
    """How many exports of the account are at work."""
    record = await database.fetchrow(_RUNNING, **tenant_values(caller))
    return 0 if record is None else int(record[0])


async def present(database: Database, caller: Caller) -> Present:
    """What there is of the account's events when the transaction began.

    Links are committed in the order of their positions, so up to the end that is read here none
    comes any more.
    """
    record = await database.fetchrow(_PRESENT, **tenant_values(caller))
    if record is None:
        raise LookupError("An expression has a value.")
    return Present(*record)


async def begin_file(database: Database, caller: Caller, operation_id: str, export: Export) -> None:
    """Store what is to stand in the file of an operation."""
    await database.execute(
        _BEGIN,
        operation_id=operation_id,
        **export._replace(conditions=dict(export.conditions))._asdict(),
        **tenant_values(caller),
    )


# --- writing --------------------------------------------------------------------------------------

_TAKE = Statement(
    select(
        files.c.format,
        files.c.conditions,
        files.c.occurred_from,
        files.c.occurred_to,
        files.c.chain_position,
        files.c.goes_on_after,
        files.c.part_count,
    )
    .join(operations, operations.c.id == files.c.operation_id)
    .where(in_account(files), files.c.operation_id == _operation, _is_running)
    .with_for_update(skip_locked=True)
)
"""Both rows are locked: of a row that is not, PostgreSQL would go by what it was before another
process ended the operation."""

_APPEND = Statement(
    text(
        """
        WITH added AS (
            INSERT INTO gateway.export_parts (operation_id, part, account_id, content)
            VALUES (:operation_id, :part, :caller_account, :content)
        ), file AS (
            UPDATE gateway.export_files SET
                goes_on_after = :goes_on_after,
                part_count = part_count + 1,
                byte_count = byte_count + octet_length(:content),
                expires_at = CASE WHEN :is_last THEN clock_timestamp() + :kept END
            WHERE operation_id = :operation_id AND account_id = :caller_account
        )
        UPDATE gateway.bulk_operations SET
            changed_count = changed_count + :events,
            matched_count = greatest(matched_count, changed_count + :events),
            account_count = CASE WHEN changed_count + :events > 0 THEN 1 ELSE 0 END,
            status = CASE WHEN :is_last THEN 'SUCCEEDED' ELSE status END,
            finished_at = CASE WHEN :is_last THEN clock_timestamp() END
        WHERE id = :operation_id AND account_id = :caller_account
        """
    ).bindparams(
        _operation,
        _tenant,
        bindparam("part", type_=Integer()),
        bindparam("content", type_=LargeBinary()),
        bindparam("goes_on_after", type_=Text()),
        bindparam("events", type_=Integer()),
        bindparam("is_last", type_=Boolean()),
        bindparam("kept", type_=Interval()),
    )
)


async def take_file(database: Database, caller: Caller, operation_id: str) -> UnfinishedFile | None:
    """The file of a running operation; None when it has ended or somebody else is at it."""
    record = await database.fetchrow(_TAKE, operation_id=operation_id, **tenant_values(caller))
    if record is None:
        return None
    width = len(Export._fields)
    return UnfinishedFile(Export._make(record[:width]), *record[width:])


async def append_part(
    database: Database, caller: Caller, operation_id: str, part: Part, kept: timedelta
) -> None:
    """Add a part to a file that was taken; the last one ends the operation."""
    await database.execute(
        _APPEND,
        operation_id=operation_id,
        part=part.number,
        content=part.content,
        goes_on_after=part.goes_on_after,
        events=part.event_count,
        is_last=part.is_last,
        kept=kept,
        **tenant_values(caller),
    )


# --- fetching and removing ------------------------------------------------------------------------

files_by_operation = One(
    FileRow,
    select(
        files.c.operation_id.label("id"),
        files.c.account_id,
        files.c.format,
        files.c.part_count,
        files.c.byte_count,
    ).where(files.c.expires_at > func.now()),
)
"""The files of these operations that can be fetched."""

_CONTENT = Statement(
    select(parts.c.content).where(
        in_account(parts),
        parts.c.operation_id == _operation,
        parts.c.part == bindparam("part", type_=Integer()),
    )
)
_REMOVE = Statement(
    text(
        """
        DELETE FROM gateway.export_files AS file USING gateway.bulk_operations AS o
        WHERE o.id = file.operation_id
            AND (file.expires_at <= now() OR o.status NOT IN ('RUNNING', 'SUCCEEDED'))
        """
    )
)


async def content_of(database: Database, caller: Caller, operation_id: str, number: int) -> bytes:
    """One part of a file. Raises `LookupError` when it has been removed meanwhile."""
    record = await database.fetchrow(
        _CONTENT, operation_id=operation_id, part=number, **tenant_values(caller)
    )
    if record is None:
        raise LookupError(f"Part {number} of export {operation_id} is gone.")
    return bytes(record[0])


async def remove_files(database: Database) -> int:
    """Remove what has expired or was never finished; how many files."""
    return await database.execute(_REMOVE)
