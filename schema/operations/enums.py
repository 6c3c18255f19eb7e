"""Enumerations of bulk operations."""

from __future__ import annotations

from enum import StrEnum

from schema.base.enums import described


@described(
    "What a bulk operation does.",
    CREATE_INVITES="Creates invites.",
    UPDATE_USERS="Changes people.",
    UPDATE_SUPPORT_TICKETS="Changes support tickets.",
    DELETE_NOTIFICATION_TEMPLATES="Removes notification templates.",
    SET_ACCOUNT_STATUS="Suspends or reactivates accounts.",
    SET_ACCOUNT_ALLOCATION="Sets what accounts get per cycle.",
    SET_ACCOUNT_MODELS="Sets model access of accounts.",
    SET_ENTITLEMENTS="Sets entitlements of accounts.",
    EXPORT_AUDIT_EVENTS="Writes audit events to a file.",
)
class BulkOperationKind(StrEnum):
    """What a bulk operation does."""

    CREATE_INVITES = "CREATE_INVITES"
    UPDATE_USERS = "UPDATE_USERS"
    UPDATE_SUPPORT_TICKETS = "UPDATE_SUPPORT_TICKETS"
    DELETE_NOTIFICATION_TEMPLATES = "DELETE_NOTIFICATION_TEMPLATES"
    SET_ACCOUNT_STATUS = "SET_ACCOUNT_STATUS"
    SET_ACCOUNT_ALLOCATION = "SET_ACCOUNT_ALLOCATION"
    SET_ACCOUNT_MODELS = "SET_ACCOUNT_MODELS"
    SET_ENTITLEMENTS = "SET_ENTITLEMENTS"
    EXPORT_AUDIT_EVENTS = "EXPORT_AUDIT_EVENTS"


@described(
    "Life-cycle of a bulk operation.",
    RUNNING="At work; resumes by itself after an interruption.",
    SUCCEEDED="Finished.",
    FAILED="Stopped by a fault; nothing of the failed part was changed.",
    CANCELLED="Stopped on request; changes made before stay.",
    UNDONE="Finished and taken back.",
)
class BulkOperationStatus(StrEnum):
    """Life-cycle of a bulk operation."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    UNDONE = "UNDONE"


@described(
    "What became of one object of a bulk operation.",
    MATCHED="Would be changed; only on a dry run.",
    CHANGED="Was changed.",
    SKIPPED="Left alone for the reason given.",
    UNDONE="Was changed and changed back.",
)
class BulkItemOutcome(StrEnum):
    """What became of one object of a bulk operation."""

    MATCHED = "MATCHED"
    CHANGED = "CHANGED"
    SKIPPED = "SKIPPED"
    UNDONE = "UNDONE"


@described(
    "What bulk operations can be sorted by.",
    STARTED_AT="By time it began.",
)
class BulkOperationOrderField(StrEnum):
    """What bulk operations can be sorted by."""

    STARTED_AT = "STARTED_AT"
