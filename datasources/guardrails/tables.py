"""Tables of guardrails: the existing ones as they are, and the gateway's own."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, MetaData, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from datasources.columns import texts, times

__all__ = [
    "GUARDS",
    "agent_guards",
    "agents",
    "configs",
    "events",
    "patterns",
    "policies",
    "switches",
]

GUARDS = ("PII", "TOXIC", "JAILBREAK")
"""Every guard, in the order in which they run when nothing else is said."""

_METADATA = MetaData()


def _uuid(name: str) -> Column[str]:
    return Column(name, Uuid(as_uuid=False))


configs = Table(
    "guardrails_config",
    _METADATA,
    _uuid("id"),
    *texts("account_id", "guard_type"),
    Column("enabled", Boolean),
    Column("execution_order", SmallInteger),
    *texts("action_on_fail"),
    Column("config", JSONB),
    Column("version", Integer),
    *texts("created_by", "updated_by"),
    *times("created_at", "updated_at"),
    schema="copilot",
)

patterns = Table(
    "guardrails_custom_patterns",
    _METADATA,
    _uuid("id"),
    *texts("account_id", "guard_type", "pattern_name", "pattern_regex", "pattern_type", "action"),
    Column("enabled", Boolean),
    Column("is_system", Boolean),
    *texts("category", "description", "severity", "created_by", "updated_by"),
    *times("created_at", "updated_at"),
    schema="copilot",
)

policies = Table(
    "guardrail_policies",
    _METADATA,
    _uuid("id"),
    *texts("account_id", "scope_type", "scope_id"),
    Column("required_guards", ARRAY(Text)),
    *texts("mode"),
    Column("is_enabled", Boolean),
    *texts("notes", "created_by", "updated_by"),
    *times("created_at", "updated_at"),
    schema="gateway",
)

switches = Table(
    "guardrail_pattern_switches",
    _METADATA,
    *texts("account_id"),
    _uuid("pattern_id"),
    Column("is_enabled", Boolean),
    *texts("updated_by"),
    *times("updated_at"),
    schema="gateway",
)

events = Table(
    "guardrail_events",
    _METADATA,
    _uuid("id"),
    *texts("account_id", "guard", "severity", "action"),
    _uuid("pattern_id"),
    *texts("user_id", "agent_id", "model_name", "category", "request_id"),
    *times("occurred_at"),
    schema="gateway",
)

agents = Table(
    "agents_def",
    _METADATA,
    _uuid("agent_id"),
    *texts("account_id"),
    schema="copilot",
)

agent_guards = Table(
    "agent_guards",
    _METADATA,
    _uuid("agent_id"),
    *texts("account_id"),
    Column("required_guards", ARRAY(Text)),
    *texts("updated_by"),
    *times("updated_at"),
    schema="gateway",
)
