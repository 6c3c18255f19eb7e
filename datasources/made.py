"""Objects that no table holds: made of a key and constants, and written with what belongs to them.

A directory of an account, say, is nothing but the account's id and its own name; all that is asked
of it are lists. Written as JSON, it is one statement with a subquery a list.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeAlias

from orjson import Fragment
from sqlalchemy import ColumnElement, Select, Subquery, Text, literal_column, select, type_coerce

from auth.caller import Caller
from datasources.base import Database, Statement, tenant_values
from datasources.expressions import word
from datasources.keys import Keys
from datasources.trees import Here, Tree, is_writable, object_text

__all__ = ["MadeObjects", "made_objects", "made_row"]

Row: TypeAlias = Callable[..., Any]
"""The class of a row of named values."""


def made_objects(
    row: Row,
    names: Sequence[str],
    constants: Mapping[str, str],
    tree: Tree,
    *,
    tenant: str | None = None,
) -> MadeObjects | None:
    """What writes rows of this class as the tree says; None where PostgreSQL cannot.

    The keys hold text under these names, as many rows as there are keys have the constants. Under
    `tenant` they hold accounts that the caller is known to reach.
    """
    made = MadeObjects(row, names, constants, tree, tenant)
    return made if made.is_writable else None


def made_row(row: Row, names: Sequence[str], key: Any, constants: Mapping[str, str]) -> Any:
    """The row of a key: its one value, or a tuple of values in the order of the names."""
    values = (key,) if len(names) == 1 else key
    return row(**dict(zip(names, values, strict=True)), **constants)


class MadeObjects:
    """A batch read of objects whose keys are all there is to know of them."""

    def __init__(
        self,
        row: Row,
        names: Sequence[str],
        constants: Mapping[str, str],
        tree: Tree,
        tenant: str | None,
    ) -> None:
        self._row = row
        self._tenant = tenant
        self._constants = constants
        self._tree = tree
        self._keys = Keys(names, [Text() for _ in names], None)
        self._statements: dict[tuple[bool, bool, bool], Statement] = {}

    @property
    def is_writable(self) -> bool:
        """Whether PostgreSQL can write them at all."""
        return is_writable(self._tree, self._of_one())

    async def __call__(
        self, database: Database, caller: Caller, keys: Sequence[Hashable]
    ) -> list[Any]:
        """The objects of these keys as JSON; rows in place of those that are not sound."""
        usable = self._keys.usable(caller, keys)
        values = self._keys.values(caller, usable) | tenant_values(caller)
        statement = self._statement(caller, is_single=len(keys) == 1)
        found: list[Any] = [None] * len(keys)
        for ordinal, text in await database.fetch(statement, **values):
            found[ordinal - 1] = text
        return [
            self._made(key) if text is None else Fragment(text)
            for key, text in zip(keys, found, strict=True)
        ]

    def _made(self, key: Any) -> Any:
        return made_row(self._row, self._keys.names, key, self._constants)

    def _statement(self, caller: Caller, *, is_single: bool) -> Statement:
        shape = (caller.spans_accounts, caller.account_id is None, is_single)
        statement = self._statements.get(shape)
        if statement is None:
            source = self._of_one() if is_single else self._of_many(caller)
            text = object_text(self._tree, Here(source, caller, self._tenant)).label("text")
            query = select(source.c.ordinal, text).select_from(source)
            statement = self._statements[shape] = Statement(query)
        return statement

    def _of_one(self) -> Subquery:
        """One row: a statement whose plan PostgreSQL keeps."""
        ordinal: ColumnElement[int] = literal_column("1")
        return self._with_constants(ordinal.label("ordinal"), self._keys.one()).subquery("made")

    def _of_many(self, caller: Caller) -> Subquery:
        parent = self._keys.parents(caller)
        columns = [type_coerce(parent.c[f"k{i}"], Text) for i in range(len(self._keys.names))]
        return self._with_constants(parent.c.ordinal, columns).subquery("made")

    def _with_constants(self, ordinal: Any, columns: Sequence[Any]) -> Select[Any]:
        keys = zip(self._keys.names, columns, strict=True)
        constants = self._constants.items()
        return select(
            ordinal,
            *[column.label(name) for name, column in keys],
            *[word(value).label(name) for name, value in constants],
        )
