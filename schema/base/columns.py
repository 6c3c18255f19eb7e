"""How whole lists of a scalar's or enum's values are written, for execution by lists.

Only for values as rows hold them: whatever else turns up is written one by one. `in_sql` takes a
column to the expression with which PostgreSQL writes the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import orjson

from datasources import json_text

__all__ = ["enum_columns", "scalar_columns"]

_UTC = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC
_LAST_ZEROS = re.compile(rb"(\.[0-9]*[1-9])0+Z").sub
"""Of the fraction of a second."""
_ZONES = frozenset({UTC, None})


def _datetimes(values: Sequence[datetime | None]) -> Sequence[str | None]:
    """PERF: bench/list; both ways through orjson a time costs a fifth of writing it in Python."""
    if not {value.tzinfo for value in values if value is not None} <= _ZONES:
        raise ValueError("not all are in UTC")
    texts = orjson.dumps(values, option=_UTC)
    return cast("list[str | None]", orjson.loads(_LAST_ZEROS(rb"\1Z", texts)))


_SCALARS: dict[str, dict[str, Any]] = {
    "String": {"in_sql": json_text.string_text},
    "ID": {"in_sql": json_text.id_text},
    "Boolean": {"in_sql": json_text.boolean_text},
    "Int": {"in_sql": json_text.integer_text},
    "Float": {"in_sql": json_text.float_text},
    "Decimal": {"in_sql": json_text.decimal_text},
    "DateTime": {
        "plain": frozenset({datetime}),
        "write_column": _datetimes,
        "in_sql": json_text.moment_text,
    },
    "Credits": {"plain": frozenset({int}), "in_sql": json_text.number_text},
    "BigInt": {"plain": frozenset({int}), "in_sql": json_text.number_text},
    "EmailAddress": {"plain": frozenset({str}), "in_sql": json_text.string_text},
    "URL": {"plain": frozenset({str}), "in_sql": json_text.string_text},
    "JSON": {
        "plain": frozenset({str, int, float, bool, list, dict}),
        "in_sql": json_text.json_text,
    },
}


def scalar_columns(name: str) -> dict[str, Any]:
    """What to attach to a scalar of this name."""
    return _SCALARS.get(name, {})


def enum_columns(allowed: frozenset[str]) -> dict[str, Any]:
    """What to attach to an enum with these values."""
    known = allowed | {None}

    def write(values: Sequence[str | None]) -> Sequence[str | None]:
        if not known.issuperset(values):
            raise ValueError("not all are values of the enum")
        return values

    in_sql = json_text.one_of(allowed)
    return {"plain": frozenset({str}), "write_column": write, "in_sql": in_sql}
