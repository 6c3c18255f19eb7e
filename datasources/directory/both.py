"""One read or list over both directories of an account.

Where it is known which directory a key belongs to, it says so and only that directory is asked.
Where there is only an id, both are asked in one statement.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, Self, TypeAlias, TypeVar, cast

from sqlalchemy import Select, Text, any_, bindparam, literal_column, select, union_all
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from auth.caller import Caller
from datasources.base import Database, Statement, is_uuid, owned, tenant_values
from datasources.conditions import Condition
from datasources.directory.rows import COPILOT, IDENTITY
from datasources.keys import parents_of
from datasources.narrowing import Narrowed, narrow_row, narrowed, variant
from datasources.pages import Pages
from datasources.paging import Order, Page, PageRequest, Sorting
from datasources.reads import check_columns
from datasources.trees import Key, Related, Tree, Unwritable, related, written

__all__ = ["BySource", "EitherDirectory", "PagesBySource"]

RowT = TypeVar("RowT", bound=NamedTuple)
ResultT = TypeVar("ResultT")
BatchRead: TypeAlias = Callable[[Database, Caller, Sequence[Any]], Awaitable[Sequence[ResultT]]]


async def _dispatch(
    keys: Sequence[Hashable],
    read: Callable[[str, list[Hashable]], Awaitable[Sequence[ResultT]]],
) -> list[ResultT]:
    """Call `read` once a directory with the keys that are its own, in the order of the keys.

    Keys are `(account, source, …)`; `read` gets what is left without the source.
    """
    parts = cast("Sequence[tuple[str, ...]]", keys)
    sources = dict.fromkeys(source for _, source, *_ in parts)
    if len(sources) == 1:
        return list(await read(next(iter(sources)), list(map(_rest, parts))))
    found: dict[int, ResultT] = {}
    for source in sources:
        places = [place for place, key in enumerate(parts) if key[1] == source]
        results = await read(source, [_rest(parts[place]) for place in places])
        found.update(zip(places, results, strict=True))
    return [found[place] for place in range(len(keys))]


def _rest(key: tuple[str, ...]) -> Hashable:
    return key[0] if len(key) == 2 else (key[0], *key[2:])


def _known(keys: Sequence[Key]) -> tuple[str, list[Key]]:
    """The directory that all rows' keys name, and what is left of the keys without it."""
    account, source, *rest = keys
    if source.constant is None:
        raise Unwritable("Which directory answers differs from row to row.")
    return source.constant, [account, *rest]


class BySource(Generic[ResultT]):
    """A batch read whose keys `(account, source, …)` say which directory answers."""

    def __init__(self, copilot: BatchRead[ResultT], identity: BatchRead[ResultT]) -> None:
        self._reads = {COPILOT: copilot, IDENTITY: identity}
        self._narrowed: dict[tuple[int, int], Self] = {}

    def narrow(self, columns: frozenset[str]) -> Self:
        """The same read of rows that have these columns only."""
        reads = [narrowed(read, columns) for read in self._reads.values()]
        # Those of the directories are kept for ever, so their identities are as well.
        key = (id(reads[0]), id(reads[1]))
        if key not in self._narrowed:
            self._narrowed[key] = type(self)(*reads)
        return self._narrowed[key]

    def written(self, tree: Tree, columns: frozenset[str] | None) -> Self:
        """The same read of rows that are JSON already, in a directory that can write them."""
        return type(self)(*[written(read, tree, columns) for read in self._reads.values()])

    def related(self, keys: Sequence[Key], *_request: Any) -> Related:
        """The rows of a key, where its directory is known. Raises `Unwritable`."""
        source, rest = _known(keys)
        return related(self._reads[source], rest)

    async def __call__(
        self, database: Database, caller: Caller, keys: Sequence[Hashable]
    ) -> list[ResultT]:
        """Read the results of these keys, one statement a directory, in the order of the keys."""
        return await _dispatch(
            keys, lambda source, rest: self._reads[source](database, caller, rest)
        )


class PagesBySource(Generic[RowT]):
    """A list whose parents `(account, source, …)` say which directory answers."""

    def __init__(self, copilot: Pages[RowT], identity: Pages[RowT]) -> None:
        """Both lists have the same rows, orders and conditions. Raises `LookupError`."""
        for kind in ("orders", "conditions"):
            differing = set(getattr(copilot, kind)) ^ set(getattr(identity, kind))
            if differing:
                raise LookupError(f"Only one directory's {kind} know {sorted(differing)}.")
        self.row: type[RowT] = copilot.row
        self.orders: Mapping[str, Order] = copilot.orders
        self.default: Sorting = copilot.default
        self.conditions: Mapping[str, Condition] = copilot.conditions
        self._pages = {COPILOT: copilot, IDENTITY: identity}
        self._narrowed: dict[tuple[int, int], Self] = {}

    def narrow(self, columns: frozenset[str], *, cursors: bool = True) -> Self:
        """The same list of rows that have these columns only."""
        pages = [page.narrow(columns, cursors=cursors) for page in self._pages.values()]
        key = (id(pages[0]), id(pages[1]))
        if key not in self._narrowed:
            self._narrowed[key] = type(self)(*pages)
        return self._narrowed[key]

    def written(
        self, tree: Tree, columns: frozenset[str] | None, *, cursors: bool, joined: bool = False
    ) -> Self:
        """The same list of rows that are JSON already, in a directory that can write them."""
        return type(self)(
            *[
                page.written(tree, columns, cursors=cursors, joined=joined)
                for page in self._pages.values()
            ]
        )

    def related(self, keys: Sequence[Key], request: PageRequest) -> Related:
        """The first rows of a key's list, where its directory is known. Raises `Unwritable`."""
        source, rest = _known(keys)
        return self._pages[source].related(rest, request)

    async def read(
        self, database: Database, caller: Caller, request: PageRequest, parents: Sequence[Hashable]
    ) -> list[Page[RowT]]:
        """One page for each parent, one statement a directory. Raises `BadCursor`."""
        return await _dispatch(
            parents,
            lambda source, rest: self._pages[source].read(database, caller, request, rest),
        )

    async def count(
        self,
        database: Database,
        caller: Caller,
        filters: tuple[tuple[str, Hashable], ...],
        parents: Sequence[Hashable],
    ) -> list[int]:
        """How many rows match for each parent, one statement a directory."""
        return await _dispatch(
            parents,
            lambda source, rest: self._pages[source].count(database, caller, filters, rest),
        )


class EitherDirectory(Generic[RowT]):
    """A batch read by id alone: the cockpit's own directory's row, or the identity provider's."""

    def __init__(self, row: type[RowT], copilot: Select[Any], identity: Select[Any]) -> None:
        """Describe a read; both sources select the row's columns, `id` and `account_id`."""
        for source in (copilot, identity):
            check_columns(row, source, "id", "account_id")
        self._row = row
        self._copilot = copilot.subquery("copilot")
        self._identity = identity.subquery("identity")
        self._statements: dict[bool, Statement] = {}
        self._narrowed: Narrowed[Self] = Narrowed(row)

    async def __call__(
        self, database: Database, caller: Caller, keys: Sequence[Hashable]
    ) -> list[RowT | None]:
        """Read the rows of these ids, in the order of the ids."""
        found: list[RowT | None] = [None] * len(keys)
        if not caller.spans_accounts and caller.account_id is None:
            return found
        records = await database.fetch(
            self._statement(caller),
            keys_0=[key if is_uuid(key) else None for key in keys],
            keys_1=[str(key) for key in keys],
            **tenant_values(caller),
        )
        for record in records:
            position = record[0] - 1
            found[position] = found[position] or self._row._make(record[2:])
        return found

    def narrow(self, columns: frozenset[str]) -> Self:
        """The same read of rows that have these columns only."""
        return self._narrowed.get(self, columns, columns, lambda: self._with(columns))

    def _with(self, columns: frozenset[str]) -> Self:
        return variant(self, _row=narrow_row(self._row, columns), _statements={})

    def _statement(self, caller: Caller) -> Statement:
        statement = self._statements.get(caller.spans_accounts)
        if statement is None:
            branches = [
                self._branch(caller, self._copilot, 0),
                self._branch(caller, self._identity, 1),
            ]
            query = union_all(*branches).order_by("ordinal", "directory")
            statement = self._statements[caller.spans_accounts] = Statement(query)
        return statement

    def _branch(self, caller: Caller, source: Any, directory: int) -> Select[Any]:
        types = [Uuid(as_uuid=False), Text()]
        parent = parents_of(types)
        wanted = bindparam(f"keys_{directory}", type_=ARRAY(types[directory]))
        columns = [source.c[name] for name in self._row._fields]
        texts = [
            sql_cast(column, Text).label(column.name) if isinstance(column.type, Uuid) else column
            for column in columns
        ]
        return (
            select(
                parent.c.ordinal.label("ordinal"),
                literal_column(str(directory)).label("directory"),
                *texts,
            )
            .select_from(parent.join(source, source.c.id == parent.c[f"k{directory}"]))
            .where(owned(source, caller), source.c.id == any_(wanted))
        )
