"""Events of the guardrails' change log, in the form of every audit event."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Text, case, func, select
from sqlalchemy import cast as sql_cast

from datasources import guardrail_changes as log
from datasources.conditions import any_of, at_least, before, contains, equals
from datasources.expressions import word
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import One

__all__ = ["EventRow", "account_guardrail_changes", "events_by_id"]

_SEVERITIES = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class EventRow(NamedTuple):
    """Something that happened."""

    id: str
    account_id: str
    source: str
    module: str
    type: str
    action: str
    severity: str
    resource_type: str
    resource_id: str | None
    resource_name: str
    message: str
    old_values: Any
    new_values: Any
    changed_fields: list[str]
    changed_by: str | None
    occurred_at: datetime
    ip_address: str | None
    user_agent: str | None


def _constant(text: str) -> ColumnElement[str]:
    return sql_cast(word(text), Text)


_row = log.guardrail_changes.c
_source, _module = _constant("GUARDRAILS"), _constant("GUARDRAILS")
_type = _constant("copilot_guardrail")
_rank: ColumnElement[int] = sql_cast(
    case(*[(log.severity == word(name), rank) for rank, name in enumerate(_SEVERITIES)]), Integer
)
_CHANGES = select(
    _row.id,
    _row.account_id,
    _source.label("source"),
    _module.label("module"),
    _type.label("type"),
    _row.action,
    log.severity.label("severity"),
    log.resource_type.label("resource_type"),
    log.resource_id.label("resource_id"),
    log.resource_name.label("resource_name"),
    log.message.label("message"),
    _row.old_config.label("old_values"),
    _row.new_config.label("new_values"),
    _row.changed_fields,
    _row.changed_by,
    _row.changed_at.label("occurred_at"),
    func.host(_row.ip_address, type_=Text()).label("ip_address"),
    _row.user_agent,
    _rank.label("rank"),
)

events_by_id = One(EventRow, _CHANGES)
"""The event of each id."""

account_guardrail_changes = Pages(
    EventRow,
    _CHANGES,
    orders={"OCCURRED_AT": ("occurred_at",), "SEVERITY": ("rank", "occurred_at")},
    default=Sorting("OCCURRED_AT", descending=True),
    conditions={
        "guards": any_of(func.upper(_row.guard_type, type_=Text())),
        "search": contains(log.message),
        "sources": any_of(_source),
        "modules": any_of(_module),
        "types": any_of(_type),
        "actions": any_of(_row.action),
        "severities": any_of(log.severity),
        "actor_id": equals(_row.changed_by),
        "resource_type": equals(log.resource_type),
        "resource_id": equals(log.resource_id),
        "occurred_at_from": at_least(_row.changed_at),
        "occurred_at_to": before(_row.changed_at),
    },
)
"""Changes of an account's guardrails, patterns and policies."""
