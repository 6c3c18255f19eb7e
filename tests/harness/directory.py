"""Two accounts whose directories are filled, one with the faults that production data has.

Ids of the cockpit's own directory are made from names, so that tests can say them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from sqlalchemy import Column, MetaData, Table, Text

from datasources.base import Database
from datasources.tables import (
    accounts,
    groups,
    identity_teams,
    identity_users,
    memberships,
    team_memberships,
    teams,
    user_invites,
    users,
)
from tests.harness.rows import add

__all__ = [
    "ACME",
    "BETA",
    "NOON",
    "add_account",
    "add_group",
    "add_identity_team",
    "add_identity_user",
    "add_membership",
    "add_organization",
    "add_person",
    "add_team",
    "fill_copilot",
    "fill_identity",
    "id_of",
]

ACME = "acme"
BETA = "beta"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _texts(name: str, *columns: str) -> Table:
    return Table(name, MetaData(), *[Column(column, Text) for column in columns])


_budgets = _texts("LiteLLM_BudgetTable", "budget_id", "created_by", "updated_by")
_organizations = _texts(
    "LiteLLM_OrganizationTable",
    "organization_id",
    "organization_alias",
    "account_id",
    "budget_id",
    "created_by",
    "updated_by",
)


def id_of(name: str) -> str:
    """The id of a row called this in the cockpit's own directory."""
    return str(uuid5(NAMESPACE_DNS, name))


def _day(number: int) -> datetime:
    return NOON + timedelta(days=number)


async def add_account(database: Database, account_id: str, domain: str) -> None:
    """An active account."""
    await add(database, accounts, account_id=account_id, account_name=account_id, domain=domain)


async def add_person(
    database: Database, account_id: str, name: str, *, day: int = 0, **values: Any
) -> None:
    """A person of the cockpit's own directory without membership."""
    await add(
        database,
        users,
        id=id_of(name),
        account_id=account_id,
        email=values.pop("email", f"{name.lower()}@{account_id}.test"),
        name=name,
        created_at=_day(day),
        **values,
    )


async def add_membership(
    database: Database, account_id: str, person: str, team: str | None, role: str, **values: Any
) -> None:
    """A person's one membership in the account."""
    await add(
        database,
        memberships,
        id=id_of(f"{person}-membership"),
        account_id=account_id,
        user_id=id_of(person),
        team_id=None if team is None else id_of(team),
        app_role=role,
        **values,
    )


async def add_group(database: Database, account_id: str, name: str, **values: Any) -> None:
    """A group of the cockpit's own directory."""
    await add(database, groups, id=id_of(name), account_id=account_id, name=name, **values)


async def add_team(
    database: Database, account_id: str, name: str, group: str, **values: Any
) -> None:
    """A team of the cockpit's own directory."""
    await add(
        database,
        teams,
        id=id_of(name),
        account_id=account_id,
        name=name,
        group_id=id_of(group),
        **values,
    )


async def fill_copilot(database: Database) -> None:
    """Both accounts' own directories."""
    await add_account(database, ACME, "acme.test")
    await add_account(database, BETA, "beta.test")
    for day, name in enumerate(["Ada", "Bob", "Cleo", "Dan"]):
        await add_person(database, ACME, name, day=day, is_active=name != "Dan")
    await add_person(database, BETA, "Zoe")
    await add_group(database, ACME, "Global", is_default=True)
    await add_group(database, ACME, "Research", owner_id=id_of("Ada"), created_by="ada@acme.test")
    await add_group(database, ACME, "Archive", status="inactive", owner_id=id_of("Zoe"))
    await add_group(database, BETA, "Sales")
    await add_team(database, ACME, "Everybody", "Global", is_default=True)
    await add_team(database, ACME, "Lab", "Research", owner_id=id_of("Ada"))
    await add_team(database, ACME, "Field", "Research")
    await add_team(database, BETA, "North", "Sales")
    await add_team(database, ACME, "Stray", "Sales")
    await add_membership(database, ACME, "Ada", "Lab", "ADMIN", joined_at=_day(1))
    await add_membership(database, ACME, "Bob", "Lab", "USER", joined_at=_day(2))
    await add_membership(
        database, ACME, "Cleo", "Everybody", "VIEWER", joined_at=_day(3), is_active=False
    )
    await add_membership(database, ACME, "Dan", None, "GUEST", joined_at=_day(4))
    await add_membership(database, BETA, "Zoe", "North", "ADMIN")
    for person, team, role in (("Bob", "Field", "VIEWER"), ("Bob", "Lab", None)):
        await add(
            database,
            team_memberships,
            id=id_of(f"{person}-{team}"),
            account_id=ACME,
            user_id=id_of(person),
            team_id=id_of(team),
            role=role,
            joined_at=_day(5),
        )
    await _fill_invites(database)


async def _fill_invites(database: Database) -> None:
    for account, name, status, days, data in (
        (ACME, "open", "PENDING", 10_000, {"campaign": "spring"}),
        (ACME, "late", "PENDING", -3_000, '{"campaign": "text"}'),
        (ACME, "gone", "CANCELLED", 10_000, {}),
        (BETA, "other", "PENDING", 10_000, {}),
    ):
        await add(
            database,
            user_invites,
            id=id_of(f"{name}-invite"),
            account_id=account,
            email=f"{name}@Example.test",
            role="USER",
            status=status,
            token=f"secret-{name}",
            invitation_data=data,
            expires_at=_day(days),
        )


async def add_identity_user(
    database: Database, account_id: str | None, user_id: str, **values: Any
) -> None:
    """A person of the identity provider's directory."""
    await add(database, identity_users, user_id=user_id, account_id=account_id, **values)


async def add_identity_team(
    database: Database, account_id: str | None, team_id: str, **values: Any
) -> None:
    """A team of the identity provider's directory."""
    await add(database, identity_teams, team_id=team_id, account_id=account_id, **values)


async def add_organization(
    database: Database, account_id: str | None, organization_id: str, alias: str
) -> None:
    """An organisation of the identity provider's directory."""
    await add(
        database,
        _organizations,
        organization_id=organization_id,
        organization_alias=alias,
        account_id=account_id,
        budget_id="budget",
        created_by="scim",
        updated_by="scim",
    )


async def fill_identity(database: Database) -> None:
    """Both accounts' identity data: ACME's has every fault that production data has."""
    await add(database, _budgets, budget_id="budget", created_by="x", updated_by="x")
    await add_organization(database, ACME, "org-eng", "Engineering")
    await add_organization(database, ACME, "org-idle", "Idle")
    await add_organization(database, BETA, "org-beta", "Beta")
    await add_organization(database, None, "org-lost", "Lost")
    await _fill_identity_teams(database)
    await _fill_identity_users(database)


async def _fill_identity_teams(database: Database) -> None:
    await add_identity_team(
        database,
        ACME,
        "t-core",
        team_alias="Core",
        organization_id="org-eng",
        members=["eve@acme.test", "nobody"],
        members_with_roles=[
            {"user_id": "eve@acme.test", "role": "admin"},
            {"user_id": "finn", "role": "user"},
            {"user_id": "zed", "role": "admin"},
        ],
    )
    await add_identity_team(
        database,
        ACME,
        "t-text",
        team_alias="Text",
        organization_id="org-lost",
        members_with_roles='[{"user_id": "finn", "role": "viewer"}]',
    )
    await add_identity_team(
        database, ACME, "t-free", members_with_roles={"user_id": "gwen", "role": "guest"}
    )
    await add_organization(database, None, "", "Nameless")
    await add_identity_team(
        database,
        ACME,
        "t-blank",
        team_alias=" ",
        organization_id="",
        members_with_roles="{broken",
    )
    await add_identity_team(
        database, BETA, "t-beta", team_alias="Beta team", organization_id="org-beta"
    )
    await add_identity_team(database, None, "t-none", members=["eve@acme.test"])
    await add_identity_team(database, "None", "t-literal", members=["eve@acme.test"])


async def _fill_identity_users(database: Database) -> None:
    for account, user_id, values in (
        (ACME, "eve@acme.test", {"user_role": "internal_user", "sso_user_id": "sub-eve"}),
        (
            ACME,
            "finn",
            {
                "user_email": "Finn@ACME.test ",
                "user_alias": "Finn 100%",
                "user_role": "proxy_admin_viewer",
                "teams": ["t-missing", "t-beta"],
                "metadata": '{"scim_active": false}',
            },
        ),
        (
            ACME,
            "gwen",
            {"user_email": "not an address", "teams": ["t-core", "t-free"], "created_at": None},
        ),
        (ACME, "hugo", {"user_alias": "Hugo", "user_role": "org_admin", "metadata": "oops"}),
        (BETA, "zed", {"user_email": "zed@beta.test", "teams": ["t-beta", "t-core"]}),
        (None, "lost", {"teams": ["t-core"]}),
        ("None", "literal", {"teams": ["t-core"]}),
    ):
        await add_identity_user(database, account, user_id, **values)
