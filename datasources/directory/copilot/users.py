"""People of the cockpit's own directory."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Text, and_, func, select
from sqlalchemy.types import Uuid

from datasources.conditions import Condition, any_of, contains, flag, matching
from datasources.directory.copilot.memberships import (
    has_team,
    in_group,
    in_team,
    strongest_role,
)
from datasources.directory.rows import COPILOT, UserRow
from datasources.expressions import no_text, sortable, word
from datasources.pages import Pages
from datasources.paging import Order, Sorting
from datasources.tables import memberships, users

__all__ = ["CONDITIONS", "user_pages", "user_roles", "user_rows"]

_DEFAULT_ROLE = word("USER")


def user_rows() -> Select[Any]:
    """People, with what lists sort by."""
    account = and_(
        memberships.c.user_id == users.c.id, memberships.c.account_id == users.c.account_id
    )
    return select(
        users.c.id,
        users.c.account_id,
        word(COPILOT).label("source"),
        users.c.email,
        users.c.name,
        users.c.profile_image,
        users.c.is_active,
        _DEFAULT_ROLE.label("default_role"),
        no_text().label("external_id"),
        memberships.c.last_active_at,
        users.c.created_at,
        users.c.updated_at,
        func.lower(users.c.name, type_=Text()).label("name_order"),
        func.lower(users.c.email, type_=Text()).label("email_order"),
        sortable(memberships.c.last_active_at).label("last_active_order"),
    ).select_from(users.outerjoin(memberships, account))


def user_roles() -> Select[Any]:
    """Strongest role of each person over their active memberships."""
    role = strongest_role(users.c.account_id, users.c.id)
    return select(users.c.id, users.c.account_id, role.label("role"))


_ACCOUNT, _PERSON = users.c.account_id, users.c.id

CONDITIONS: dict[str, Condition] = {
    "search": contains(users.c.name, users.c.email),
    "ids": any_of(users.c.id),
    "is_active": flag(users.c.is_active),
    "roles": any_of(func.coalesce(strongest_role(_ACCOUNT, _PERSON), _DEFAULT_ROLE, type_=Text())),
    "group_id": matching(Uuid(as_uuid=False), lambda id: in_group(_ACCOUNT, _PERSON, id)),
    "team_id": matching(Uuid(as_uuid=False), lambda id: in_team(_ACCOUNT, _PERSON, id)),
    "has_team": flag(has_team(_ACCOUNT, _PERSON)),
}

_ORDERS: dict[str, Order] = {
    "CREATED_AT": ("created_at",),
    "NAME": ("name_order",),
    "EMAIL": ("email_order",),
    "LAST_ACTIVE_AT": ("last_active_order",),
}


def user_pages(*parent: str) -> Pages[UserRow]:
    """The list of users of an account, or of what the columns `parent` name within it."""
    return Pages(
        UserRow,
        user_rows(),
        parent=("account_id", *parent),
        orders=_ORDERS,
        default=Sorting("CREATED_AT", descending=True),
        conditions=CONDITIONS,
    )
