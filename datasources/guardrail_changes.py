"""The guardrails' change log: its table, and what a line of it says.

Lines name neither the object changed nor what became of it: both follow from the documents, which
writers of the past filled in their own ways.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, DateTime, MetaData, Table, Text, Uuid, case, func
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY, INET, JSONB

from datasources.expressions import word

__all__ = ["IDENTITY", "guard", "guardrail_changes", "message", "resource_id", "resource_name",
           "resource_type", "severity"]  # fmt: skip

IDENTITY = ("pattern_id", "pattern_name", "policy_id", "scope_type", "scope_id")
"""Entries of the documents that say what was changed, not how."""

guardrail_changes = Table(
    "guardrails_audit_log",
    MetaData(),
    Column("id", Uuid(as_uuid=False)),
    *[Column(name, Text) for name in ("account_id", "guard_type", "action")],
    Column("old_config", JSONB),
    Column("new_config", JSONB),
    Column("changed_fields", ARRAY(Text)),
    Column("changed_by", Text),
    Column("changed_at", DateTime(timezone=True)),
    Column("ip_address", INET),
    Column("user_agent", Text),
    schema="copilot",
)

_row = guardrail_changes.c


def _said(name: str) -> ColumnElement[Any]:
    """What either document says under a name, as text."""
    return func.coalesce(
        _row.new_config.op("->>", return_type=Text())(word(name)),
        _row.old_config.op("->>", return_type=Text())(word(name)),
        type_=Text(),
    )


_is_policy = _row.guard_type == word("policy")
_is_pattern = _said("pattern_name").is_not(None)
_upper: ColumnElement[str] = func.upper(_row.guard_type, type_=Text())

resource_type: ColumnElement[str] = sql_cast(
    case(
        (_is_policy, word("guardrail_policy")),
        (_is_pattern, word("guardrail_pattern")),
        else_=word("guardrail"),
    ),
    Text,
)
resource_id: ColumnElement[str | None] = case(
    (_is_policy, _said("policy_id")), (_is_pattern, _said("pattern_id")), else_=_upper
)
"""Id of the policy or pattern where the line says it; for a guard its name."""
resource_name: ColumnElement[str] = func.coalesce(
    case(
        (
            _is_policy,
            func.lower(_said("scope_type"), type_=Text()) + word(" ") + _said("scope_id"),
        ),
        (_is_pattern, _said("pattern_name")),
        else_=_upper,
    ),
    _upper,
    type_=Text(),
)
guard: ColumnElement[str | None] = case((_is_policy, None), else_=_upper)
"""The guard changed; null for the policy of a scope."""
severity: ColumnElement[str] = sql_cast(
    case((_row.action.in_([word("delete"), word("disable")]), word("WARNING")),
         else_=word("INFO")),
    Text,
)  # fmt: skip
_SUBJECTS = {
    "guardrail_policy": "The policy of ",
    "guardrail_pattern": "Pattern ",
    "guardrail": "Guard ",
}
_VERBS = {
    "create": " was created.",
    "update": " was changed.",
    "delete": " was deleted.",
    "enable": " was switched on.",
    "disable": " was switched off.",
}
message: ColumnElement[str] = sql_cast(
    case(*[(resource_type == word(kind), word(text)) for kind, text in _SUBJECTS.items()])
    + resource_name
    + case(*[(_row.action == word(action), word(text)) for action, text in _VERBS.items()]),
    Text,
)
"""What happened, in one sentence."""
