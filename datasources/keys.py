"""The keys of a batch read: which columns they are compared with, and how they reach a statement.

A caller of one account is bound to it by the tenant predicate alone. Keys of other accounts are
left out before the statement, and the account is no part of the join: PostgreSQL would take the
same condition, said twice, for two that seldom hold together, and plan for a single row.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, and_, any_, bindparam, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.functions import func
from sqlalchemy.types import TypeEngine, Uuid

from auth.caller import Caller
from datasources.base import is_uuid

__all__ = ["Keys", "Usable", "parents_of"]

Usable = list[tuple[int, Hashable]]
"""Keys with their positions among those asked for."""


def parents_of(types: Sequence[TypeEngine[Any]]) -> Any:
    """`unnest($1, …) WITH ORDINALITY AS parent(k0, …, ordinal)`: the keys asked for, as rows.

    Values are given as `keys_0`, `keys_1`, … : one array a key column.
    """
    arrays = [bindparam(f"keys_{i}", type_=ARRAY(type_)) for i, type_ in enumerate(types)]
    columns = [f"k{i}" for i in range(len(arrays))]
    return (
        func.unnest(*arrays)
        .table_valued(*columns, with_ordinality="ordinal", name="parent")
        .render_derived()
    )


class _Joined(NamedTuple):
    """The part of the keys that a statement compares."""

    names: tuple[str, ...]
    types: tuple[TypeEngine[Any], ...]
    parts: tuple[int, ...]
    """Which part of a key each of them is."""


class Keys:
    """The key columns of a source, the tenant's among them or not."""

    def __init__(
        self, names: Sequence[str], types: Sequence[TypeEngine[Any]], tenant: str | None
    ) -> None:
        """Describe keys: one value where there is one column, a tuple in their order otherwise."""
        self.names = tuple(names)
        self._tenant = tenant
        self._of_tenant = self.names.index(tenant) if tenant in self.names else None
        self._uuids = [i for i, type_ in enumerate(types) if isinstance(type_, Uuid)]
        parts = range(len(self.names))
        self._every = self._joined(types, parts)
        own = [part for part in parts if part != self._of_tenant]
        self._own = self._joined(types, own) if own else self._every

    def _joined(self, types: Sequence[TypeEngine[Any]], parts: Iterable[int]) -> _Joined:
        chosen = tuple(parts)
        return _Joined(
            tuple(self.names[i] for i in chosen), tuple(types[i] for i in chosen), chosen
        )

    def _of(self, caller: Caller) -> _Joined:
        return self._every if caller.spans_accounts else self._own

    def usable(self, caller: Caller, keys: Sequence[Hashable]) -> Usable:
        """Those that can have rows the caller sees, and that PostgreSQL reads as their types."""
        reaches_nothing = not caller.spans_accounts and caller.account_id is None
        if not keys or (self._tenant is not None and reaches_nothing):
            return []
        own = None if caller.spans_accounts or self._of_tenant is None else caller.account_id
        found = list(enumerate(keys))
        if own is None and not self._uuids:
            return found
        # PERF: bench/nested; nearly always all of them are, which whole columns tell soonest.
        if self._are_usable(self._columns(keys), own):
            return found
        return [(i, key) for i, key in found if self._are_usable(self._columns([key]), own)]

    def _are_usable(self, columns: Sequence[Sequence[Any]], own: str | None) -> bool:
        if own is not None and self._of_tenant is not None:
            accounts = columns[self._of_tenant]
            if accounts.count(own) != len(accounts):
                return False
        return all(all(map(is_uuid, columns[place])) for place in self._uuids)

    def _columns(self, keys: Sequence[Any]) -> Sequence[Sequence[Any]]:
        return [keys] if len(self.names) < 2 else list(zip(*keys, strict=True))

    def values(self, caller: Caller, usable: Usable) -> dict[str, Any]:
        """The arrays that `parents` expects; for one key, what `matches_one` expects as well."""
        columns = self._columns([key for _, key in usable])
        values: dict[str, Any] = {}
        for number, place in enumerate(self._of(caller).parts):
            column = list(columns[place])
            values[f"keys_{number}"] = column
            if len(column) == 1:
                values[f"key_{number}"] = column[0]
        return values

    def parents(self, caller: Caller) -> Any:
        """The keys asked for, as rows; see `parents_of`."""
        return parents_of(self._of(caller).types)

    def one(self) -> list[ColumnElement[Any]]:
        """The one key asked for, every part of it, as columns."""
        types = enumerate(self._every.types)
        return [bindparam(f"key_{i}", type_=type_) for i, type_ in types]

    def matches(self, source: FromClause, parent: Any, caller: Caller) -> ColumnElement[bool]:
        """Whether a row of `source` has the key of a row of `parents`."""
        names = self._of(caller).names
        return and_(true(), *[source.c[name] == parent.c[f"k{i}"] for i, name in enumerate(names)])

    def matches_one(self, source: FromClause, caller: Caller) -> ColumnElement[bool]:
        """Whether a row of `source` has the one key asked for: a plan that PostgreSQL keeps."""
        names, types, _ = self._of(caller)
        pairs = zip(names, types, strict=True)
        return and_(
            true(),
            *[
                source.c[name] == bindparam(f"key_{i}", type_=type_)
                for i, (name, type_) in enumerate(pairs)
            ],
        )

    def matches_any(self, source: FromClause, caller: Caller) -> ColumnElement[bool]:
        """Whether each column has one of the values asked for: it can be pushed into a source."""
        names, types, _ = self._of(caller)
        pairs = zip(names, types, strict=True)
        return and_(
            true(),
            *[
                source.c[name] == any_(bindparam(f"keys_{i}", type_=ARRAY(type_)))
                for i, (name, type_) in enumerate(pairs)
            ],
        )
