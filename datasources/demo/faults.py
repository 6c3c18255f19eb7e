"""The faults that the production data really has, so that nothing is built for clean rows only.

Rows of both directories without an account, with the text `None` or a deleted account in its
place, links between accounts, references to nothing, and documents of every broken shape. Faults
that touch ordinary rows (text instead of documents, capitals in addresses) are in the modules that
write those rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_digest, demo_id, demo_number
from datasources.demo.roster import Roster

__all__ = ["DELETED_ACCOUNT", "add_faults"]

DELETED_ACCOUNT = demo_id("account", "deleted")
"""Account that rows still name, and that has no row of its own."""


class _Stray(NamedTuple):
    """A row of the provider's people, with what is wrong about it."""

    name: str | None
    account_id: str | None
    teams: list[str] | None = None
    metadata: Any = {}
    has_email: bool = True


def add_faults(dataset: Dataset, rosters: Mapping[str, Roster]) -> None:
    """All faults; `rosters` by key of the tenant."""
    _add_strays(dataset, rosters)
    _add_organizations(dataset, rosters)
    _add_teams(dataset, rosters)
    _add_typed_admin(dataset, rosters["bank"])
    for account_id in ("None", DELETED_ACCOUNT):
        _add_orphans(dataset, account_id)


def _add_strays(dataset: Dataset, rosters: Mapping[str, Roster]) -> None:
    bank, firm = rosters["bank"].tenant, rosters["lawfirm"].tenant
    real, missing = rosters["bank"].teams[1].identity_id, demo_id("identity team", "missing")
    strays = (
        _Stray("Sandrine Wagener", None, [real]),
        _Stray("Tom Schleich", "None"),
        _Stray("Lynn Majerus", DELETED_ACCOUNT, [missing]),
        # An address of the bank, linked to the law firm: listing once moved people.
        _Stray("Pol Bausch", firm.id),
        _Stray("Martine Welter", bank.id, [real, missing]),
        _Stray("Guy Hoscheit", bank.id, [missing]),
        _Stray("Carole Biver", bank.id, None),
        _Stray("Luc Feller", bank.id, ["", real]),
        _Stray("Nadine Gloden", bank.id, [real], {"scim_active": "false"}),
        _Stray("Steve Kohn", bank.id, [real], {"scim_active": False}),
        _Stray("Danielle Ries", bank.id, [real], '{"scim_active": false'),
        _Stray("Romain Clees", bank.id, [real], ["scim_active"]),
        _Stray(None, bank.id, [real], has_email=False),
    )
    for number, stray in enumerate(strays):
        local = f"stray{number}" if stray.name is None else stray.name.lower().replace(" ", ".")
        email = f"{local}@{bank.mail_domain}"
        dataset.add(
            'public."LiteLLM_UserTable"',
            user_id=email if stray.has_email else f"scim-{number:04d}",
            user_alias=stray.name,
            user_email=email if stray.has_email else None,
            account_id=stray.account_id,
            teams=stray.teams,
            user_role="internal_user" if number % 4 else None,
            metadata=stray.metadata,
            created_at=dataset.ago(days=90 - number) if number % 3 else None,
            updated_at=None,
        )


def _add_organizations(dataset: Dataset, rosters: Mapping[str, Roster]) -> None:
    bank = rosters["bank"].tenant
    organizations = (
        # The account was deleted, which cleared the link.
        (demo_number("organization", "orphaned"), "Altkunden Treuhand", None),
        # A form sent an empty id.
        ("", "", None),
        (demo_number("organization", "empty"), "Merged Entities (2021)", bank.id),
    )
    for id, alias, account_id in organizations:
        dataset.add(
            'public."LiteLLM_OrganizationTable"',
            organization_id=id,
            organization_alias=alias,
            account_id=account_id,
            budget_id=demo_id("dollar budget", bank.key),
            created_at=dataset.ago(days=400),
            created_by="super_admin",
            updated_at=dataset.ago(days=200),
            updated_by="super_admin",
        )


def _add_teams(dataset: Dataset, rosters: Mapping[str, Roster]) -> None:
    bank, hospital = rosters["bank"], rosters["hospital"]
    people = [person.email for person in bank.people[7:12]]
    ours = next(group.organization_id for group in bank.groups if group.organization_id)
    foreign = next(group.organization_id for group in hospital.groups if group.organization_id)
    orphaned = demo_number("organization", "orphaned")
    teams: tuple[tuple[str, str | None, str | None, Any], ...] = (
        ("Projet DORA", None, bank.tenant.id, {}),
        ("Data Governance", "", bank.tenant.id, []),
        ("Succession Altkunden", orphaned, bank.tenant.id, people),
        ("Pilot Copilot", foreign, bank.tenant.id, {"members": people}),
        ("Cellule de crise", ours, bank.tenant.id, [None, 7, {}, {"role": "admin"}]),
        ("ESG Reporting", ours, bank.tenant.id, f'[{{"user_id": "{people[0]}", "role": "user"}}]'),
        ("Basel IV", ours, bank.tenant.id, '[{"user_id": '),
        ("Comité de direction", ours, bank.tenant.id, [{"user_email": people[1], "role": "owner"}]),
        ("Stagiaires 2023", None, None, {}),
        ("Interim IT", None, "None", []),
        ("Meridian Zürich", None, DELETED_ACCOUNT, {}),
    )
    for number, (name, organization_id, account_id, roles) in enumerate(teams):
        dataset.add(
            'public."LiteLLM_TeamTable"',
            team_id=demo_id("identity team", "fault", name),
            team_alias=name,
            organization_id=organization_id,
            account_id=account_id,
            members=[*people[:2], "left.long.ago@meridian-bank.example"] if number % 2 else None,
            members_with_roles=roles,
            metadata="{}" if number % 2 else {},
            created_at=dataset.ago(days=150 - number),
            updated_at=dataset.ago(days=100 - number),
        )


def _add_typed_admin(dataset: Dataset, bank: Roster) -> None:
    """The person behind the admin address with capitals; made by hand, under a random id."""
    dataset.add(
        'public."LiteLLM_UserTable"',
        user_id=demo_id("identity user", "Marc Reuter"),
        user_alias="Marc Reuter",
        user_email=bank.tenant.admins[0],
        account_id=bank.tenant.id,
        user_role="proxy_admin",
        password=demo_digest("password", "Marc Reuter"),
        created_at=dataset.ago(days=500),
        updated_at=dataset.ago(days=3),
    )


def _add_orphans(dataset: Dataset, account_id: str) -> None:
    """A whole small directory of an account that is not there, left behind by a migration."""
    user_id, group_id, team_id = (
        demo_id("orphan", account_id, kind) for kind in ("user", "group", "team")
    )

    def add(table: str, **values: Any) -> None:
        """A row of the account; all are as old."""
        moment = dataset.ago(days=210)
        dataset.add(table, account_id=account_id, created_at=moment, updated_at=moment, **values)

    email = "ines.santos@former-customer.example"
    add("copilot.users", id=user_id, email=email, name="Inês Santos")
    add("copilot.groups", id=group_id, name="Vertrieb")
    add("copilot.teams", id=team_id, group_id=group_id, name="Außendienst")
    add(
        "copilot.account_memberships",
        id=demo_id("orphan", account_id, "membership"),
        user_id=user_id,
        team_id=team_id,
        joined_at=dataset.ago(days=210),
        last_active_at=dataset.ago(days=205),
    )
    add(
        "copilot.user_invites",
        id=demo_id("orphan", account_id, "invite"),
        email="noah.marques@former-customer.example",
        token=demo_digest("orphan", account_id),
        expires_at=dataset.ago(days=203),
    )
    add(
        "copilot.support_tickets",
        id=demo_id("orphan", account_id, "ticket"),
        user_profile_id=user_id,
        subject="Zugang nach Vertragsende",
        description='{"text": "Bitte die Daten exportieren."}',
    )
