"""What an event says of its object, whoever wrote it and whenever.

Earlier writers of the guardrails' change log logged whole rows, told the object by its name among
the values, named columns instead of fields and put documents in as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from datasources.guardrail_changes import IDENTITY
from datasources.masking import masked
from datasources.observability.events import EventRow
from resolvers.base import RequestContext

__all__ = ["FieldChangeRow", "camel", "details", "field_changes"]

_FIELDS = {
    "enabled": "is_enabled",
    "action_on_fail": "action",
    "config": "settings",
    "pattern_regex": "regex",
    "pattern_type": "type",
    "required_guard_types": "required_guards",
}
"""What columns are called as fields."""
_ROW = frozenset({"id", "account_id", "guard_type", "version", "created_at", "updated_at",
                  "created_by", "updated_by"})  # fmt: skip
"""Columns that whole rows have and nobody changes by hand."""
_HIDDEN = frozenset({"scope_policies"})
_VALUES = frozenset({"before", "after"})
_LONGEST = 20
"""Entries of the longest list that is shown."""


class FieldChangeRow(NamedTuple):
    """One field of a change."""

    field: str
    before: Any
    after: Any


def field_changes(_context: RequestContext, row: EventRow) -> list[FieldChangeRow]:
    """The fields changed, with their values before and after."""
    old, new = _document(row.old_values), _document(row.new_values)
    names = row.changed_fields or [*(old if row.new_values is None else new)]
    is_line = row.source == "GUARDRAILS"
    changes = [
        FieldChangeRow(_field(name) if is_line else camel(name), old.get(name), new.get(name))
        for name in names
        if not is_line or (name not in IDENTITY and name not in _ROW)
    ]
    return [change for change in changes if change.before != change.after]


def details(_context: RequestContext, row: EventRow) -> dict[str, Any]:
    """What else the event says; of the guardrails' change log, which object was changed."""
    if row.source == "COCKPIT":
        further = _document(row.said)
        return {camel(name): _short(further[name]) for name in further if name not in _VALUES}
    said = _document(row.old_values) | _document(row.new_values)
    return {camel(name): said[name] for name in IDENTITY if name in said}


def _document(value: Any) -> dict[str, Any]:
    found = _decoded(value)
    return masked(found) if isinstance(found, dict) else {}


def _decoded(value: Any) -> Any:
    """A value with documents that were put in as text opened, so that nothing hides in them."""
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return _decoded(orjson.loads(value))
        except orjson.JSONDecodeError:
            return value
    if isinstance(value, Mapping):
        return {name: _decoded(item) for name, item in value.items() if name not in _HIDDEN}
    return value


def _short(value: Any) -> Any:
    """A value with a count in the place of every long list."""
    if isinstance(value, list):
        is_long = len(value) > _LONGEST
        return {"count": len(value)} if is_long else [_short(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _short(item) for name, item in value.items()}
    return value


def _field(name: str) -> str:
    return camel(_FIELDS.get(name, name))


def camel(name: str) -> str:
    """A name as the graph writes it."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
