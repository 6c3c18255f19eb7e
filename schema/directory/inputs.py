"""Inputs of the directory's mutations."""

from __future__ import annotations

import strawberry

from schema.base.core import MutationInput, TenantInput
from schema.base.domain import MembershipRole
from schema.base.fields import absent, given
from schema.base.guards import Sensitive
from schema.base.scalars import JSON, URL, EmailAddress
from schema.directory.enums import DirectoryStatus
from schema.directory.filters import UserFilter


@strawberry.input(description="Input of createUser.")
class CreateUserInput(TenantInput):
    """Input of createUser."""

    email: EmailAddress = given("E-mail address.")
    name: str = given("Name to show.")
    profile_image_url: URL | None = absent("Picture.")
    role: MembershipRole = given("Role.", default=MembershipRole.USER)
    team_id: strawberry.ID | None = absent("Team; the default team when absent.")


@strawberry.input(description="Input of updateUser.")
class UpdateUserInput(TenantInput):
    """Input of updateUser."""

    id: strawberry.ID = given("The person.")
    name: str | None = absent("Name to show.")
    profile_image_url: URL | None = absent("Picture; null removes it.")
    is_active: bool | None = absent(
        "Whether the person may sign in; the last administrator stays active."
    )


@strawberry.input(description="Input of updateMembership.")
class UpdateMembershipInput(TenantInput):
    """Input of updateMembership."""

    id: strawberry.ID = given("The membership.")
    role: MembershipRole | None = absent("Role.")
    team_id: strawberry.ID | None = absent("Team; null returns the person to the default team.")
    is_active: bool | None = absent("Whether it counts.")


@strawberry.input(description="Input of createGroup.")
class CreateGroupInput(TenantInput):
    """Input of createGroup."""

    name: str = given("Name, unique in the account ignoring case.")
    description: str | None = absent("What it is for.")
    owner_id: strawberry.ID | None = absent("Person responsible, of this account.")
    contact_email: EmailAddress | None = absent("Contact address.")


@strawberry.input(description="Input of updateGroup.")
class UpdateGroupInput(TenantInput):
    """Input of updateGroup."""

    id: strawberry.ID = given("The group.")
    name: str | None = absent("Name, unique in the account ignoring case.")
    description: str | None = absent("What it is for; null clears it.")
    owner_id: strawberry.ID | None = absent("Person responsible; null clears it.")
    contact_email: EmailAddress | None = absent("Contact address; null clears it.")
    status: DirectoryStatus | None = absent("Whether it is in use.")


@strawberry.input(description="Input of deleteGroup.")
class DeleteGroupInput(TenantInput):
    """Input of deleteGroup."""

    id: strawberry.ID = given("The group.")


@strawberry.input(description="Input of createTeam.")
class CreateTeamInput(TenantInput):
    """Input of createTeam."""

    group_id: strawberry.ID = given("Group it belongs to.")
    name: str = given("Name, unique in the group ignoring case.")
    description: str | None = absent("What it is for.")
    owner_id: strawberry.ID | None = absent("Person responsible, of this account.")
    contact_email: EmailAddress | None = absent("Contact address.")


@strawberry.input(description="Input of updateTeam.")
class UpdateTeamInput(TenantInput):
    """Input of updateTeam."""

    id: strawberry.ID = given("The team.")
    name: str | None = absent("Name, unique in the group ignoring case.")
    description: str | None = absent("What it is for; null clears it.")
    owner_id: strawberry.ID | None = absent("Person responsible; null clears it.")
    contact_email: EmailAddress | None = absent("Contact address; null clears it.")
    status: DirectoryStatus | None = absent("Whether it is in use.")


@strawberry.input(description="Input of deleteTeam.")
class DeleteTeamInput(TenantInput):
    """Input of deleteTeam."""

    id: strawberry.ID = given("The team.")


@strawberry.input(description="Input of addTeamMember.")
class AddTeamMemberInput(TenantInput):
    """Input of addTeamMember."""

    team_id: strawberry.ID = given("The team.")
    user_id: strawberry.ID = given("The person; needs an active membership.")


@strawberry.input(description="Input of removeTeamMember.")
class RemoveTeamMemberInput(TenantInput):
    """Input of removeTeamMember."""

    team_id: strawberry.ID = given("The team.")
    user_id: strawberry.ID = given("The person; must be in this team.")


@strawberry.input(description="Input of createInvite.")
class CreateInviteInput(TenantInput):
    """Input of createInvite."""

    email: EmailAddress = given("Person to invite.")
    role: MembershipRole = given("Role on acceptance.", default=MembershipRole.USER)
    custom_role_id: strawberry.ID | None = absent("Additional role on acceptance.")
    team_id: strawberry.ID | None = absent("Team on acceptance; the default team when absent.")
    workspace_id: strawberry.ID | None = absent("Workspace the invitee should land in.")
    expires_in_days: int = given("Validity in days, 1 to 90.", default=7)
    data: JSON | None = absent("Values to hand to the client on acceptance.")
    idempotency_key: str | None = absent(
        "Repeating the key answers with the first result instead of acting again."
    )


@strawberry.input(description="Input of resendInvite.")
class ResendInviteInput(TenantInput):
    """Input of resendInvite."""

    id: strawberry.ID = given("The invite.")
    expires_in_days: int = given("Validity in days, 1 to 90.", default=7)


@strawberry.input(description="Input of cancelInvite.")
class CancelInviteInput(TenantInput):
    """Input of cancelInvite."""

    id: strawberry.ID = given("The invite.")


@strawberry.input(description="Input of acceptInvite.")
class AcceptInviteInput(MutationInput):
    """Input of acceptInvite."""

    token: str = given("Secret from the invite.", sensitive=(Sensitive(),))


@strawberry.input(description="Input of declineInvite.")
class DeclineInviteInput(MutationInput):
    """Input of declineInvite."""

    token: str = given("Secret from the invite.", sensitive=(Sensitive(),))


@strawberry.input(description="Input of reconcileIdentityUsers.")
class ReconcileIdentityUsersInput(TenantInput):
    """Input of reconcileIdentityUsers."""

    dry_run: bool = given("Answer what would happen and change nothing.", default=False)


@strawberry.input(description="Input of bulkCreateInvites.")
class BulkCreateInvitesInput(TenantInput):
    """Input of bulkCreateInvites."""

    emails: list[EmailAddress] = given("People to invite.")
    role: MembershipRole = given("Role on acceptance.", default=MembershipRole.USER)
    custom_role_id: strawberry.ID | None = absent("Additional role on acceptance.")
    team_id: strawberry.ID | None = absent("Team on acceptance; the default team when absent.")
    expires_in_days: int = given("Validity in days, 1 to 90.", default=7)
    dry_run: bool = given("Answer what would happen and change nothing.", default=False)
    idempotency_key: str | None = absent(
        "Repeating the key answers with the first result instead of acting again."
    )


@strawberry.input(description="Input of bulkUpdateUsers.")
class BulkUpdateUsersInput(TenantInput):
    """Input of bulkUpdateUsers."""

    ids: list[strawberry.ID] | None = absent("Only these people.")
    filter: UserFilter | None = absent("Only people who meet these conditions.")
    is_active: bool | None = absent("Whether they may sign in.")
    role: MembershipRole | None = absent("Role.")
    team_id: strawberry.ID | None = absent("Team.")
    dry_run: bool = given("Answer what would happen and change nothing.", default=False)
    idempotency_key: str | None = absent(
        "Repeating the key answers with the first result instead of acting again."
    )
