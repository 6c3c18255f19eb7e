"""Rows of the directory, the same whichever of an account's two directories answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

__all__ = [
    "COPILOT",
    "IDENTITY",
    "GroupRow",
    "InviteRow",
    "MembershipRow",
    "TeamRow",
    "UserRow",
]

COPILOT = "COPILOT"
"""The cockpit's own directory."""
IDENTITY = "IDENTITY"
"""The identity provider's directory as synchronised; never written."""


class UserRow(NamedTuple):
    """A person in one account."""

    id: str
    account_id: str
    source: str
    email: str | None
    name: str
    profile_image: str | None
    is_active: bool
    default_role: str
    """Role of somebody without an active membership."""
    external_id: str | None
    """Subject at the identity provider, as far as this directory knows it."""
    last_active_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None


class GroupRow(NamedTuple):
    """An organisation inside an account."""

    id: str
    account_id: str
    source: str
    name: str
    description: str | None
    status: str
    is_default: bool
    is_unassigned: bool
    owner_id: str | None
    contact_email: str | None
    created_by: str | None
    updated_by: str | None
    created_at: datetime
    updated_at: datetime


class TeamRow(NamedTuple):
    """A team of a group."""

    id: str
    account_id: str
    source: str
    group_id: str
    name: str
    description: str | None
    status: str
    is_default: bool
    owner_id: str | None
    contact_email: str | None
    created_by: str | None
    updated_by: str | None
    created_at: datetime
    updated_at: datetime


class MembershipRow(NamedTuple):
    """A person's place in an account: team, role and state."""

    id: str
    account_id: str
    source: str
    user_id: str
    team_id: str | None
    role: str
    is_active: bool
    joined_at: datetime | None
    last_active_at: datetime | None
    created_by: str | None
    updated_by: str | None


class InviteRow(NamedTuple):
    """An invitation to join an account; its token is in no row."""

    id: str
    account_id: str
    email: str
    role: str
    custom_role_id: str | None
    team_id: str | None
    workspace_id: str | None
    status: str
    """As it is now: a pending invite past its time reads as `EXPIRED`."""
    expires_at: datetime
    accepted_at: datetime | None
    accepted_by: str | None
    data: Any
    """Values the client attached, decoded; None for none."""
    created_by: str | None
    updated_by: str | None
    created_at: datetime
    updated_at: datetime
