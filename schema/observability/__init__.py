"""The observability module: what happened in an account."""

from __future__ import annotations

from schema.base.modules import Module
from schema.base.stubs import BulkOperation, User
from schema.observability.subscriptions import Subscription
from schema.observability.types import Account, AuditEvent, Query

__all__ = ["OBSERVABILITY"]

OBSERVABILITY = Module(
    "observability",
    Query,
    None,
    Subscription,
    entities=[Account, AuditEvent],
    stubs=[BulkOperation, User],
)
