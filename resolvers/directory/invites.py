"""Inviting people, and what invitees and administrators do with an invite."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any, NamedTuple

from auth.caller import ActorKind, Caller
from datasources.directory.reads import invites_by_id
from datasources.directory.rows import InviteRow, MembershipRow, UserRow
from datasources.directory.writes import invites
from datasources.directory.writes.invites import FoundInvite, NewInvite
from datasources.references import AccountRef
from resolvers.checks import checked_line
from resolvers.directory.administrators import checked_role
from resolvers.directory.auditing import directory_event
from resolvers.directory.joining import join
from resolvers.directory.lookups import team_of
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = [
    "MAX_DAYS",
    "AcceptedInvite",
    "ChangedInvite",
    "DeclinedInvite",
    "SentInvite",
    "accept_invite",
    "cancel_invite",
    "checked_invite",
    "create_invite",
    "decline_invite",
    "new_token",
    "resend_invite",
]

MAX_DAYS = 90
_RENEWABLE = frozenset({"PENDING", "EXPIRED"})
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,256}")


class SentInvite(NamedTuple):
    """An invite with the token that is shown once."""

    invite: InviteRow
    token: str


class ChangedInvite(NamedTuple):
    """An invite after a change."""

    invite: InviteRow


class AcceptedInvite(NamedTuple):
    """What the invitee joined."""

    status: str
    account: AccountRef
    user: UserRow
    membership: MembershipRow


class DeclinedInvite(NamedTuple):
    """State of the invite that was refused."""

    status: str


async def create_invite(context: WriteContext, *, email: str, **promise: Any) -> SentInvite:
    """Invite a person who is neither a member nor already invited."""
    invite = await checked_invite(context, **promise)
    await invites.lock_invitee(context.database, context.caller)
    if await invites.members_among(context.database, context.caller, [email]):
        raise refuse("TAKEN", "This person is a member of the account.", "email")
    if await invites.pending_among(context.database, context.caller, [email]):
        raise refuse("TAKEN", "This person is invited already.", "email")
    token, digest = new_token()
    ids = await invites.insert_invites(context.database, context.caller, [(email, digest)], invite)
    row = await _read(context, ids[email])
    await _record(context, "invite", row.id, {"after": {"role": row.role, "team_id": row.team_id}})
    return SentInvite(row, token)


async def resend_invite(context: WriteContext, *, id: str, expires_in_days: int) -> SentInvite:
    """Renew a pending or expired invite; the old token stops working."""
    days = _checked_days(expires_in_days)
    found = await _locked(context, id)
    if found.status not in _RENEWABLE:
        raise refuse("INVALID_STATE", "Only a pending or expired invite can be renewed.", "id")
    await invites.lock_invitee(context.database, context.caller)
    if await invites.members_among(context.database, context.caller, [found.email]):
        raise refuse("INVALID_STATE", "This person is a member of the account now.", "id")
    if found.status == "EXPIRED" and await invites.pending_among(
        context.database, context.caller, [found.email]
    ):
        raise refuse("INVALID_STATE", "Another invite waits for this person.", "id")
    token, digest = new_token()
    await invites.renew_invite(context.database, context.caller, found.id, digest, days)
    await _record(context, "resend_invite", found.id, {"expires_in_days": days})
    return SentInvite(await _read(context, found.id), token)


async def cancel_invite(context: WriteContext, *, id: str) -> ChangedInvite:
    """Withdraw a pending invite."""
    found = await _locked(context, id)
    if found.status != "PENDING":
        raise refuse("INVALID_STATE", "Only a pending invite can be withdrawn.", "id")
    await invites.set_status(context.database, context.caller, found.id, "CANCELLED")
    await _record(context, "cancel_invite", found.id, {}, severity="warning")
    return ChangedInvite(await _read(context, found.id))


async def accept_invite(context: WriteContext, *, token: str) -> AcceptedInvite:
    """Join the account an invite belongs to; an existing member keeps their role."""
    found = await _of_invitee(context, token)
    caller = context.caller.bound_to(found.account_id)
    joined = await join(context, caller, email=found.email, role=found.role, team_id=found.team_id)
    await invites.accept_invite(context.database, caller, found.id, joined.user.id)
    context.caller = caller
    await _record(context, "accept_invite", found.id, {"user_id": joined.user.id})
    await context.welcome()
    context.end_access()
    return AcceptedInvite("ACCEPTED", AccountRef(found.account_id), joined.user, joined.membership)


async def decline_invite(context: WriteContext, *, token: str) -> DeclinedInvite:
    """Refuse a pending invite."""
    found = await _of_invitee(context, token)
    context.caller = context.caller.bound_to(found.account_id)
    await invites.set_status(context.database, context.caller, found.id, "DECLINED")
    await _record(context, "decline_invite", found.id, {})
    return DeclinedInvite("DECLINED")


def new_token() -> tuple[str, str]:
    """A token of 256 random bits, and the digest that is stored of it."""
    token = secrets.token_urlsafe(32)
    return token, _digest(token)


async def checked_invite(
    context: WriteContext,
    *,
    role: str,
    expires_in_days: int,
    custom_role_id: str | None = None,
    team_id: str | None = None,
    workspace_id: str | None = None,
    data: Any = None,
) -> NewInvite:
    """What an invite may promise, as it is stored."""
    if custom_role_id is not None:
        raise refuse("NOT_FOUND", "The account has no such role.", "custom_role_id")
    return NewInvite(
        role=checked_role(context, role, "role"),
        expires_in_days=_checked_days(expires_in_days),
        custom_role_id=None,
        team_id=None if team_id is None else (await team_of(context, team_id, "team_id")).id,
        workspace_id=checked_line(workspace_id, "workspace_id"),
        data=data,
    )


def _digest(token: str) -> str:
    return "sha256:" + hashlib.sha256(token.encode()).hexdigest()


def _checked_days(days: int) -> int:
    if not 1 <= days <= MAX_DAYS:
        raise refuse("INVALID", f"An invite is valid for 1 to {MAX_DAYS} days.", "expires_in_days")
    return days


async def _locked(context: WriteContext, id: str) -> FoundInvite:
    found = await invites.lock_invite(context.database, context.caller, id)
    if found is None:
        raise refuse("NOT_FOUND", "The account has no such invite.", "id")
    return found


async def _of_invitee(context: WriteContext, token: str) -> FoundInvite:
    """The pending invite a token belongs to, if it was meant for the caller.

    Whoever holds a token that is not theirs learns no more than whoever made one up.
    """
    found = None
    if _TOKEN.fullmatch(token):
        found = await invites.invite_by_token(context.database, _digest(token), token)
    if found is None or not _is_invitee(context.caller, found):
        raise refuse("NOT_FOUND", "There is no such invite for your address.", "token")
    if found.status == "EXPIRED":
        raise refuse("EXPIRED", "The invite is no longer valid; ask for a new one.", "token")
    if found.status != "PENDING":
        raise refuse("INVALID_STATE", "The invite has been used or withdrawn.", "token")
    return found


def _is_invitee(caller: Caller, invite: FoundInvite) -> bool:
    """Whether the caller is a person whose verified address was invited."""
    has_address = caller.is_email_verified and caller.email is not None
    is_person = caller.kind in {ActorKind.USER, ActorKind.SUPER_ADMIN}
    return is_person and has_address and (caller.email or "").strip().lower() == invite.email


async def _read(context: WriteContext, id: str) -> InviteRow:
    (row,) = await invites_by_id(context.database, context.caller, [id])
    if row is None:
        raise LookupError("The invite that was written is gone.")
    return row


async def _record(
    context: WriteContext, action: str, id: str, details: dict[str, Any], severity: str = "info"
) -> None:
    message = {
        "invite": "A person was invited.",
        "resend_invite": "An invite was renewed.",
        "cancel_invite": "An invite was withdrawn.",
        "accept_invite": "An invite was accepted.",
        "decline_invite": "An invite was declined.",
    }[action]
    await context.audit(directory_event(action, "invite", id, message, details, severity=severity))
