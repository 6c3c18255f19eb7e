"""Loading the demo tenants into a database that has no accounts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Text, any_, bindparam, exists, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from datasources.base import Database, Statement
from datasources.database import Pool
from datasources.demo.accounts import add_account
from datasources.demo.agents import add_agents, add_platform_agents
from datasources.demo.budgets import add_budgets
from datasources.demo.connections import add_connections, add_integrations
from datasources.demo.dataset import Dataset
from datasources.demo.directory import add_directory
from datasources.demo.entitlements import add_entitlements
from datasources.demo.faults import add_faults
from datasources.demo.guardrail_events import add_guardrail_events
from datasources.demo.guardrails import add_guardrails, add_system_patterns
from datasources.demo.identity import add_identity_directory
from datasources.demo.model_choices import add_model_choices, add_providers
from datasources.demo.models import add_catalogue, add_model_policies
from datasources.demo.roster import draw_roster
from datasources.demo.subscriptions import add_plans, add_subscriptions
from datasources.demo.support import add_support
from datasources.demo.tenants import TENANTS
from datasources.demo.trail import add_trail
from datasources.tables import accounts, identity_users, users

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


_OF_PLATFORM = (
    add_catalogue,
    add_providers,
    add_integrations,
    add_platform_agents,
    add_system_patterns,
    add_plans,
)
_OF_TENANT = (
    add_account,
    add_directory,
    add_identity_directory,
    add_budgets,
    add_connections,
    add_agents,
    add_model_policies,
    add_model_choices,
    add_subscriptions,
    add_entitlements,
    add_guardrails,
    add_guardrail_events,
    add_support,
    add_trail,
)

_LOCK_KEY = 0x636F636B706974
"""`cockpit`; whoever loads holds this lock, so that two who start at once load once."""

_ALONE = Statement(select(func.pg_advisory_xact_lock(_LOCK_KEY)))
_IS_IN_USE = Statement(
    select(
        or_(
            *[
                exists(select(literal_column("1")).select_from(table))
                for table in (accounts, users, identity_users)
            ]
        )
    )
)
"""People may outlive their account, and theirs are not to be mixed with ours."""
_NAMES = Statement(
    select(accounts.c.account_id, accounts.c.account_name).where(
        accounts.c.account_id == any_(bindparam("ids", type_=ARRAY(Text())))
    )
)


async def is_loaded(pool: Pool) -> bool:
    """Whether the database has demo tenants."""
    return bool(await _names(pool))


async def load(pool: Pool, now: datetime | None = None) -> DemoSummary:
    """Fill a migrated database with the demo tenants, unless it has accounts or people already.

    Everything is loaded or nothing. Times are counted back from `now`, else from this moment.
    Answers the demo tenants that the database has then: none where the accounts are not ours.
    Without a caller, so the pool has to be one that is not under row-level security.
    """
    async with pool.transaction() as database:
        await database.execute(_ALONE)
        if not await _is_in_use(database):
            await _dataset(now or datetime.now(UTC)).insert(database)
        names = await _names(database)
    found = [tenant for tenant in TENANTS if tenant.id in names]
    return DemoSummary(
        tuple(DemoAccount(one.id, names[one.id], *one.lead_addresses) for one in found)
    )


def _dataset(now: datetime) -> Dataset:
    dataset = Dataset(now)
    rosters = {tenant.key: draw_roster(tenant, now) for tenant in TENANTS}
    for add_platform in _OF_PLATFORM:
        add_platform(dataset)
    for roster in rosters.values():
        for add in _OF_TENANT:
            add(dataset, roster)
    add_faults(dataset, rosters)
    return dataset


async def _is_in_use(database: Database) -> bool:
    record = await database.fetchrow(_IS_IN_USE)
    return record is not None and record[0]


async def _names(database: Database) -> dict[str, str]:
    """What the demo tenants that are there are called, by id."""
    records = await database.fetch(_NAMES, ids=[tenant.id for tenant in TENANTS])
    return {record["account_id"]: record["account_name"] for record in records}
