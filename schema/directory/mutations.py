"""The directory's mutations."""

from __future__ import annotations

import strawberry

from resolvers.directory import bulk, groups, invites, linking, memberships, people, teams
from resolvers.writing import Reach
from schema.base.fields import mutation
from schema.base.guards import Role, authenticated, roles
from schema.directory import inputs, payloads

__all__ = ["Mutation"]

_WRITERS = roles(Role.ACCOUNT_ADMIN, Role.SERVICE, scopes=["directory:write"])


@strawberry.type
class Mutation:
    """The directory's mutations."""

    create_user: payloads.CreateUserPayload | None = mutation(
        people.create_user,
        inputs.CreateUserInput,
        "Adds a person with a membership. The e-mail must be new in the account.",
        guard=_WRITERS,
    )
    update_user: payloads.UpdateUserPayload | None = mutation(
        people.update_user,
        inputs.UpdateUserInput,
        "Changes a person. Deactivating ends their sessions and their access.",
        guard=_WRITERS,
    )
    update_membership: payloads.UpdateMembershipPayload | None = mutation(
        memberships.update_membership,
        inputs.UpdateMembershipInput,
        "Changes role, team or state of a membership. The account keeps at least one "
        "administrator.",
        guard=_WRITERS,
    )
    create_group: payloads.CreateGroupPayload | None = mutation(
        groups.create_group, inputs.CreateGroupInput, "Adds a group.", guard=_WRITERS
    )
    update_group: payloads.UpdateGroupPayload | None = mutation(
        groups.update_group,
        inputs.UpdateGroupInput,
        "Changes a group. The default group keeps its name and status.",
        guard=_WRITERS,
    )
    delete_group: payloads.DeleteGroupPayload | None = mutation(
        groups.delete_group,
        inputs.DeleteGroupInput,
        "Removes an empty group. The default group stays.",
        guard=_WRITERS,
    )
    create_team: payloads.CreateTeamPayload | None = mutation(
        teams.create_team, inputs.CreateTeamInput, "Adds a team to a group.", guard=_WRITERS
    )
    update_team: payloads.UpdateTeamPayload | None = mutation(
        teams.update_team,
        inputs.UpdateTeamInput,
        "Changes a team. The default team keeps its name and status.",
        guard=_WRITERS,
    )
    delete_team: payloads.DeleteTeamPayload | None = mutation(
        teams.delete_team,
        inputs.DeleteTeamInput,
        "Removes a team and moves its people to the default team, in one step.",
        guard=_WRITERS,
    )
    add_team_member: payloads.AddTeamMemberPayload | None = mutation(
        memberships.add_team_member,
        inputs.AddTeamMemberInput,
        "Puts a person into a team.",
        guard=_WRITERS,
    )
    remove_team_member: payloads.RemoveTeamMemberPayload | None = mutation(
        memberships.remove_team_member,
        inputs.RemoveTeamMemberInput,
        "Takes a person out of a team they are in; without another team they move to the default "
        "team.",
        guard=_WRITERS,
    )
    create_invite: payloads.CreateInvitePayload | None = mutation(
        invites.create_invite,
        inputs.CreateInviteInput,
        "Invites a person who is neither a member nor already invited.",
        guard=_WRITERS,
    )
    resend_invite: payloads.ResendInvitePayload | None = mutation(
        invites.resend_invite,
        inputs.ResendInviteInput,
        "Renews a pending or expired invite with a new token; the old one stops working.",
        guard=_WRITERS,
    )
    cancel_invite: payloads.CancelInvitePayload | None = mutation(
        invites.cancel_invite,
        inputs.CancelInviteInput,
        "Withdraws a pending invite.",
        guard=_WRITERS,
    )
    accept_invite: payloads.AcceptInvitePayload | None = mutation(
        invites.accept_invite,
        inputs.AcceptInviteInput,
        "Accepts an invite. The caller must be signed in with the invited, verified e-mail "
        "address.",
        guard=authenticated(),
        reach=Reach.BEARER,
    )
    decline_invite: payloads.DeclineInvitePayload | None = mutation(
        invites.decline_invite,
        inputs.DeclineInviteInput,
        "Declines a pending invite. The caller must be signed in with the invited, verified "
        "e-mail address.",
        guard=authenticated(),
        reach=Reach.BEARER,
    )
    reconcile_identity_users: payloads.ReconcileIdentityUsersPayload | None = mutation(
        linking.reconcile_identity_users,
        inputs.ReconcileIdentityUsersInput,
        "Links identity users that belong here and are linked nowhere. People of other accounts "
        "are reported, never moved.",
        guard=_WRITERS,
        reach=Reach.ACCOUNT_AND_BEYOND,
    )
    bulk_create_invites: payloads.BulkCreateInvitesPayload | None = mutation(
        bulk.bulk_create_invites,
        inputs.BulkCreateInvitesInput,
        "Invites up to 1,000 people; members and people already invited are skipped.",
        guard=_WRITERS,
        keeps_dry_runs=True,
    )
    bulk_update_users: payloads.BulkUpdateUsersPayload | None = mutation(
        bulk.bulk_update_users,
        inputs.BulkUpdateUsersInput,
        "Changes state, role or team of many people; the account keeps at least one administrator.",
        guard=_WRITERS,
        keeps_dry_runs=True,
    )
