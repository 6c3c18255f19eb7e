"""Many rows in one statement: one JSON array of objects, which PostgreSQL reads as a table.

PERF: bench/usage; given as an array a column, asyncpg looks at every value once more to see whether
it is an array as well, which took a quarter of the time of booking.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import JSON, Select, Table, bindparam, column, func, select

__all__ = ["given", "rows_of"]


def rows_of(table: Table, names: Sequence[str]) -> Select[Any]:
    """Rows with these columns of a table, bound to `rows`: a dictionary each, as `given` makes."""
    rows = func.json_to_recordset(bindparam("rows", type_=JSON()))
    columns = [column(name, table.c[name].type) for name in names]
    return select(*rows.table_valued(*columns).render_derived(name="given", with_types=True).c)


def given(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """What binds `rows_of` to such rows, the values of each in the order of the names."""
    return {"rows": [dict(zip(names, row, strict=True)) for row in rows]}
