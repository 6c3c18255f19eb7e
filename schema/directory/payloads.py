"""Answers of the directory's mutations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.base.core import MutationPayload
from schema.base.fields import outcome
from schema.base.guards import Sensitive
from schema.base.modules import to
from schema.directory.enums import InviteStatus
from schema.directory.types import Account, Group, Invite, Membership, Team, User

if TYPE_CHECKING:
    from schema.base.stubs import BulkOperation


@strawberry.type(description="Answer of createUser.")
class CreateUserPayload(MutationPayload):
    """Answer of createUser."""

    user: User | None = outcome("The new person.")
    membership: Membership | None = outcome("Their membership.")


@strawberry.type(description="Answer of updateUser.")
class UpdateUserPayload(MutationPayload):
    """Answer of updateUser."""

    user: User | None = outcome("The changed person.")


@strawberry.type(description="Answer of updateMembership.")
class UpdateMembershipPayload(MutationPayload):
    """Answer of updateMembership."""

    membership: Membership | None = outcome("The changed membership.")


@strawberry.type(description="Answer of createGroup.")
class CreateGroupPayload(MutationPayload):
    """Answer of createGroup."""

    group: Group | None = outcome("The new group.")


@strawberry.type(description="Answer of updateGroup.")
class UpdateGroupPayload(MutationPayload):
    """Answer of updateGroup."""

    group: Group | None = outcome("The changed group.")


@strawberry.type(description="Answer of deleteGroup.")
class DeleteGroupPayload(MutationPayload):
    """Answer of deleteGroup."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")


@strawberry.type(description="Answer of createTeam.")
class CreateTeamPayload(MutationPayload):
    """Answer of createTeam."""

    team: Team | None = outcome("The new team.")


@strawberry.type(description="Answer of updateTeam.")
class UpdateTeamPayload(MutationPayload):
    """Answer of updateTeam."""

    team: Team | None = outcome("The changed team.")


@strawberry.type(description="Answer of deleteTeam.")
class DeleteTeamPayload(MutationPayload):
    """Answer of deleteTeam."""

    moved_member_count: int = outcome("People moved to the default team.", otherwise=0)
    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")


@strawberry.type(description="Answer of addTeamMember.")
class AddTeamMemberPayload(MutationPayload):
    """Answer of addTeamMember."""

    membership: Membership | None = outcome("Their membership in the team.")


@strawberry.type(description="Answer of removeTeamMember.")
class RemoveTeamMemberPayload(MutationPayload):
    """Answer of removeTeamMember."""

    membership: Membership | None = outcome("The membership they are left with.")


@strawberry.type(description="Answer of createInvite.")
class CreateInvitePayload(MutationPayload):
    """Answer of createInvite."""

    invite: Invite | None = outcome("The new invite.")
    token: str | None = outcome(
        "Secret the invitee accepts with, shown only here.", guard=(Sensitive(),)
    )


@strawberry.type(description="Answer of resendInvite.")
class ResendInvitePayload(MutationPayload):
    """Answer of resendInvite."""

    invite: Invite | None = outcome("The renewed invite.")
    token: str | None = outcome(
        "Secret the invitee accepts with, shown only here.", guard=(Sensitive(),)
    )


@strawberry.type(description="Answer of cancelInvite.")
class CancelInvitePayload(MutationPayload):
    """Answer of cancelInvite."""

    invite: Invite | None = outcome("The withdrawn invite.")


@strawberry.type(description="Answer of acceptInvite.")
class AcceptInvitePayload(MutationPayload):
    """Answer of acceptInvite."""

    status: InviteStatus | None = outcome("State of the invite after the call.")
    account: Account | None = outcome("The account joined.")
    user: User | None = outcome("The person in the account's directory.")
    membership: Membership | None = outcome("Their membership.")


@strawberry.type(description="Answer of declineInvite.")
class DeclineInvitePayload(MutationPayload):
    """Answer of declineInvite."""

    status: InviteStatus | None = outcome("State of the invite after the call.")


@strawberry.type(description="Answer of reconcileIdentityUsers.")
class ReconcileIdentityUsersPayload(MutationPayload):
    """Answer of reconcileIdentityUsers."""

    linked_count: int = outcome("People linked, or that would be.", otherwise=0)
    conflict_count: int = outcome(
        "People who match this account but belong to another one.", otherwise=0
    )
    conflicts: list[User] = outcome("Some of them, 200 at most.", otherwise=())


@strawberry.type(description="Answer of bulkCreateInvites.")
class BulkCreateInvitesPayload(MutationPayload):
    """Answer of bulkCreateInvites."""

    operation: Annotated[BulkOperation, to] | None = outcome(
        "The bulk operation: what matched and what changed."
    )


@strawberry.type(description="Answer of bulkUpdateUsers.")
class BulkUpdateUsersPayload(MutationPayload):
    """Answer of bulkUpdateUsers."""

    operation: Annotated[BulkOperation, to] | None = outcome(
        "The bulk operation: what matched and what changed."
    )
