"""Filters and orders of bulk operations."""

from __future__ import annotations

import strawberry

from schema.base.core import DateTimeRangeInput, OrderDirection
from schema.base.fields import absent, given
from schema.operations.enums import (
    BulkItemOutcome,
    BulkOperationKind,
    BulkOperationOrderField,
    BulkOperationStatus,
)


@strawberry.input(description="Conditions on bulk operations.")
class BulkOperationFilter:
    """Conditions on bulk operations."""

    kinds: list[BulkOperationKind] | None = absent("Only these kinds.")
    statuses: list[BulkOperationStatus] | None = absent("Only these states.")
    is_dry_run: bool | None = absent("Only dry runs, or only real ones.")
    started_at: DateTimeRangeInput | None = absent("Begun in this span.")


@strawberry.input(description="How to sort bulk operations.")
class BulkOperationOrder:
    """How to sort bulk operations."""

    field: BulkOperationOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Conditions on objects of a bulk operation.")
class BulkOperationItemFilter:
    """Conditions on objects of a bulk operation."""

    outcomes: list[BulkItemOutcome] | None = absent("Only these outcomes.")
    account_ids: list[strawberry.ID] | None = absent("Only of these accounts.")
