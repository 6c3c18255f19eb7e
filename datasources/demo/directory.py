"""The cockpit's own directory: people, groups, teams, who belongs where, and who is invited."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import orjson

from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_digest, demo_id
from datasources.demo.names import address_part, pick_name
from datasources.demo.roster import Person, Roster, Team

__all__ = ["add_directory"]

_STATES = ("PENDING", "ACCEPTED", "DECLINED", "EXPIRED", "CANCELLED")


def add_directory(dataset: Dataset, roster: Roster) -> None:
    """Everything of a tenant in schema `copilot` that is about people."""
    for person in roster.people:
        _add_person(dataset, roster, person)
    _add_groups(dataset, roster)
    _add_teams(dataset, roster)
    for person in roster.people:
        _add_membership(dataset, roster, person)
        _add_further_teams(dataset, roster, person)
    _add_invites(dataset, roster)


def _add_person(dataset: Dataset, roster: Roster, person: Person) -> None:
    has_picture = person.number % 9 == 4
    picture = f"https://people.{roster.tenant.mail_domain}/{person.id}.jpg"
    dataset.add(
        "copilot.users",
        id=person.id,
        account_id=roster.tenant.id,
        email=person.email,
        name=str(person.name),
        profile_image=picture if has_picture else None,
        is_active=person.is_active,
        created_at=person.joined_at,
        updated_at=person.last_active_at,
    )


def _add_groups(dataset: Dataset, roster: Roster) -> None:
    tenant = roster.tenant
    for group in roster.groups:
        owner = None if group.is_default else roster.people[group.number * 2 % tenant.size]
        dataset.add(
            "copilot.groups",
            id=group.id,
            account_id=tenant.id,
            name=group.name,
            description=group.description,
            is_default=group.is_default,
            owner_id=owner and owner.id,
            contact_email=owner and _contact(group.name, tenant.mail_domain),
            status="inactive" if group.number == 9 else "active",
            created_by=roster.admin.email,
            created_at=dataset.ago(days=tenant.age - 1),
            updated_at=dataset.ago(days=tenant.age / 3),
        )


def _add_teams(dataset: Dataset, roster: Roster) -> None:
    tenant = roster.tenant
    for number, team in enumerate(roster.teams):
        has_owner = not team.is_default and number % 3 != 0
        dataset.add(
            "copilot.teams",
            id=team.id,
            account_id=tenant.id,
            group_id=team.group.id,
            name=team.name,
            description=None if number % 4 else f"{team.name}, {team.group.name}",
            is_default=team.is_default,
            owner_id=roster.people[number % tenant.size].id if has_owner else None,
            contact_email=_contact(team.name, tenant.mail_domain) if has_owner else None,
            created_by=roster.admin.email,
            created_at=dataset.ago(days=tenant.age - 1, hours=number % 24),
            updated_at=dataset.ago(days=tenant.age / 5),
        )


def _contact(name: str, domain: str) -> str:
    return f"{address_part(name).replace('.', '-')}@{domain}"


def _add_membership(dataset: Dataset, roster: Roster, person: Person) -> None:
    dataset.add(
        "copilot.account_memberships",
        id=demo_id("membership", person.id),
        account_id=roster.tenant.id,
        user_id=person.id,
        app_role=person.role,
        team_id=_first_team(roster, person),
        is_active=person.is_active,
        joined_at=person.joined_at,
        last_active_at=person.last_active_at,
        tenant_preferences=_preferences(person),
        created_by=roster.admin.email,
        created_at=person.joined_at,
        updated_at=person.last_active_at,
    )


def _first_team(roster: Roster, person: Person) -> str | None:
    if person.teams:
        return person.teams[0].id
    return next((team.id for team in roster.teams if team.is_default), None)


def _preferences(person: Person) -> Any:
    """What the former front end kept; its migration stored every tenth as text, some twice."""
    preferences = {"theme": "dark" if person.number % 2 else "light", "density": "comfortable"}
    if person.is_lead or person.number % 10:
        return preferences
    text = orjson.dumps(preferences).decode()
    return text if person.number % 20 else orjson.dumps(text).decode()


def _add_further_teams(dataset: Dataset, roster: Roster, person: Person) -> None:
    for team in person.teams[1:]:
        dataset.add(
            "gateway.team_memberships",
            id=demo_id("team membership", person.id, team.id),
            account_id=roster.tenant.id,
            user_id=person.id,
            team_id=team.id,
            role="ADMIN" if person.number % 12 == 0 else None,
            joined_at=person.joined_at,
            created_by=roster.admin.id,
            created_at=person.joined_at,
            updated_at=person.joined_at,
        )


def _add_invites(dataset: Dataset, roster: Roster) -> None:
    """Invites in every state; some pending ones are overdue, as nobody has looked since."""
    rounds = 1 + min(roster.tenant.size // 40, 20)
    for turn, status in product(range(rounds), _STATES):
        name = pick_name(roster.random, roster.tenant.languages)
        email = f"{name.local_part}{turn}@invitees.example"
        team = roster.random.choice(roster.teams)
        _add_invite(dataset, roster, email=email, status=status, turn=turn, team=team)


def _add_invite(
    dataset: Dataset, roster: Roster, *, email: str, status: str, turn: int, team: Team
) -> None:
    invited_at = dataset.ago(days=turn * 3 + (20 if status in ("EXPIRED", "DECLINED") else 1))
    accepted_at = invited_at + timedelta(hours=20) if status == "ACCEPTED" else None
    dataset.add(
        "copilot.user_invites",
        id=demo_id("invite", roster.tenant.key, status, turn),
        account_id=roster.tenant.id,
        email=email,
        role=("USER", "VIEWER", "MEMBER", "GUEST")[turn % 4],
        workspace_id=team.id if turn % 3 == 0 else None,
        status=status,
        token=demo_digest("invite", roster.tenant.key, status, turn),
        invitation_data={"app_role": "USER"} if turn % 2 else {},
        created_by=roster.admin.email,
        accepted_by=roster.admin.email if accepted_at else None,
        accepted_at=accepted_at,
        expires_at=invited_at + timedelta(days=14 if status == "PENDING" else 7),
        created_at=invited_at,
        updated_at=accepted_at or invited_at,
    )
