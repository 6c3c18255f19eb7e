"""Updates of some columns of one row of the caller's account, compiled once per set of columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, Text, bindparam, func, update

from auth.caller import Caller
from datasources.base import Database, Statement, in_account, is_uuid, tenant_values

__all__ = ["RowUpdate"]


class RowUpdate:
    """Changes columns of one row of a `copilot` or `gateway` table; author and time are kept."""

    def __init__(self, table: Table) -> None:
        """Take a table with the columns `id` (uuid), `account_id` and `updated_at`."""
        self._table = table
        self._statements: dict[frozenset[str], Statement] = {}

    async def __call__(
        self, database: Database, caller: Caller, id: str, changes: Mapping[str, Any]
    ) -> bool:
        """Whether the row was there to be changed. Raises asyncpg's `UniqueViolationError`."""
        if not is_uuid(id):
            return False
        values = {f"new_{name}": value for name, value in changes.items()}
        if "updated_by" in self._table.c:
            values["author"] = caller.id
        statement = self._statement(frozenset(changes))
        return bool(await database.execute(statement, row_id=id, **values, **tenant_values(caller)))

    def _statement(self, names: frozenset[str]) -> Statement:
        statement = self._statements.get(names)
        if statement is None:
            statement = self._statements[names] = Statement(self._update(names))
        return statement

    def _update(self, names: frozenset[str]) -> Any:
        table = self._table
        columns: dict[str, Any] = {
            name: bindparam(f"new_{name}", type_=table.c[name].type) for name in sorted(names)
        }
        columns["updated_at"] = func.now()
        if "updated_by" in table.c:
            columns["updated_by"] = bindparam("author", type_=Text())
        row = table.c.id == bindparam("row_id", type_=table.c.id.type)
        return update(table).where(in_account(table), row).values(columns)
