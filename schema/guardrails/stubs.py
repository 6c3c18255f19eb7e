"""Other modules' entities as guardrails refer to them: their key and nothing else."""

from __future__ import annotations

import strawberry

from datasources.guardrails.rows import AgentRef, AuditEventRef
from schema.base.descriptions import AGENT, AUDIT_EVENT
from schema.base.fields import column
from schema.base.modules import entity

__all__ = ["Agent", "AuditEvent"]


@entity(AgentRef, None, AGENT, resolvable=False)
class Agent:
    """An agent by its id."""

    id: strawberry.ID = column("Stored identifier.")


@entity(AuditEventRef, None, AUDIT_EVENT, resolvable=False)
class AuditEvent:
    """An event of the trail by its id."""

    id: strawberry.ID = column("Stored identifier.")
