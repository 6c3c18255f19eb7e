"""An account with a tree of budgets in a running cycle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from auth.caller import ActorKind, Caller, Role
from auth.policy import FEATURE_KEYS
from datasources.base import Database
from datasources.budgets.tables import account_allocations, budget_plans
from datasources.tables import accounts, credit_budgets, groups, memberships, teams, users
from tests.harness.directory import id_of
from tests.harness.rows import add

__all__ = [
    "ADA",
    "BOB",
    "CYCLE_END",
    "CYCLE_START",
    "GROUP",
    "ORG",
    "TEAM",
    "add_budget",
    "admin",
    "fill_budgets",
    "fill_places",
    "machine",
]

ORG = id_of("budget account")
GROUP, TEAM = id_of("budget group"), id_of("budget team")
ADA, BOB = id_of("budget ada"), id_of("budget bob")
CYCLE_START = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(10)
CYCLE_END = CYCLE_START + timedelta(30)


def admin(account_id: str = ORG) -> Caller:
    """An administrator of the account."""
    return Caller(
        kind=ActorKind.USER,
        id=ADA,
        name="Ada",
        email="ada@budgets.test",
        is_email_verified=True,
        account_id=account_id,
        user_id=ADA,
        roles=frozenset({Role.ACCOUNT_ADMIN}),
        features=FEATURE_KEYS,
    )


def machine(account_id: str = ORG) -> Caller:
    """A machine client of the account."""
    return Caller(
        kind=ActorKind.SERVICE,
        id=id_of("budget machine"),
        name="alchemi",
        account_id=account_id,
        roles=frozenset({Role.SERVICE}),
        features=FEATURE_KEYS,
    )


async def fill_places(database: Database, account_id: str = ORG) -> None:
    """The account, a group, a team of it, and two people of the team."""
    own: dict[str, Any] = {"account_id": account_id}
    await add(database, accounts, account_id=account_id, account_name=f"Org {account_id[:8]}")
    await add(database, groups, id=GROUP, name="Research", **own)
    await add(database, teams, id=TEAM, name="Alpha", group_id=GROUP, **own)
    for person, name in ((ADA, "Ada"), (BOB, "Bob")):
        await add(database, users, id=person, email=f"{name}@budgets.test", name=name, **own)
        await add(database, memberships, user_id=person, team_id=TEAM, **own)


async def add_budget(
    database: Database, scope_type: str, scope_id: str, allocated: int, **values: Any
) -> str:
    """A budget of the running cycle as production's writers leave it; its id."""
    row: dict[str, Any] = {
        "id": id_of(f"budget of {scope_type} {scope_id}"),
        "account_id": ORG,
        "scope_type": scope_type,
        "scope_id": scope_id,
        "allocated": allocated,
        "limit_amount": allocated,
        "overflow_cap": 0,
        "cycle_start": CYCLE_START,
        "cycle_end": CYCLE_END - timedelta(seconds=1),
    } | values
    await add(database, credit_budgets, **row)
    return str(row["id"])


async def fill_budgets(database: Database, **account: Any) -> dict[str, str]:
    """Budgets of 1000, 600, 300 and 100 credits from the account down to Ada; ids by level."""
    await fill_places(database)
    ids = {"account": await add_budget(database, "account", ORG, 1000, **account)}
    for level, scope, credits, parent in (
        ("group", GROUP, 600, "account"),
        ("team", TEAM, 300, "group"),
        ("user", ADA, 100, "team"),
    ):
        ids[level] = await add_budget(database, level, scope, credits, parent_budget_id=ids[parent])
    return ids


async def grant(database: Database, factor: str, **values: Any) -> None:
    """What the super admin granted, with a credit factor."""
    row: dict[str, Any] = {
        "account_id": ORG,
        "allocated": 1000,
        "limit_amount": 1000,
        "credit_factor": factor,
        "effective_from_at": CYCLE_START,
        "is_applied": True,
    } | values
    await add(database, account_allocations, **row)


async def add_plan(database: Database, **distribution: Any) -> str:
    """An active plan of the account; its id."""
    plan = id_of("budget plan")
    await add(
        database,
        budget_plans,
        id=plan,
        account_id=ORG,
        name="Plan",
        is_active=True,
        distribution=distribution,
    )
    return plan
