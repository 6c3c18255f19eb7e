"""Events, and where they hang."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from datasources.observability.events import (
    EventRow,
    events_by_id,
    events_in_account,
    operations_by_id,
)
from datasources.observability.lists import (
    account_events,
    account_guardrail_changes,
    all_events,
)
from datasources.references import AccountRef, reachable_accounts
from resolvers.observability.changes import FieldChangeRow, details, field_changes
from schema.base.core import Actor, Connection, Node, PlatformOrAccountScoped, author
from schema.base.descriptions import ACCOUNT, AUDIT_EVENT, PLATFORM
from schema.base.domain import GuardType, Severity
from schema.base.fields import argument, column, computed, one, page
from schema.base.guards import Role, roles
from schema.base.modules import entity, record
from schema.base.roots import PlatformRow, account_root, platform_root
from schema.base.scalars import JSON, DateTime
from schema.base.stubs import BulkOperation
from schema.observability.enums import AuditSource, CockpitModule
from schema.observability.filters import AuditEventFilter, AuditEventOrder

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from resolvers.base import RequestContext

__all__ = ["Account", "AuditEvent", "Platform", "Query"]

_READERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE)
_PEOPLE = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR)


@record(FieldChangeRow, "One field of a change.")
class FieldChange:
    """One field of a change."""

    field: str = column("Name of the field.")
    before: JSON | None = column("Value before; null for none. Secrets are masked.")
    after: JSON | None = column("Value after; null for none. Secrets are masked.")


@entity(EventRow, events_by_id, AUDIT_EVENT, guard=_READERS)
class AuditEvent(Node, PlatformOrAccountScoped):
    """Something that happened."""

    source: AuditSource = column("Store it comes from.")
    module: CockpitModule = column("Part of the cockpit.")
    type: str = column("Event type, such as copilot_budget.")
    action: str = column("What was done, such as update.")
    severity: Severity = column("How serious it is.")
    resource_type: str | None = column("Kind of the object concerned; null for none.")
    resource_id: strawberry.ID | None = column("Id of the object concerned; null for none or many.")
    resource_name: str | None = column("Name of the object at the time; null when not recorded.")
    actor: Actor | None = author(
        "changed_by", "Who did it; null when an older event did not record it."
    )
    message: str = column("What happened, in one sentence.")
    changes: list[FieldChange] = computed(
        field_changes,
        "Fields changed, with values before and after; empty when not recorded.",
        needs=("source", "old_values", "new_values", "changed_fields"),
    )
    details: JSON = computed(
        details,
        "Further values, depending on the type; large lists are shortened to a count.",
        needs=("source", "old_values", "new_values", "said"),
    )
    operation: BulkOperation | None = one(
        operations_by_id, "Bulk operation it belongs to; null for none.", by="operation_id"
    )
    request_id: str | None = column("Request that caused it; null when not recorded.")
    ip_address: str | None = column("Address of the caller; null when not recorded.", guard=_PEOPLE)
    user_agent: str | None = column("Program of the caller; null when not recorded.", guard=_PEOPLE)
    occurred_at: DateTime = column("When it happened.")
    hash: str | None = column(
        "Link in the account's chain of hashes that proves nothing is missing; null for older "
        "events."
    )


def _event(context: RequestContext, row: AccountRef, id: str) -> Awaitable[EventRow | None]:
    return context.load(events_in_account, (row.id, id))


_WATCHERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE, scopes=["observability:read"])


@entity(AccountRef, reachable_accounts, ACCOUNT)
class Account:
    """A tenant, as far as what happened in it goes."""

    id: strawberry.ID = column("Stored identifier.")
    audit_events: Connection[AuditEvent] | None = page(
        account_events,
        "Everything that happened in the account.",
        by="id",
        filter=AuditEventFilter,
        order=AuditEventOrder,
        guard=_WATCHERS,
    )
    audit_event: AuditEvent | None = computed(
        _event,
        "One event; null when there is none.",
        arguments=[argument("id", strawberry.ID, "Id of the event.")],
        guard=_WATCHERS,
    )
    guardrail_changes: Connection[AuditEvent] | None = page(
        account_guardrail_changes,
        "Change log of configuration, patterns and policies.",
        by="id",
        conditions=[argument("guards", list[GuardType] | None, "Only about these guards.")],
        filter=AuditEventFilter,
        order=AuditEventOrder,
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE, scopes=["guardrails:read"]),
    )


@record(
    PlatformRow,
    PLATFORM,
    shareable=True,
)
class Platform:
    """What is global, as far as what happened goes."""

    audit_events: Connection[AuditEvent] | None = page(
        all_events,
        "Events of all accounts and of the platform.",
        filter=AuditEventFilter,
        order=AuditEventOrder,
    )


@strawberry.type(description="Where every read starts.")
class Query:
    """Where every read starts."""

    account: Account | None = account_root()
    platform: Platform | None = platform_root()
