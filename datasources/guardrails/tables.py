"""Tables of guardrails: the existing ones as they are, and the gateway's own."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

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


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text) for name in names]


def _times(*names: str) -> list[Column[object]]:
    return [Column(name, DateTime(timezone=True)) for name in names]


configs = Table(
    "guardrails_config",
    _METADATA,
    _uuid("id"),
    *_text("account_id", "guard_type"),
    Column("enabled", Boolean),
    Column("execution_order", SmallInteger),
    *_text("action_on_fail"),
    Column("config", JSONB),
    Column("version", Integer),
    *_text("created_by", "updated_by"),
    *_times("created_at", "updated_at"),
    schema="copilot",
)

patterns = Table(
    "guardrails_custom_patterns",
    _METADATA,
    _uuid("id"),
    *_text("account_id", "guard_type", "pattern_name", "pattern_regex", "pattern_type", "action"),
    Column("enabled", Boolean),
    Column("is_system", Boolean),
    *_text("category", "description", "severity", "created_by", "updated_by"),
    *_times("created_at", "updated_at"),
    schema="copilot",
)

policies = Table(
    "guardrail_policies",
    _METADATA,
    _uuid("id"),
    *_text("account_id", "scope_type", "scope_id"),
    Column("required_guards", ARRAY(Text)),
    *_text("mode"),
    Column("is_enabled", Boolean),
    *_text("notes", "created_by", "updated_by"),
    *_times("created_at", "updated_at"),
    schema="gateway",
)

switches = Table(
    "guardrail_pattern_switches",
    _METADATA,
    *_text("account_id"),
    _uuid("pattern_id"),
    Column("is_enabled", Boolean),
    *_text("updated_by"),
    *_times("updated_at"),
    schema="gateway",
)

events = Table(
    "guardrail_events",
    _METADATA,
    _uuid("id"),
    *_text("account_id", "guard", "severity", "action"),
    _uuid("pattern_id"),
    *_text("user_id", "agent_id", "model_name", "category", "request_id"),
    *_times("occurred_at"),
    schema="gateway",
)

agents = Table(
    "agents_def",
    _METADATA,
    _uuid("agent_id"),
    *_text("account_id"),
    schema="copilot",
)

agent_guards = Table(
    "agent_guards",
    _METADATA,
    _uuid("agent_id"),
    *_text("account_id"),
    Column("required_guards", ARRAY(Text)),
    *_text("updated_by"),
    *_times("updated_at"),
    schema="gateway",
)
