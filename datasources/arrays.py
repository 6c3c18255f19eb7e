"""Many rows in one statement: an array a column, as PostgreSQL takes them fastest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, Table, Text, bindparam, column, func, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

__all__ = ["columns_of", "rows_of"]


def rows_of(table: Table, names: Sequence[str]) -> Select[Any]:
    """Rows given as arrays named `all_<column>`; a column that holds an array travels as text."""
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
        is_array = isinstance(table.c[name].type, ARRAY)
        columns[f"all_{name}"] = list(map(_literal, values)) if is_array else values
    return columns


def _given(table: Table, name: str) -> Any:
    type_ = table.c[name].type
    return Text() if isinstance(type_, ARRAY) else JSONB() if isinstance(type_, JSONB) else type_


def _literal(values: Sequence[str]) -> str:
    return "{" + ",".join(values) + "}"
