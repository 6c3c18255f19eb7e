"""How accounts stand: two equal versions mean that nothing that decides about access has changed.

What is stored changes the version when it is committed, by triggers, whoever writes
(`migrations/access_triggers`). Entitlements and overrides also begin and end by themselves: how
many have done so is part of the version.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, DateTime, Table, Text, cast, func, select

from datasources.access_tables import access_overrides, catalogue_version, entitlements
from datasources.access_tables import access_versions as versions
from datasources.expressions import word
from datasources.reads import One
from datasources.tables import accounts

__all__ = ["AccessVersionRow", "access_versions"]


class AccessVersionRow(NamedTuple):
    """How an account stood at a moment."""

    version: str
    read_at: datetime


_now = func.now(type_=DateTime(timezone=True))


def _begun_and_ended(table: Table) -> ColumnElement[str]:
    begun = func.count().filter(table.c.valid_from <= _now)
    ended = func.count().filter(table.c.valid_until <= _now)
    mine = select(cast(begun + ended, Text)).where(table.c.account_id == accounts.c.account_id)
    return mine.scalar_subquery()


_catalogue = select(cast(catalogue_version.c.version, Text)).scalar_subquery()
_version = func.concat(
    cast(versions.c.version, Text),
    word("/"),
    _catalogue,
    word("/"),
    _begun_and_ended(entitlements),
    word("/"),
    _begun_and_ended(access_overrides),
    type_=Text(),
)

access_versions = One(
    AccessVersionRow,
    select(accounts.c.account_id, _version.label("version"), _now.label("read_at")).select_from(
        accounts.outerjoin(versions, versions.c.account_id == accounts.c.account_id)
    ),
    key="account_id",
)
"""How accounts stand, by their ids."""
