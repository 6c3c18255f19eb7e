"""A tenant's people, groups and teams, drawn once, from which both directories are written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple, TypeVar

from datasources.demo.identifiers import demo_id, demo_number
from datasources.demo.names import FullName, pick_name
from datasources.demo.tenants import Division, Tenant

__all__ = ["Group", "Person", "Roster", "Team", "draw_roster"]

ValueT = TypeVar("ValueT")

_DEFAULT = Division("Global", ("Global",), "Everybody who is in no other group")
_ROLES = {"USER": 82, "MEMBER": 8, "VIEWER": 5, "GUEST": 3, "ADMIN": 2}
_TEAM_COUNTS = {0: 4, 1: 66, 2: 22, 3: 8}
_LEAD_ROLES = ("ADMIN", "VIEWER", "USER")


class Group(NamedTuple):
    """A group of the directory, and the organisation that stands for it at the provider."""

    id: str
    number: int
    name: str
    description: str | None
    is_default: bool
    organization_id: str | None
    """None where the provider was never told of the group."""


class Team(NamedTuple):
    """A team in a group, and the team that stands for it at the provider."""

    id: str
    identity_id: str
    group: Group
    name: str
    is_default: bool


class Person(NamedTuple):
    """Somebody in the directory."""

    number: int
    id: str
    name: FullName
    email: str
    role: str
    is_active: bool
    joined_at: datetime
    last_active_at: datetime
    teams: tuple[Team, ...]
    """The first is the one that the account's membership names."""

    @property
    def is_lead(self) -> bool:
        """Whether sessions are opened as this person, so that no row of theirs has a fault."""
        return self.number < len(_LEAD_ROLES)


class Roster(NamedTuple):
    """A tenant's directory."""

    tenant: Tenant
    groups: tuple[Group, ...]
    teams: tuple[Team, ...]
    people: tuple[Person, ...]
    random: Random
    """The tenant's own; drawn from in a fixed order, it gives the same data each time."""

    @property
    def admin(self) -> Person:
        """Who administers the account."""
        return self.people[0]


def draw_roster(tenant: Tenant, now: datetime) -> Roster:
    """The tenant's people in their teams. The same for the same tenant, times aside."""
    random = Random(f"cockpit demo {tenant.key}")  # noqa: S311 - made-up data, no secret
    groups, teams = _structure(tenant)
    people = tuple(_people(tenant, teams, random, now))
    return Roster(tenant, groups, teams, people, random)


def _structure(tenant: Tenant) -> tuple[tuple[Group, ...], tuple[Team, ...]]:
    has_default = all(division.name.lower() != "global" for division in tenant.divisions)
    divisions = (*([_DEFAULT] if has_default else []), *tenant.divisions)
    groups = []
    teams: list[Team] = []
    for number, division in enumerate(divisions):
        group = _group(tenant, number, division, is_default=division is _DEFAULT)
        groups.append(group)
        teams.extend(_team(tenant, group, name) for name in division.teams)
    return tuple(groups), tuple(teams)


def _group(tenant: Tenant, number: int, division: Division, *, is_default: bool) -> Group:
    # Provisioning creates teams, and seldom the organisation that they belong to.
    is_provisioned = not is_default and number % 4 != 3
    return Group(
        demo_id("group", tenant.key, division.name),
        number,
        division.name,
        division.description,
        is_default,
        demo_number("organization", tenant.key, division.name) if is_provisioned else None,
    )


def _team(tenant: Tenant, group: Group, name: str) -> Team:
    return Team(
        demo_id("team", tenant.key, group.name, name),
        demo_id("identity team", tenant.key, group.name, name),
        group,
        name,
        group.is_default,
    )


def _people(
    tenant: Tenant, teams: tuple[Team, ...], random: Random, now: datetime
) -> Iterator[Person]:
    assignable = [team for team in teams if not team.is_default]
    addresses: set[str] = set()
    for number in range(tenant.size):
        is_lead = number < len(_LEAD_ROLES)
        name = tenant.leads[number] if is_lead else pick_name(random, tenant.languages)
        drawn_role = _weighted(random, _ROLES)
        drawn_count = _weighted(random, _TEAM_COUNTS)
        joined = now - timedelta(days=random.randint(1, tenant.age), hours=random.randint(0, 23))
        yield Person(
            number=number,
            id=demo_id("user", tenant.key, number),
            name=name,
            email=_address(name, tenant.mail_domain, addresses),
            role=_LEAD_ROLES[number] if is_lead else drawn_role,
            is_active=random.random() > 0.06 or is_lead,
            joined_at=joined,
            last_active_at=joined + (now - joined) * random.random(),
            teams=tuple(random.sample(assignable, max(drawn_count, 2 if is_lead else 0))),
        )


def _address(name: FullName, domain: str, taken: set[str]) -> str:
    """An address nobody has yet: namesakes are numbered."""
    base = local = name.local_part
    number = 2
    while local in taken:
        local, number = f"{base}{number}", number + 1
    taken.add(local)
    return f"{local}@{domain}"


def _weighted(random: Random, weights: dict[ValueT, int]) -> ValueT:
    return random.choices(list(weights), weights=list(weights.values()))[0]
