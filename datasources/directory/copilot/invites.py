"""Invites, which only the cockpit's own directory has. Their tokens are never selected."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Text, and_, case, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from datasources.conditions import Condition, any_of, contains
from datasources.directory.rows import COPILOT, InviteRow
from datasources.documents import unwrapped
from datasources.expressions import word
from datasources.pages import Pages
from datasources.paging import Order, Sorting
from datasources.tables import invite_details, user_invites

__all__ = ["invite_pages", "invite_rows", "invite_status"]

invite_status = case(
    (
        and_(user_invites.c.status == word("PENDING"), user_invites.c.expires_at <= func.now()),
        word("EXPIRED"),
    ),
    else_=user_invites.c.status,
)
"""State of an invite now; reading writes nothing."""


def invite_rows() -> Select[Any]:
    """Invites with what the gateway keeps of them, and what lists sort by."""
    invites, details = user_invites.c, invite_details.c
    of_invite = and_(details.invite_id == invites.id, details.account_id == invites.account_id)
    return select(
        invites.id,
        invites.account_id,
        word(COPILOT).label("source"),
        invites.email,
        invites.role,
        func.nullif(func.coalesce(details.custom_role_id, invites.role_id), word("")).label(
            "custom_role_id"
        ),
        details.team_id,
        func.nullif(invites.workspace_id, word("")).label("workspace_id"),
        invite_status.label("status"),
        invites.expires_at,
        invites.accepted_at,
        invites.accepted_by,
        func.nullif(
            unwrapped(invites.invitation_data), cast(word("{}"), JSONB), type_=JSONB()
        ).label("data"),
        invites.created_by,
        details.updated_by,
        invites.created_at,
        invites.updated_at,
        func.lower(invites.email, type_=Text()).label("email_order"),
    ).select_from(user_invites.outerjoin(invite_details, of_invite))


_CONDITIONS: dict[str, Condition] = {
    "search": contains(user_invites.c.email),
    "statuses": any_of(invite_status),
}

_ORDERS: dict[str, Order] = {
    "CREATED_AT": ("created_at",),
    "EXPIRES_AT": ("expires_at",),
    "EMAIL": ("email_order",),
}


def invite_pages() -> Pages[InviteRow]:
    """The list of invites of `(account, source)`; the identity provider's has none."""
    return Pages(
        InviteRow,
        invite_rows(),
        parent=("account_id", "source"),
        orders=_ORDERS,
        default=Sorting("CREATED_AT", descending=True),
        conditions=_CONDITIONS,
    )
