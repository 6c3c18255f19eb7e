"""How accounts stand: two equal versions mean that nothing that decides about access has changed.

What is stored changes the version when it is committed, by triggers, whoever writes
(`migrations/access_triggers`). Entitlements and overrides also begin and end by themselves: how
many have done so is part of the version.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import (
    ColumnElement,
    DateTime,
    FromClause,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from auth.caller import Caller
from datasources.access_tables import access_versions as stored_versions
from datasources.access_tables import catalogue_version
from datasources.base import Database, Statement, owned, tenant_values
from datasources.keys import parents_of
from datasources.reads import One, row_columns
from datasources.tables import accounts

__all__ = [
    "CATALOGUE",
    "VERSION",
    "AccessVersionRow",
    "Standing",
    "StandingWith",
    "access_versions",
]

RowT = TypeVar("RowT", bound=NamedTuple)

CATALOGUE = "(SELECT CAST(known.version AS text) FROM gateway.catalogue_version AS known)"
"""How the catalogues of models and features stand, as a column."""
_BEGUN_AND_ENDED = """(SELECT count(*) FILTER (WHERE timed.valid_from <= now())
        + count(*) FILTER (WHERE timed.valid_until <= now())
    FROM gateway.{table} AS timed WHERE timed.account_id = {account})"""


def _version(account: str, known: str, catalogue: str = CATALOGUE) -> str:
    """How an account stands, as a column: of its id, and the versions that are stored."""
    begun_and_ended = (
        _BEGUN_AND_ENDED.format(table=table, account=account)
        for table in ("entitlements", "access_overrides")
    )
    return f"concat({', '.join([known, *_after_slashes(catalogue, *begun_and_ended)])})"


def _after_slashes(*parts: str) -> list[str]:
    return [f"'/', {part}" for part in parts]


VERSION = _version(
    '"Alchemi_AccountTable".account_id',
    """(SELECT CAST(known.version AS text) FROM gateway.access_versions AS known
        WHERE known.account_id = "Alchemi_AccountTable".account_id)""",
)
"""How an account stands, as a column of a statement over accounts."""


class AccessVersionRow(NamedTuple):
    """How an account stood at a moment."""

    version: str
    catalogue: str | None
    """How the catalogues of models and features stood, which is part of the version."""
    read_at: datetime


_SOURCE = select(
    accounts.c.account_id,
    literal_column(VERSION, Text()).label("version"),
    literal_column(CATALOGUE, Text()).label("catalogue"),
    func.now(type_=DateTime(timezone=True)).label("read_at"),
)

_KNOWN = stored_versions.alias("known")
_EVERYBODY = catalogue_version.alias("everybody")

access_versions = One(AccessVersionRow, _SOURCE, key="account_id")
"""How accounts stand, by their ids."""


class Standing(NamedTuple, Generic[RowT]):
    """How an account stands, with rows of the same moment."""

    stand: AccessVersionRow
    rows: list[RowT]


class StandingWith(Generic[RowT]):
    """How accounts stand, and rows of theirs by id, in one statement.

    Keys are an account's id and the ids of the rows, which are known to be stored as `uuid`.
    """

    def __init__(self, row: type[RowT], source: Select[Any]) -> None:
        """Describe the rows; the source has the columns `id` and `account_id` besides theirs."""
        self._row = row
        self._source = source.subquery("source")
        self._statements: dict[bool, Statement] = {}
        self._of_one = Statement(self._select_one())

    async def __call__(
        self, database: Database, caller: Caller, keys: Sequence[tuple[str, tuple[str, ...]]]
    ) -> list[Standing[RowT] | None]:
        """Read them; None for an account that does not exist or is out of reach."""
        found: list[Standing[RowT] | None] = [None] * len(keys)
        if not any(caller.reaches(account) for account, _ in keys):
            return found
        ids = [f"{{{','.join(ids)}}}" for _, ids in keys]
        if len(keys) == 1:
            records = await database.fetch(self._of_one, account=keys[0][0], ids=ids[0])
        else:
            records = await database.fetch(
                self._statement(caller),
                keys_0=[account for account, _ in keys],
                keys_1=ids,
                **tenant_values(caller),
            )
        for record in records:
            standing = found[record[0] - 1]
            if standing is None:
                standing = Standing(AccessVersionRow._make(record[1:4]), [])
                found[record[0] - 1] = standing
            if record[4] is not None:
                standing.rows.append(self._row._make(record[4:]))
        return found

    def _statement(self, caller: Caller) -> Statement:
        statement = self._statements.get(caller.spans_accounts)
        if statement is None:
            statement = self._statements[caller.spans_accounts] = Statement(self._select(caller))
        return statement

    def _select_one(self) -> Select[Any]:
        """The same for one key, whose account the caller reaches.

        PERF: bench/access; of a value the version is worked out once, and a condition that is said
        twice takes PostgreSQL two steps more.
        """
        catalogue = "CAST(everybody.version AS text)"
        version = _version(":account", "CAST(known.version AS text)", catalogue)
        rows = self._rows(bindparam("ids", type_=Text()))
        return (
            select(
                literal_column("1"),
                text(version),
                text(catalogue),
                func.now(type_=DateTime(timezone=True)),
                *row_columns(self._row, self._source),
            )
            .select_from(
                _KNOWN.outerjoin(_EVERYBODY, true()).outerjoin(
                    rows, self._source.c.account_id == _KNOWN.c.account_id
                )
            )
            .where(_KNOWN.c.account_id == bindparam("account"))
        )

    def _select(self, caller: Caller) -> Select[Any]:
        asked = parents_of([Text(), Text()])
        # Apart, or PostgreSQL would work the version out for every row.
        stand = (
            _SOURCE.add_columns(asked.c.ordinal, asked.c.k1.label("ids"))
            .select_from(accounts.join(asked, accounts.c.account_id == asked.c.k0))
            .where(owned(accounts, caller))
            .cte("stand")
            .prefix_with("MATERIALIZED")
        )
        belongs = self._source.c.account_id == stand.c.account_id
        return select(
            stand.c.ordinal,
            *[stand.c[name] for name in AccessVersionRow._fields],
            *row_columns(self._row, self._source),
        ).select_from(stand.outerjoin(self._rows(stand.c.ids), belongs))

    def _rows(self, ids: ColumnElement[str]) -> FromClause:
        """The rows of these ids, which are one text.

        PERF: bench/access; of an array asyncpg would look at every value.
        """
        every = func.unnest(cast(ids, ARRAY(Uuid(as_uuid=False))))
        wanted = every.table_valued("id", name="wanted").render_derived()
        return wanted.join(self._source, self._source.c.id == wanted.c.id)
