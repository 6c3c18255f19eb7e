"""Bulk operations and where they hang."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from datasources import operations
from datasources.operations import BulkOperationItemRow, BulkOperationRow
from datasources.references import AccountRef, reachable_accounts
from resolvers.results import result_url
from schema.base.core import (
    Actor,
    Connection,
    Node,
    PlatformOrAccountScoped,
    author,
)
from schema.base.descriptions import ACCOUNT, BULK_OPERATION, PLATFORM
from schema.base.fields import argument, column, computed, page, reference
from schema.base.guards import Role, Sensitive, roles
from schema.base.modules import entity, record, to
from schema.base.roots import PlatformRow
from schema.base.scalars import JSON, URL, DateTime
from schema.operations.enums import BulkItemOutcome, BulkOperationKind, BulkOperationStatus
from schema.operations.filters import (
    BulkOperationFilter,
    BulkOperationItemFilter,
    BulkOperationOrder,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from resolvers.base import RequestContext

__all__ = ["Account", "BulkOperation", "Platform"]

_READERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE)


@record(BulkOperationItemRow, "One object of a bulk operation.")
class BulkOperationItem:
    """One object of a bulk operation."""

    target_id: strawberry.ID = column("Id of the object; the e-mail address for invites.")
    account: Annotated[Account, to] | None = reference("Account of the object.", by="account_id")
    outcome: BulkItemOutcome = column("What became of it.")
    reason: str | None = column("Why it was skipped; null otherwise.")


@entity(
    BulkOperationRow,
    operations.operations_by_id,
    BULK_OPERATION,
    guard=_READERS,
)
class BulkOperation(Node, PlatformOrAccountScoped):
    """A change of many objects at once."""

    kind: BulkOperationKind = column("What it does.")
    status: BulkOperationStatus = column("State.")
    is_dry_run: bool = column("Whether it only found out what would change.")
    selection: JSON = column("Ids and conditions it was given.")
    values: JSON = column("Values it sets. Secrets never enter it.")
    matched_count: int = column("Objects found.")
    changed_count: int = column("Objects changed.")
    skipped_count: int = column("Objects left alone.")
    account_count: int = column("Accounts touched.")
    progress_percent: float = column("Share of the work done.")
    items: Connection[BulkOperationItem] | None = page(
        operations.operation_items,
        "What became of each object.",
        by="id",
        filter=BulkOperationItemFilter,
    )
    requested_by: Actor = author("requested_by", "Who asked for it.")
    started_at: DateTime = column("When it began.")
    finished_at: DateTime | None = column("When it ended; null while it runs.")
    can_undo: bool = column("Whether it can still be taken back.")
    result_url: URL | None = computed(
        result_url,
        "Where its file can be fetched for an hour; null for none.",
        needs=("id", "has_file"),
        guard=(*roles(Role.ACCOUNT_ADMIN, Role.AUDITOR), Sensitive()),
    )
    problem: str | None = column("Why it failed; null otherwise.")


def _operation(
    context: RequestContext, row: AccountRef, id: str
) -> Awaitable[BulkOperationRow | None]:
    return context.load(operations.operations_in_account, (row.id, id))


_INSIDE = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE, scopes=["operations:read"])


@entity(AccountRef, reachable_accounts, ACCOUNT)
class Account:
    """A tenant, as far as its bulk operations go."""

    id: strawberry.ID = column("Stored identifier.")
    bulk_operations: Connection[BulkOperation] | None = page(
        operations.account_operations,
        "Bulk operations inside the account.",
        by="id",
        filter=BulkOperationFilter,
        order=BulkOperationOrder,
        guard=_INSIDE,
    )
    bulk_operation: BulkOperation | None = computed(
        _operation,
        "One bulk operation; null when there is none.",
        arguments=[argument("id", strawberry.ID, "Id of the operation.")],
        guard=_INSIDE,
    )


@record(
    PlatformRow,
    PLATFORM,
    shareable=True,
)
class Platform:
    """What is global, as far as bulk operations go."""

    bulk_operations: Connection[BulkOperation] | None = page(
        operations.all_operations,
        "Bulk operations of all accounts.",
        filter=BulkOperationFilter,
        order=BulkOperationOrder,
    )
