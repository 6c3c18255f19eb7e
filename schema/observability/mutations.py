"""The observability module's mutations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers.observability import exporting
from schema.base.core import MutationPayload, TenantInput
from schema.base.fields import absent, given, mutation, outcome
from schema.base.guards import Role, roles
from schema.base.modules import to
from schema.observability.enums import AuditExportFormat
from schema.observability.filters import AuditEventFilter

if TYPE_CHECKING:
    from schema.base.stubs import BulkOperation

__all__ = ["Mutation"]


@strawberry.input(description="Input of exportAuditEvents.")
class ExportAuditEventsInput(TenantInput):
    """Input of exportAuditEvents."""

    filter: AuditEventFilter | None = absent("Conditions, all of which must hold.")
    format: AuditExportFormat = given("Format.", default=AuditExportFormat.NDJSON)


@strawberry.type(description="Answer of exportAuditEvents.")
class ExportAuditEventsPayload(MutationPayload):
    """Answer of exportAuditEvents."""

    operation: Annotated[BulkOperation, to] | None = outcome(
        "The bulk operation: what matched and what changed."
    )


@strawberry.type
class Mutation:
    """The observability module's mutations."""

    export_audit_events: ExportAuditEventsPayload | None = mutation(
        exporting.export_audit_events,
        ExportAuditEventsInput,
        "Prepares a file of audit events; its address is on the finished operation.",
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR),
    )
