"""Many rows in one statement: an array a column, as PostgreSQL takes them fastest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Select, Table, Text, bindparam, column, func, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from datasources.codecs import json_bytes

__all__ = ["columns_of", "rows_of"]


def rows_of(table: Table, names: Sequence[str]) -> Select[Any]:
    """Rows given as arrays named `all_<column>`; what holds an array or JSON travels as text."""
    types = [_given(table, name) for name in names]
    arrays = [
        bindparam(f"all_{name}", type_=ARRAY(type_))
        for name, type_ in zip(names, types, strict=True)
    ]
    given = (
        func.unnest(*arrays)
        .table_valued(*[column(name, type_) for name, type_ in zip(names, types, strict=True)])
        .render_derived(name="given")
    )
    return select(*[sql_cast(given.c[name], table.c[name].type) for name in names])


def columns_of(
    table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> dict[str, Sequence[Any]]:
    """The values of such rows, each given in the order of the names."""
    columns: dict[str, Sequence[Any]] = {}
    for name, values in zip(names, zip(*rows, strict=True), strict=True):
        write = _WRITERS.get(type(table.c[name].type))
        columns[f"all_{name}"] = values if write is None else list(map(write, values))
    return columns


def _given(table: Table, name: str) -> Any:
    type_ = table.c[name].type
    return Text() if type(type_) in _WRITERS else type_


def _array(values: Sequence[str]) -> str:
    return "{" + ",".join(values) + "}"


def _json(value: object) -> str | None:
    """A list would be taken for a further dimension of the array."""
    return None if value is None else json_bytes(value).decode()


_WRITERS: dict[type, Callable[[Any], str | None]] = {ARRAY: _array, JSONB: _json}
"""How values that are arrays themselves, or may be, are written as text."""
