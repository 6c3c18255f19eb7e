"""Loading the demo tenants into a database that has no accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Text, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from datasources.base import Database, Statement
from datasources.database import Pool
from datasources.demo.accounts import add_account
from datasources.demo.dataset import Dataset
from datasources.demo.directory import add_directory
from datasources.demo.faults import add_faults
from datasources.demo.identity import add_identity_directory
from datasources.demo.models import add_catalogue, add_model_policies
from datasources.demo.roster import Roster, draw_roster
from datasources.demo.tenants import TENANTS
from datasources.tables import accounts

__all__ = ["DemoAccount", "DemoSummary", "is_loaded", "load"]


class DemoAccount(NamedTuple):
    """A demo tenant, and an address for each role in it."""

    id: str
    name: str
    admin_email: str
    auditor_email: str
    member_email: str


class DemoSummary(NamedTuple):
    """The demo tenants of a database, in the order they are presented."""

    accounts: tuple[DemoAccount, ...]


_LOCK_KEY = 0x636F636B706974
"""`cockpit`; whoever loads holds this lock, so that two who start at once load once."""

_ALONE = Statement(select(func.pg_advisory_xact_lock(_LOCK_KEY)))
_ANY_ACCOUNT = Statement(select(literal_column("1")).select_from(accounts).limit(1))
_NAMES = Statement(
    select(accounts.c.account_id, accounts.c.account_name).where(
        accounts.c.account_id == any_(bindparam("ids", type_=ARRAY(Text())))
    )
)


async def is_loaded(pool: Pool) -> bool:
    """Whether the database has demo tenants."""
    return bool(await _names(pool))


async def load(pool: Pool, now: datetime | None = None) -> DemoSummary:
    """Fill a migrated database with the demo tenants, unless it has an account already.

    Everything is loaded or nothing. Times are counted back from `now`, else from this moment.
    Answers the demo tenants that the database has then: none where the accounts are not ours.
    Without a caller, so the pool has to be one that is not under row-level security.
    """
    moment = now or datetime.now(UTC)
    rosters = {tenant.key: draw_roster(tenant, moment) for tenant in TENANTS}
    async with pool.transaction() as database:
        await database.execute(_ALONE)
        if not await database.fetch(_ANY_ACCOUNT):
            await _dataset(rosters, moment).insert(database)
        names = await _names(database)
    found = [roster for roster in rosters.values() if roster.tenant.id in names]
    return DemoSummary(tuple(_account(roster, names[roster.tenant.id]) for roster in found))


def _dataset(rosters: Mapping[str, Roster], now: datetime) -> Dataset:
    dataset = Dataset(now)
    add_catalogue(dataset)
    for roster in rosters.values():
        add_account(dataset, roster)
        add_directory(dataset, roster)
        add_identity_directory(dataset, roster)
        add_model_policies(dataset, roster)
    add_faults(dataset, rosters)
    return dataset


async def _names(database: Database) -> dict[str, str]:
    """What the demo tenants that are there are called, by id."""
    records = await database.fetch(_NAMES, ids=[tenant.id for tenant in TENANTS])
    return {record["account_id"]: record["account_name"] for record in records}


def _account(roster: Roster, name: str) -> DemoAccount:
    admin, auditor, member = (person.email for person in roster.people[:3])
    return DemoAccount(roster.tenant.id, name, admin, auditor, member)
