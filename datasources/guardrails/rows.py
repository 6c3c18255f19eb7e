"""Rows of guardrails."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from datasources.scopes import ScopeRow

__all__ = [
    "AgentGuardsRow",
    "AgentRef",
    "AuditEventRef",
    "EventRow",
    "GuardrailRow",
    "PatternRow",
    "PolicyRow",
]


class AgentRef(NamedTuple):
    """An agent by its id."""

    id: str


class AuditEventRef(NamedTuple):
    """An event of the trail by its id."""

    id: str


class AgentGuardsRow(NamedTuple):
    """What an agent requires."""

    id: str
    required_guards: list[str]


class GuardrailRow(NamedTuple):
    """How one guard works in an account."""

    account_id: str
    guard: str
    is_configured: bool
    is_enabled: bool
    execution_order: int
    action: str
    settings: dict[str, Any]
    version: int
    updated_at: datetime | None
    updated_by: str | None


class PatternRow(NamedTuple):
    """A pattern, as the addressed account uses it."""

    id: str
    account_id: str | None
    guard: str
    name: str
    regex: str
    type: str
    action: str
    severity: str
    category: str | None
    description: str | None
    is_enabled: bool
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    updated_by: str | None


class PolicyRow(NamedTuple):
    """Guards a scope requires."""

    id: str
    account_id: str
    scope_type: str
    scope_id: str
    required_guards: list[str]
    mode: str
    is_enabled: bool
    notes: str | None
    updated_at: datetime
    created_by: str | None
    updated_by: str | None

    @property
    def scope(self) -> ScopeRow:
        """Scope it is stored for."""
        return ScopeRow(self.scope_type, self.scope_id, self.account_id)


class EventRow(NamedTuple):
    """A time a guard fired."""

    id: str
    account_id: str
    guard: str
    severity: str
    action: str
    pattern_id: str | None
    user_id: str | None
    agent_id: str | None
    model_name: str | None
    category: str | None
    request_id: str | None
    occurred_at: datetime
