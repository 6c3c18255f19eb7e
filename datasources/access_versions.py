"""How accounts stand: at the same version nothing has changed that decides about access.

What is stored changes the version when it is committed, by triggers, whoever writes
(`migrations/access_triggers`). Entitlements and overrides also begin and end by themselves: when
the next one does is read with the version.
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
    "HOLDS_UNTIL",
    "VERSION",
    "AccessVersionRow",
    "Standing",
    "StandingWith",
    "access_versions",
]

RowT = TypeVar("RowT", bound=NamedTuple)

CATALOGUE = "(SELECT CAST(known.version AS text) FROM gateway.catalogue_version AS known)"
"""How the catalogues of models and features stand, as a column."""


def _version(known: str, catalogue: str) -> str:
    """How an account stands, as a column of the versions that are stored."""
    return f"concat({known}, '/', {catalogue})"


VERSION = _version(
    """(SELECT CAST(known.version AS text) FROM gateway.access_versions AS known
        WHERE known.account_id = "Alchemi_AccountTable".account_id)""",
    CATALOGUE,
)
"""How an account stands, as a column of a statement over accounts."""


_NEXT = """(SELECT min(timed.moment) FROM gateway.{table} AS own,
        LATERAL (VALUES (own.valid_from), (own.valid_until)) AS timed(moment)
        WHERE own.account_id = "Alchemi_AccountTable".account_id AND timed.moment > now())"""
_NEXT_OF_EACH = ", ".join(_NEXT.format(table=name) for name in ("entitlements", "access_overrides"))
HOLDS_UNTIL = f"least(now() + interval '1 day', {_NEXT_OF_EACH})"
"""Until when an account stands so if nothing is written, as a column of a statement over accounts;
a day at most."""


class AccessVersionRow(NamedTuple):
    """How an account stood at a moment."""

    version: str
    catalogue: str | None
    """How the catalogues of models and features stood, which is part of the version."""
    read_at: datetime
    holds_until: datetime
    """When something begins or ends by itself."""

    def holds(self, version: str, moment: datetime) -> bool:
        """Whether an account that has this version at a moment stands the same."""
        return self.version == version and moment < self.holds_until


_SOURCE = select(
    accounts.c.account_id,
    literal_column(VERSION, Text()).label("version"),
    literal_column(CATALOGUE, Text()).label("catalogue"),
    func.now(type_=DateTime(timezone=True)).label("read_at"),
    literal_column(HOLDS_UNTIL, DateTime(timezone=True)).label("holds_until"),
)

_KNOWN = stored_versions.alias("known")
_EVERYBODY = catalogue_version.alias("everybody")

access_versions = One(AccessVersionRow, _SOURCE, key="account_id")
"""How accounts stand, by their ids."""


class Standing(NamedTuple, Generic[RowT]):
    """The version of an account, with rows of the same moment."""

    version: str
    read_at: datetime
    rows: list[RowT]


_SHOWN = ("version", "read_at")


class StandingWith(Generic[RowT]):
    """The versions of accounts, and rows of theirs by id, in one statement.

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
                standing = found[record[0] - 1] = Standing(record[1], record[2], [])
            if record[3] is not None:
                standing.rows.append(self._row._make(record[3:]))
        return found

    def _statement(self, caller: Caller) -> Statement:
        statement = self._statements.get(caller.spans_accounts)
        if statement is None:
            statement = self._statements[caller.spans_accounts] = Statement(self._select(caller))
        return statement

    def _select_one(self) -> Select[Any]:
        """The same for one key, whose account the caller reaches.

        PERF: bench/access; a condition that is said twice takes PostgreSQL two steps more.
        """
        version = _version("CAST(known.version AS text)", "CAST(everybody.version AS text)")
        rows = self._rows(bindparam("ids", type_=Text()))
        return (
            select(
                literal_column("1"),
                text(version),
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
            _SOURCE.with_only_columns(
                *[_SOURCE.selected_columns[name] for name in ("account_id", *_SHOWN)],
                asked.c.ordinal,
                asked.c.k1.label("ids"),
            )
            .select_from(accounts.join(asked, accounts.c.account_id == asked.c.k0))
            .where(owned(accounts, caller))
            .cte("stand")
            .prefix_with("MATERIALIZED")
        )
        belongs = self._source.c.account_id == stand.c.account_id
        return select(
            stand.c.ordinal,
            *[stand.c[name] for name in _SHOWN],
            *row_columns(self._row, self._source),
        ).select_from(stand.outerjoin(self._rows(stand.c.ids), belongs))

    def _rows(self, ids: ColumnElement[str]) -> FromClause:
        """The rows of these ids, which are one text.

        PERF: bench/access; of an array asyncpg would look at every value.
        """
        every = func.unnest(cast(ids, ARRAY(Uuid(as_uuid=False))))
        wanted = every.table_valued("id", name="wanted").render_derived()
        return wanted.join(self._source, self._source.c.id == wanted.c.id)
