"""Recording a change of many objects at once; any module may make one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Integer, Text, Uuid, bindparam, cast, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, tenant_values
from datasources.expressions import word
from datasources.tables import bulk_operation_items as items
from datasources.tables import bulk_operations as operations

__all__ = ["BulkOperationRef", "BulkReport", "Item", "record_operation"]


class Item(NamedTuple):
    """What became of one object."""

    target_id: str
    reason: str | None = None
    """Why it was left alone; None for an object that was changed."""
    account_id: str | None = None
    """Account of the object, where it is not the caller's own."""


class BulkReport(NamedTuple):
    """A bulk operation, inside an account or over several, finished in its own transaction."""

    kind: str
    is_dry_run: bool
    selection: dict[str, Any]
    """Ids and conditions it was given."""
    values: dict[str, Any]
    """Values it sets, without secrets."""
    items: Sequence[Item]

    @property
    def changed(self) -> int:
        """How many objects were changed, or would be."""
        return sum(item.reason is None for item in self.items)

    @property
    def accounts(self) -> int:
        """How many accounts were touched, or would be."""
        return len({item.account_id for item in self.items if item.reason is None})


class BulkOperationRef(NamedTuple):
    """A recorded operation by its id."""

    id: str


_INSERT = Statement(
    insert(operations)
    .values(
        account_id=bindparam(TENANT, type_=Text()),
        kind=bindparam("kind", type_=Text()),
        status=word("SUCCEEDED"),
        is_dry_run=bindparam("is_dry_run", type_=Boolean()),
        selection=bindparam("selection", type_=JSONB()),
        changes=bindparam("values", type_=JSONB()),
        matched_count=bindparam("matched", type_=Integer()),
        changed_count=bindparam("changed", type_=Integer()),
        skipped_count=bindparam("skipped", type_=Integer()),
        account_count=bindparam("accounts", type_=Integer()),
        requested_by=bindparam("author", type_=Text()),
        finished_at=func.clock_timestamp(),
    )
    .returning(operations.c.id)
)
_texts = ARRAY(Text())
_given = (
    func.unnest(
        bindparam("targets", type_=_texts),
        bindparam("outcomes", type_=_texts),
        bindparam("reasons", type_=_texts),
        bindparam("accounts", type_=_texts),
    )
    .table_valued("target", "outcome", "reason", "account", with_ordinality="ordinal", name="given")
    .render_derived()
)
_INSERT_ITEMS = Statement(
    insert(items).from_select(
        ["operation_id", "position", "target_id", "account_id", "outcome", "reason"],
        select(
            bindparam("operation_id", type_=Uuid(as_uuid=False)),
            cast(_given.c.ordinal - 1, Integer),
            _given.c.target,
            func.coalesce(_given.c.account, bindparam(TENANT, type_=Text())),
            _given.c.outcome,
            _given.c.reason,
        ),
    )
)


async def record_operation(
    database: Database, caller: Caller, report: BulkReport
) -> BulkOperationRef:
    """Store what a bulk operation did, or would do, in two statements."""
    record = await database.fetchrow(
        _INSERT,
        kind=report.kind,
        is_dry_run=report.is_dry_run,
        selection=report.selection,
        values=report.values,
        matched=len(report.items),
        changed=0 if report.is_dry_run else report.changed,
        skipped=len(report.items) - report.changed,
        accounts=report.accounts,
        author=caller.id,
        **tenant_values(caller),
    )
    if record is None:
        raise LookupError("An insert answers its row.")
    done = "MATCHED" if report.is_dry_run else "CHANGED"
    await database.execute(
        _INSERT_ITEMS,
        operation_id=record[0],
        targets=[item.target_id for item in report.items],
        outcomes=[done if item.reason is None else "SKIPPED" for item in report.items],
        reasons=[item.reason for item in report.items],
        accounts=[item.account_id for item in report.items],
        **tenant_values(caller),
    )
    return BulkOperationRef(str(record[0]))
