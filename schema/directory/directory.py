"""The two directories of an account, and the quality of the identity provider's."""

from __future__ import annotations

from typing import Annotated

import strawberry

from datasources.directory import pages, reads
from datasources.directory.health import HealthRow, IssueRow, SampleRow, health_of_accounts
from resolvers.directory import reads as resolve
from resolvers.directory.reads import DirectoryRow
from schema.base.core import AccountScoped, Connection
from schema.base.fields import argument, column, computed, found, one, page
from schema.base.guards import Role, roles
from schema.base.modules import record
from schema.base.scalars import DateTime
from schema.directory.enums import DirectoryIssueKind, DirectorySource
from schema.directory.filters import (
    GroupFilter,
    GroupOrder,
    InviteFilter,
    InviteOrder,
    MembershipFilter,
    MembershipOrder,
    TeamFilter,
    TeamOrder,
    UserFilter,
    UserOrder,
)
from schema.directory.types import Account, Group, Invite, Membership, Team, User

__all__ = ["Directory", "DirectoryHealth", "DirectoryIssue", "DirectoryIssueSample", "ScopeSubject"]

_READERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE)
_ITSELF = ("account_id", "source")

ScopeSubject = Annotated[
    Account | Group | Team | User,
    strawberry.union("ScopeSubject", description="What a scope can point at."),
]


@record(SampleRow, "One row with an issue.")
class DirectoryIssueSample:
    """One row with an issue."""

    subject: ScopeSubject = computed(resolve.subject, "The person, team or group.")
    missing_ids: list[strawberry.ID] = column(
        "Ids it refers to that do not exist; empty for other issues."
    )


@record(IssueRow, "How often one kind of issue occurs.")
class DirectoryIssue:
    """How often one kind of issue occurs."""

    kind: DirectoryIssueKind = column("The issue.")
    count: int = column("How often it occurs.", of="number")
    samples: list[DirectoryIssueSample] = computed(
        resolve.samples_of,
        "Some of the rows concerned.",
        arguments=[argument("first", int, "How many, 200 at most.", default=25)],
    )


@record(HealthRow, "Quality of the identity provider's data for an account.", guard=_READERS)
class DirectoryHealth(AccountScoped):
    """Quality of the identity provider's data for an account."""

    score_percent: float = column(
        "100 minus the share of users and teams with an issue that counts."
    )
    user_count: int = column("People at the identity provider.")
    team_count: int = column("Teams at the identity provider.")
    group_count: int = column("Organisations at the identity provider.")
    issues: list[DirectoryIssue] = column("One entry per kind of issue, also when its count is 0.")
    checked_at: DateTime = column("When the figures were computed.")


@record(DirectoryRow, "One of the two directories of an account.", guard=_READERS)
class Directory:
    """One of the two directories of an account."""

    source: DirectorySource = column("Which directory this is.")
    users: Connection[User] = page(
        pages.account_users, "People.", by=_ITSELF, filter=UserFilter, order=UserOrder
    )
    user: User | None = found(
        reads.users_in_directory,
        resolve.own,
        "One person; null when there is none.",
        needs=_ITSELF,
        arguments=[argument("id", strawberry.ID, "Id of the person.")],
    )
    groups: Connection[Group] = page(
        pages.account_groups,
        "Groups, the default first and the unassigned bucket last unless sorted otherwise.",
        by=_ITSELF,
        filter=GroupFilter,
        order=GroupOrder,
        order_default="the default first, then by name",
    )
    group: Group | None = found(
        reads.groups_in_directory,
        resolve.own,
        "One group; null when there is none.",
        needs=_ITSELF,
        arguments=[argument("id", strawberry.ID, "Id of the group.")],
    )
    teams: Connection[Team] = page(
        pages.account_teams,
        "Teams.",
        by=_ITSELF,
        filter=TeamFilter,
        order=TeamOrder,
        order_default="the default first, then by name",
    )
    team: Team | None = found(
        reads.teams_in_directory,
        resolve.own,
        "One team; null when there is none.",
        needs=_ITSELF,
        arguments=[argument("id", strawberry.ID, "Id of the team.")],
    )
    memberships: Connection[Membership] = page(
        pages.account_memberships,
        "Who belongs where.",
        by=_ITSELF,
        filter=MembershipFilter,
        order=MembershipOrder,
        order_default="oldest first",
    )
    invites: Connection[Invite] = page(
        pages.account_invites,
        "Invites; empty for the identity provider.",
        by=_ITSELF,
        filter=InviteFilter,
        order=InviteOrder,
    )
    invite: Invite | None = found(
        reads.invites_in_account,
        resolve.own,
        "One invite; null when there is none.",
        needs=_ITSELF,
        arguments=[argument("id", strawberry.ID, "Id of the invite.")],
    )
    health: DirectoryHealth = one(
        health_of_accounts,
        "Quality of the identity provider's data for this account.",
        by="account_id",
    )
