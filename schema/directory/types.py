"""Object types of the directory: people, groups, teams, memberships and invites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from datasources.directory import pages, reads
from datasources.directory.rows import GroupRow, InviteRow, MembershipRow, TeamRow, UserRow
from datasources.references import AccountRef, reachable_accounts
from resolvers.directory import reads as resolve
from schema.base.core import AccountScoped, Actor, Authored, Connection, Node, Timestamped, author
from schema.base.descriptions import ACCOUNT, GROUP, TEAM, USER
from schema.base.domain import MembershipRole
from schema.base.fields import argument, column, computed, made, one, page, reference
from schema.base.guards import Role, roles
from schema.base.modules import entity, to
from schema.base.scalars import JSON, URL, DateTime, EmailAddress
from schema.directory.enums import DirectorySource, DirectoryStatus, InviteStatus
from schema.directory.filters import MembershipFilter, MembershipOrder, TeamFilter, TeamOrder

if TYPE_CHECKING:
    from schema.directory.directory import Directory
    from schema.directory.stubs import RoleDefinition

__all__ = ["Account", "Group", "Invite", "Membership", "Team", "User"]

_READERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE)
_SOURCE = "Directory the row comes from."
_ITSELF = ("account_id", "source", "id")
_OWNER = ("account_id", "source", "owner_id")


@entity(AccountRef, reachable_accounts, ACCOUNT)
class Account:
    """A tenant, as far as its directory goes."""

    id: strawberry.ID = column("Stored identifier.")
    directory: Annotated[Directory, strawberry.lazy("schema.directory.directory")] | None = made(
        resolve.DirectoryRow,
        "The account's people, groups, teams and invites.",
        columns={"account_id": "id"},
        arguments=[
            argument(
                "source",
                DirectorySource,
                "Which directory answers.",
                default=DirectorySource.COPILOT,
            )
        ],
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE, scopes=["directory:read"]),
    )


@entity(
    UserRow,
    reads.users_by_id,
    USER,
)
class User(Node, AccountScoped):
    """A person in one account."""

    source: DirectorySource = column(_SOURCE)
    email: EmailAddress | None = column(
        "E-mail address, unique in the account; null when the identity provider sent none."
    )
    name: str = column("Name to show.")
    profile_image_url: URL | None = column("Picture; null for none.", of="profile_image")
    is_active: bool = column("Whether the person may sign in.")
    role: MembershipRole = computed(
        resolve.role, "Strongest role over the person's active memberships."
    )
    external_id: str | None = computed(
        resolve.external_id,
        "Subject at the identity provider; null when not linked.",
        guard=_READERS,
    )
    memberships: Connection[Membership] = page(
        pages.user_memberships,
        "Teams the person belongs to, with the role in each.",
        by=_ITSELF,
        filter=MembershipFilter,
        order=MembershipOrder,
        order_default="oldest first",
    )
    last_active_at: DateTime | None = column("Last use; null when never.", guard=_READERS)
    created_at: DateTime | None = column(
        "When the row was created; null when the identity provider did not say."
    )
    updated_at: DateTime | None = column(
        "When the row last changed; null when the identity provider did not say."
    )


@entity(GroupRow, reads.groups_by_id, GROUP)
class Group(Node, AccountScoped, Timestamped, Authored):
    """An organisation inside an account."""

    source: DirectorySource = column(_SOURCE)
    name: str = column("Name, unique in the account ignoring case.")
    description: str | None = column("What it is for; null for none.")
    status: DirectoryStatus = column("Whether it is in use.")
    is_default: bool = column(
        "Whether it is the account's default group, which cannot be renamed or removed."
    )
    is_unassigned: bool = column(
        "Whether it is the bucket that collects identity teams without an organisation; it is not "
        "stored anywhere."
    )
    owner: User | None = one(
        reads.users_in_directory, "Person responsible; null for none.", by=_OWNER
    )
    contact_email: EmailAddress | None = column("Contact address; null for none.")
    teams: Connection[Team] | None = page(
        pages.group_teams,
        "Teams of the group.",
        by=_ITSELF,
        filter=TeamFilter,
        order=TeamOrder,
        order_default="the default first, then by name",
        guard=_READERS,
    )
    team_count: int = one(pages.teams_of_groups, "Number of teams.", by=_ITSELF)
    member_count: int = one(
        reads.people_of_groups,
        "Number of people with an active membership in its teams.",
        by=_ITSELF,
    )
    created_by: Actor | None = author(
        "created_by", "Who created it; null when not recorded.", guard=_READERS
    )
    updated_by: Actor | None = author(
        "updated_by", "Who changed it last; null when not recorded.", guard=_READERS
    )


@entity(TeamRow, reads.teams_by_id, TEAM)
class Team(Node, AccountScoped, Timestamped, Authored):
    """A team of a group."""

    source: DirectorySource = column(_SOURCE)
    group: Group = one(
        reads.groups_in_directory,
        "Group it belongs to; the unassigned bucket when the identity provider names none.",
        by=("account_id", "source", "group_id"),
    )
    name: str = column("Name, unique in the group ignoring case.")
    description: str | None = column("What it is for; null for none.")
    status: DirectoryStatus = column("Whether it is in use.")
    is_default: bool = column(
        "Whether it is the account's default team, which cannot be renamed or removed."
    )
    owner: User | None = one(
        reads.users_in_directory, "Person responsible; null for none.", by=_OWNER
    )
    contact_email: EmailAddress | None = column("Contact address; null for none.")
    members: Connection[Membership] | None = page(
        pages.team_members,
        "People of the team.",
        by=_ITSELF,
        filter=MembershipFilter,
        order=MembershipOrder,
        order_default="oldest first",
        guard=_READERS,
    )
    member_count: int = one(
        pages.active_members, "Number of people with an active membership.", by=_ITSELF
    )
    created_by: Actor | None = author(
        "created_by", "Who created it; null when not recorded.", guard=_READERS
    )
    updated_by: Actor | None = author(
        "updated_by", "Who changed it last; null when not recorded.", guard=_READERS
    )


@entity(
    MembershipRow,
    reads.memberships_by_id,
    "A person's place in the account: team, role and state.",
)
class Membership(Node, AccountScoped, Authored):
    """A person's place in the account."""

    source: DirectorySource = column(_SOURCE)
    user: User = one(
        reads.users_in_directory, "The person.", by=("account_id", "source", "user_id")
    )
    team: Team | None = one(
        reads.teams_in_directory,
        "The team; null while the person has none.",
        by=("account_id", "source", "team_id"),
    )
    role: MembershipRole = column("Role that decides what the person may do.")
    is_active: bool = column("Whether it counts; inactive memberships give no access.")
    joined_at: DateTime | None = column(
        "When the person joined; null when the identity provider did not say."
    )
    last_active_at: DateTime | None = column("Last use; null when never.", guard=_READERS)
    created_by: Actor | None = author(
        "created_by", "Who created it; null when not recorded.", guard=_READERS
    )
    updated_by: Actor | None = author(
        "updated_by", "Who changed it last; null when not recorded.", guard=_READERS
    )


@entity(
    InviteRow,
    reads.invites_by_id,
    "An invitation to join an account. Its token is shown once, to whoever created or renewed it.",
    guard=_READERS,
)
class Invite(Node, AccountScoped, Timestamped, Authored):
    """An invitation to join an account."""

    email: EmailAddress = column("Person invited.")
    role: MembershipRole = column(
        "Role on acceptance; never changes the role of an existing member."
    )
    custom_role: Annotated[RoleDefinition, to] | None = reference(
        "Additional role on acceptance; null for none.", by="custom_role_id"
    )
    team: Team | None = one(
        reads.teams_in_account,
        "Team on acceptance; null means the default team.",
        by=("account_id", "team_id"),
    )
    workspace_id: strawberry.ID | None = column(
        "Workspace the invitee should land in; kept for the client, null for none."
    )
    status: InviteStatus = column("State; expiry is applied on read.")
    expires_at: DateTime = column("When it stops being valid.")
    accepted_at: DateTime | None = column("When it was accepted; null otherwise.")
    accepted_by: User | None = one(
        reads.users_in_account,
        "Person who accepted; null otherwise.",
        by=("account_id", "accepted_by"),
    )
    data: JSON | None = column("Values the client attached; null for none.")
