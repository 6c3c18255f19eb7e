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
    DateTime,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from auth.caller import Caller
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

_OWN = 'account_id = "Alchemi_AccountTable".account_id'
CATALOGUE = "(SELECT CAST(known.version AS text) FROM gateway.catalogue_version AS known)"
"""How the catalogues of models and features stand, as a column."""
_BEGUN_AND_ENDED = """(SELECT count(*) FILTER (WHERE timed.valid_from <= now())
        + count(*) FILTER (WHERE timed.valid_until <= now())
    FROM gateway.{table} AS timed WHERE timed.{own})"""
VERSION = f"""concat(
    (SELECT CAST(known.version AS text) FROM gateway.access_versions AS known WHERE known.{_OWN}),
    '/', {CATALOGUE},
    '/', {_BEGUN_AND_ENDED.format(table="entitlements", own=_OWN)},
    '/', {_BEGUN_AND_ENDED.format(table="access_overrides", own=_OWN)})"""  # noqa: S608 - of ours
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

    async def __call__(
        self, database: Database, caller: Caller, keys: Sequence[tuple[str, tuple[str, ...]]]
    ) -> list[Standing[RowT] | None]:
        """Read them; None for an account that does not exist or is out of reach."""
        found: list[Standing[RowT] | None] = [None] * len(keys)
        if caller.account_id is None and not caller.spans_accounts:
            return found
        pairs = [(at, id) for at, (_, ids) in enumerate(keys, start=1) for id in ids]
        records = await database.fetch(
            self._statement(caller),
            keys_0=[account for account, _ in keys],
            places=[at for at, _ in pairs],
            ids=[id for _, id in pairs],
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

    def _select(self, caller: Caller) -> Select[Any]:
        asked = parents_of([Text()])
        # Apart, or PostgreSQL would work the version out for every row.
        stand = (
            _SOURCE.add_columns(asked.c.ordinal)
            .select_from(accounts.join(asked, accounts.c.account_id == asked.c.k0))
            .where(owned(accounts, caller))
            .cte("stand")
            .prefix_with("MATERIALIZED")
        )
        key = _wanted()
        source = self._source
        belongs = and_(key.c.place == stand.c.ordinal, source.c.account_id == stand.c.account_id)
        rows = key.join(source, source.c.id == key.c.id)
        return select(
            stand.c.ordinal,
            *[stand.c[name] for name in AccessVersionRow._fields],
            *row_columns(self._row, source),
        ).select_from(stand.outerjoin(rows, belongs))


def _wanted() -> Any:
    """The ids of rows, each with the place of its account among those asked for."""
    places = bindparam("places", type_=ARRAY(Integer()))
    ids = bindparam("ids", type_=ARRAY(Uuid(as_uuid=False)))
    return func.unnest(places, ids).table_valued("place", "id", name="wanted").render_derived()
