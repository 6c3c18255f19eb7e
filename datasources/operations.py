"""Bulk operations as they are shown: what they matched, and what became of each object."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Double, Select, case, cast, func, literal_column, select

from datasources.conditions import any_of, at_least, before, equals
from datasources.expressions import has_row, word
from datasources.pages import Pages
from datasources.paging import Order, Sorting
from datasources.reads import One
from datasources.tables import bulk_operation_items as items
from datasources.tables import bulk_operations as operations
from datasources.tables import export_files as files

__all__ = [
    "BulkOperationItemRow",
    "BulkOperationRow",
    "account_operations",
    "all_operations",
    "operation_items",
    "operations_by_id",
    "operations_in_account",
]


class BulkOperationRow(NamedTuple):
    """A change of many objects at once."""

    id: str
    account_id: str | None
    kind: str
    status: str
    is_dry_run: bool
    selection: Any
    values: Any
    matched_count: int
    changed_count: int
    skipped_count: int
    account_count: int
    progress_percent: float
    requested_by: str
    started_at: datetime
    finished_at: datetime | None
    can_undo: bool
    has_file: bool
    """Whether it has a file that can be fetched."""
    problem: str | None


class BulkOperationItemRow(NamedTuple):
    """One object of a bulk operation."""

    target_id: str
    account_id: str | None
    outcome: str
    reason: str | None


def _rows() -> Select[Any]:
    of = operations.c
    # On a dry run nothing is changed; what would be counts as an account.
    met = func.greatest(of.changed_count, of.account_count) + of.skipped_count
    progress = case(
        (of.status != word("RUNNING"), literal_column("100.0")),
        (of.matched_count == 0, literal_column("0.0")),
        else_=literal_column("100.0") * met / of.matched_count,
    )
    can_undo = (of.status == word("SUCCEEDED")) & ~of.is_dry_run & (of.undo_until > func.now())
    return select(
        of.id,
        of.account_id,
        of.kind,
        of.status,
        of.is_dry_run,
        of.selection,
        of.changes.label("values"),
        of.matched_count,
        of.changed_count,
        of.skipped_count,
        of.account_count,
        cast(progress, Double()).label("progress_percent"),
        of.requested_by,
        of.started_at,
        of.finished_at,
        func.coalesce(can_undo, literal_column("false")).label("can_undo"),
        has_row(files.c.operation_id == of.id, files.c.expires_at > func.now()).label("has_file"),
        of.problem,
    )


_ORDERS: dict[str, Order] = {"STARTED_AT": ("started_at",)}
_NEWEST = Sorting("STARTED_AT", descending=True)
_CONDITIONS = {
    "kinds": any_of(operations.c.kind),
    "statuses": any_of(operations.c.status),
    "is_dry_run": equals(operations.c.is_dry_run),
    "started_at_from": at_least(operations.c.started_at),
    "started_at_to": before(operations.c.started_at),
}

operations_by_id = One(BulkOperationRow, _rows())
operations_in_account = One(BulkOperationRow, _rows(), key=("account_id", "id"))
"""Operations by `(account, id)`."""

account_operations = Pages(
    BulkOperationRow, _rows(), orders=_ORDERS, default=_NEWEST, conditions=_CONDITIONS
)
all_operations = Pages(
    BulkOperationRow, _rows(), parent=None, orders=_ORDERS, default=_NEWEST, conditions=_CONDITIONS
)

# Of objects that are ahead there is nothing to tell yet.
operation_items = Pages(
    BulkOperationItemRow,
    select(
        items.c.operation_id,
        items.c.position,
        items.c.target_id,
        items.c.account_id,
        items.c.outcome,
        items.c.reason,
        items.c.target_id.label("id"),
    ).where(items.c.outcome.is_not(None)),
    parent="operation_id",
    orders={"POSITION": ("position",)},
    default=Sorting("POSITION"),
    conditions={
        "outcomes": any_of(items.c.outcome),
        "account_ids": any_of(items.c.account_id),
    },
)
