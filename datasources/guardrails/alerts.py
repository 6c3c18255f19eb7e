"""What about guardrails deserves attention: guards that are off, protection removed, violations.

A guard never configured raises nothing, nor does a policy: only an administrator's own doing does.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    any_,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import JSONB

from datasources import guardrail_changes as log
from datasources.conditions import any_of, at_least, before, matching
from datasources.expressions import nothing, word
from datasources.guardrails.tables import configs, events, policies
from datasources.pages import Pages
from datasources.paging import Sorting

__all__ = ["AlertRow", "account_alerts"]

_DAYS = 7
"""How far back changes and violations are shown when no span is asked for."""


class AlertRow(NamedTuple):
    """Something about guardrails that deserves attention."""

    account_id: str
    kind: str
    severity: str
    guard: str | None
    message: str
    change_id: str | None
    event_id: str | None
    raised_at: datetime


def _alert(
    kind: str, id: ColumnElement[Any], columns: dict[str, ColumnElement[Any]]
) -> Select[Any]:
    uuid = events.c.id.type
    every = {
        "id": word(kind[0]) + sql_cast(id, Text),
        "kind": word(kind),
        "change_id": nothing(uuid),
        "event_id": nothing(uuid),
    } | columns
    text = ("id", "kind", "severity", "guard", "message")
    order = (*text, "account_id", "change_id", "event_id", "raised_at")
    return select(
        *[
            (sql_cast(every[name], Text) if name in text else every[name]).label(name)
            for name in order
        ]
    )


_guard = func.upper(configs.c.guard_type, type_=Text())
# As an aggregate: for EXISTS PostgreSQL may read the policies of all accounts into a hash table.
_required: ColumnElement[bool] = (
    select(func.bool_or(_guard == any_(policies.c.required_guards)))
    .where(policies.c.account_id == configs.c.account_id, policies.c.is_enabled)
    .scalar_subquery()
)
_DISABLED = _alert(
    "GUARD_DISABLED",
    configs.c.id,
    {
        "account_id": configs.c.account_id,
        "severity": case((_required, word("CRITICAL")), else_=word("WARNING")),
        "guard": _guard,
        "message": word("Guard ")
        + _guard
        + case(
            (_required, word(" is switched off, though a policy requires it.")),
            else_=word(" is switched off."),
        ),
        "raised_at": configs.c.updated_at,
    },
).where(~configs.c.enabled)

_change = log.guardrail_changes.c
_guards = _change.old_config.op("->", return_type=JSONB())(word("required_guards"))
_only_guard = case(
    (func.jsonb_typeof(_guards) != word("array"), nothing(Text())),
    (
        func.jsonb_array_length(_guards) == literal_column("1"),
        _guards.op("->>", return_type=Text())(literal_column("0")),
    ),
)
_REMOVED = _alert(
    "PROTECTION_REMOVED",
    _change.id,
    {
        "account_id": _change.account_id,
        "severity": word("WARNING"),
        "guard": func.coalesce(log.guard, _only_guard),
        "message": log.message,
        "change_id": _change.id,
        "raised_at": _change.changed_at,
    },
).where(_change.action.in_([word("disable"), word("delete")]))

_event = events.c
_DONE = {"BLOCK": "refused", "FLAG": "marked", "LOG_ONLY": "let through"}
_VIOLATION = _alert(
    "VIOLATION",
    _event.id,
    {
        "account_id": _event.account_id,
        "severity": case(
            (_event.severity == word("CRITICAL"), word("CRITICAL")), else_=word("WARNING")
        ),
        "guard": _event.guard,
        "message": word("Guard ")
        + _event.guard
        + func.coalesce(word(" found ") + _event.category, word(" fired"), type_=Text())
        + word("; the request was ")
        + case(*[(_event.action == word(action), word(text)) for action, text in _DONE.items()])
        + word("."),
        "event_id": _event.id,
        "raised_at": _event.occurred_at,
    },
).where(_event.severity.in_([word("HIGH"), word("CRITICAL")]))

_alerts = union_all(_DISABLED, _REMOVED, _VIOLATION).subquery("alerts")
_stands = _alerts.c.kind == word("GUARD_DISABLED")


class _LatelyUnlessAsked(Pages[AlertRow]):
    """A list of what was raised lately, unless a span is asked for."""

    def _asked(self, filters: tuple[tuple[str, Hashable], ...]) -> tuple[tuple[str, Hashable], ...]:
        if any(name.startswith("raised_at") for name, _ in filters):
            return filters
        return (*filters, ("within_days", _DAYS))


account_alerts = _LatelyUnlessAsked(
    AlertRow,
    select(*_alerts.c),
    orders={"RAISED_AT": ("raised_at",)},
    default=Sorting("RAISED_AT", descending=True),
    conditions={
        "kinds": any_of(_alerts.c.kind),
        "guards": any_of(_alerts.c.guard),
        "raised_at_from": at_least(_alerts.c.raised_at),
        "raised_at_to": before(_alerts.c.raised_at),
        "within_days": matching(
            Integer(),
            lambda days: or_(
                _stands, _alerts.c.raised_at >= func.now() - func.make_interval(0, 0, 0, days)
            ),
        ),
    },
)
"""What deserves attention in an account; a guard that is off does for as long as it is."""
