"""The identity provider's directory of a tenant, as provisioning and sign-in left it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson

from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_digest, demo_id, demo_number
from datasources.demo.roster import Person, Roster, Team

__all__ = ["add_identity_directory", "identity_id"]

_ROLES = {
    "ADMIN": "proxy_admin",
    "VIEWER": "proxy_admin_viewer",
    "GUEST": "guest",
    "MEMBER": "internal_user_viewer",
    "USER": "internal_user",
}


def add_identity_directory(dataset: Dataset, roster: Roster) -> None:
    """Everything of a tenant in the tables that the identity provider feeds."""
    _add_organizations(dataset, roster)
    members: dict[str, list[Person]] = defaultdict(list)
    for person in roster.people:
        _add_person(dataset, roster, person)
        for team in person.teams:
            members[team.id].append(person)
    for number, team in enumerate(roster.teams):
        if not team.is_default:
            _add_team(dataset, roster, number, team, members[team.id])


def identity_id(person: Person) -> str:
    """The person's id at the provider: the address where sign-in made the row.

    Account admins made by hand have a UUID, some people an id of the system they came from.
    """
    if person.is_lead or person.number % 7:
        return person.email
    if person.number % 2:
        return demo_id("identity user", person.id)
    return f"okta|{demo_number('okta', person.id)}"


def _add_organizations(dataset: Dataset, roster: Roster) -> None:
    tenant = roster.tenant
    budget_id = demo_id("dollar budget", tenant.key)
    dataset.add(
        'public."LiteLLM_BudgetTable"',
        budget_id=budget_id,
        max_budget=tenant.max_budget,
        soft_budget=None if tenant.max_budget is None else tenant.max_budget * 0.8,
        budget_duration="30d",
        account_id=tenant.id,
        created_at=dataset.ago(days=tenant.age),
        created_by="super_admin",
        updated_at=dataset.ago(days=tenant.age / 2),
        updated_by="super_admin",
    )
    for group in roster.groups:
        if group.organization_id is None:
            continue
        dataset.add(
            'public."LiteLLM_OrganizationTable"',
            organization_id=group.organization_id,
            organization_alias=group.name,
            account_id=tenant.id,
            budget_id=budget_id,
            metadata={"source": "zitadel"},
            created_at=dataset.ago(days=tenant.age - 2),
            created_by="scim",
            updated_at=dataset.ago(days=tenant.age / 3),
            updated_by="scim",
        )


def _add_person(dataset: Dataset, roster: Roster, person: Person) -> None:
    organization_id = person.teams[0].group.organization_id if person.teams else None
    dataset.add(
        'public."LiteLLM_UserTable"',
        user_id=identity_id(person),
        user_alias=None if person.number % 23 == 22 else str(person.name),
        user_email=_address(person),
        sso_user_id=None if person.number % 13 == 12 else demo_number("subject", person.id),
        account_id=roster.tenant.id,
        organization_id=organization_id if person.number % 3 == 0 else None,
        teams=[team.identity_id for team in person.teams],
        user_role=_role(person),
        password=demo_digest("password", person.id) if person.number % 50 == 1 else None,
        metadata=_metadata(person),
        spend=round(roster.random.expovariate(0.2), 4),
        created_at=person.joined_at,
        updated_at=person.last_active_at,
    )
    _add_organization_membership(dataset, roster, person, organization_id)


def _role(person: Person) -> str:
    """Sign-in rewrote the role of most admins to that of an ordinary user."""
    is_rewritten = person.role == "ADMIN" and not person.is_lead and person.number % 2
    return "internal_user" if is_rewritten else _ROLES[person.role]


def _address(person: Person) -> str:
    """The address as some providers write it: names capitalised, or a blank at its end."""
    if person.is_lead or person.number % 11:
        return person.email
    local, _, domain = person.email.partition("@")
    typed = f"{local.title()}@{domain}"
    return typed if person.number % 22 else f"{typed} "


def _metadata(person: Person) -> Any:
    metadata: dict[str, Any] = {
        "scim_active": person.is_active,
        "scim_metadata": {"givenName": person.name.given, "familyName": person.name.family},
    }
    if person.is_active and person.number % 3:
        del metadata["scim_active"]
    if person.is_lead or person.number % 17:
        return metadata
    # A provisioning run stored the text of the document.
    return orjson.dumps(metadata).decode()


def _add_organization_membership(
    dataset: Dataset, roster: Roster, person: Person, organization_id: str | None
) -> None:
    if organization_id is None or person.number % 5:
        return
    dataset.add(
        'public."LiteLLM_OrganizationMembership"',
        user_id=identity_id(person),
        organization_id=organization_id,
        user_role="org_admin" if person.role == "ADMIN" else "internal_user",
        account_id=roster.tenant.id if person.number % 10 else None,
        created_at=person.joined_at,
        updated_at=person.joined_at,
    )


def _add_team(
    dataset: Dataset, roster: Roster, number: int, team: Team, people: Sequence[Person]
) -> None:
    tenant = roster.tenant
    ids = [identity_id(person) for person in people]
    # Writers differ: some list ids, some list roles, some only tell the people.
    lists_ids, lists_roles = number % 3 == 0, number % 3 == 1
    dataset.add(
        'public."LiteLLM_TeamTable"',
        team_id=team.identity_id,
        team_alias=None if number % 29 == 28 else team.name,
        organization_id=team.group.organization_id,
        account_id=tenant.id,
        admins=ids[:1],
        members=ids if lists_ids else [],
        members_with_roles=_members_with_roles(people) if lists_roles else {},
        metadata={"externalId": demo_number("scim group", team.id), "scim_data": {}},
        max_budget=500.0 if number % 4 == 0 else None,
        spend=round(roster.random.expovariate(0.01), 2),
        created_at=dataset.ago(days=tenant.age - 2, hours=number % 24),
        updated_at=dataset.ago(days=tenant.age / 4),
    )
    for id in ids if lists_ids else ():
        dataset.add(
            'public."LiteLLM_TeamMembership"',
            user_id=id,
            team_id=team.identity_id,
            spend=round(roster.random.expovariate(0.5), 4),
            account_id=tenant.id,
        )


def _members_with_roles(people: Sequence[Person]) -> list[dict[str, Any]]:
    roles = {"ADMIN": "admin", "VIEWER": "viewer", "GUEST": "guest"}
    return [
        {
            "user_id": identity_id(person),
            "user_email": person.email,
            "role": roles.get(person.role, "user"),
        }
        for person in people
    ]
