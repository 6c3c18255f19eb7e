"""An account with a person in two teams of two groups, and what tests say about its scopes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from auth.caller import Caller, Role
from auth.policy import FEATURE_KEYS
from auth.scopes import scopes_of_roles
from datasources.access_tables import feature_policies
from datasources.base import Database
from datasources.tables import team_memberships
from tests.harness.callers import person
from tests.harness.directory import (
    ACME,
    BETA,
    add_account,
    add_group,
    add_membership,
    add_person,
    add_team,
    id_of,
)
from tests.harness.rows import add
from tests.harness.sql import run

__all__ = ["ADMIN", "ANN", "fill_access", "place", "say_features", "set_metadata", "with_rights"]


def with_rights(account_id: str, role: Role, id: str) -> Caller:
    """A person with everything their role carries, and every feature."""
    caller = person(account_id, role, id=id, scopes=scopes_of_roles([role]))
    return replace(caller, features=FEATURE_KEYS, user_id=id)


ADMIN = with_rights(ACME, Role.ACCOUNT_ADMIN, id_of("Ada"))
ANN = with_rights(ACME, Role.MEMBER, id_of("Ann"))


async def fill_access(database: Database) -> None:
    """Ann is in Red of North and in Blue of South; Zoe belongs to another account."""
    await add_account(database, ACME, "acme.test")
    await add_account(database, BETA, "beta.test")
    for name in ("Ada", "Ann"):
        await add_person(database, ACME, name)
    await add_person(database, BETA, "Zoe")
    for group, team in (("North", "Red"), ("South", "Blue")):
        await add_group(database, ACME, group)
        await add_team(database, ACME, team, group)
    await add_membership(database, ACME, "Ann", "Red", "MEMBER")
    await add_membership(database, ACME, "Ada", None, "ADMIN")
    await add(
        database, team_memberships, account_id=ACME, user_id=id_of("Ann"), team_id=id_of("Blue")
    )


def place(name: str) -> dict[str, str]:
    """A scope by the name of what it is."""
    kinds = {"North": "GROUP", "South": "GROUP", "Red": "TEAM", "Blue": "TEAM", ACME: "ACCOUNT"}
    return {"type": kinds.get(name, "USER"), "id": name if name == ACME else id_of(name)}


async def say_features(database: Database, name: str, **flags: Any) -> None:
    """The stored feature policy of a scope, as any writer may have left it."""
    scope = place(name)
    await add(
        database,
        feature_policies,
        account_id=ACME,
        scope_type=scope["type"].lower(),
        scope_id=scope["id"],
        flags=flags,
    )


async def set_metadata(database: Database, metadata: Any) -> None:
    """The account's document."""
    await run(
        database,
        'UPDATE "Alchemi_AccountTable" SET metadata = $1 WHERE account_id = $2',
        metadata,
        ACME,
    )
