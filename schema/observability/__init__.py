"""The observability module: what happened in an account, to read, hear of and take away."""

from __future__ import annotations

from schema.base.modules import Module
from schema.base.stubs import BulkOperation, User
from schema.observability.mutations import Mutation
from schema.observability.subscriptions import Subscription
from schema.observability.types import Account, AuditEvent, Query

__all__ = ["OBSERVABILITY"]

OBSERVABILITY = Module(
    "observability",
    Query,
    Mutation,
    Subscription,
    entities=[Account, AuditEvent],
    stubs=[BulkOperation, User],
)
