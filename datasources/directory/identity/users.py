"""People of the identity provider's directory."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Subquery, Text, and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from datasources.conditions import Condition, any_of, contains, flag, matching
from datasources.directory.identity.memberships import in_group, in_team, standing
from datasources.directory.identity.people import (
    email_of,
    external_id,
    is_active,
    name_of,
    platform_role,
)
from datasources.directory.rows import IDENTITY, UserRow
from datasources.expressions import in_utc, no_text, sortable, word
from datasources.pages import Pages
from datasources.paging import Filters, Order, Sorting
from datasources.tables import identity_users

__all__ = ["CONDITIONS", "external_ids", "user_pages", "user_roles", "user_rows"]

_USERS = identity_users.c
_standing = standing()


def user_rows() -> Select[Any]:
    """People, with what lists sort by."""
    created, updated = in_utc(_USERS.created_at), in_utc(_USERS.updated_at)
    return select(
        _USERS.user_id.label("id"),
        _USERS.account_id,
        word(IDENTITY).label("source"),
        email_of.label("email"),
        name_of.label("name"),
        no_text().label("profile_image"),
        is_active.label("is_active"),
        platform_role.label("default_role"),
        external_id.label("external_id"),
        updated.label("last_active_at"),
        created.label("created_at"),
        updated.label("updated_at"),
        sortable(created).label("created_order"),
        func.lower(name_of, type_=Text()).label("name_order"),
        func.coalesce(email_of, word(""), type_=Text()).label("email_order"),
        sortable(updated).label("last_active_order"),
    ).where(_USERS.account_id.is_not(None))


def user_roles() -> Select[Any]:
    """Strongest role of each person over their active memberships."""
    return select(_standing.c.account_id, _standing.c.user_id.label("id"), _standing.c.role)


def external_ids() -> Select[Any]:
    """Subject by account and e-mail address; of several people, who changed last."""
    return (
        select(_USERS.account_id, email_of.label("email"), external_id.label("external_id"))
        .where(external_id.is_not(None))
        .ext(distinct_on(_USERS.account_id, email_of))
        .order_by(
            _USERS.account_id, email_of, _USERS.updated_at.desc().nulls_last(), _USERS.user_id
        )
    )


_ACCOUNT, _PERSON = _USERS.account_id, _USERS.user_id

CONDITIONS: dict[str, Condition] = {
    "search": contains(name_of, email_of),
    "ids": any_of(_PERSON),
    "is_active": flag(is_active),
    "roles": any_of(func.coalesce(_standing.c.role, platform_role, type_=Text())),
    "group_id": matching(Text(), lambda id: in_group(_ACCOUNT, _PERSON, id)),
    "team_id": matching(Text(), lambda id: in_team(_ACCOUNT, _PERSON, id)),
    "has_team": flag(func.coalesce(_standing.c.has_team, False)),
}

_OF_STANDING = frozenset({"roles", "has_team"})
"""Conditions on what has to be worked out from all memberships."""

_ORDERS: dict[str, Order] = {
    "CREATED_AT": ("created_order",),
    "NAME": ("name_order",),
    "EMAIL": ("email_order",),
    "LAST_ACTIVE_AT": ("last_active_order",),
}


class _UserPages(Pages[UserRow]):
    """The list of people, joined with their standing only where a filter asks for it."""

    def _filtered(self, filters: Filters) -> Subquery:
        if not filters.keys() & _OF_STANDING:
            return super()._filtered(filters)
        of_person = and_(
            _standing.c.account_id == _USERS.account_id, _standing.c.user_id == _USERS.user_id
        )
        joined = self._source.select_from(identity_users.outerjoin(_standing, of_person))
        return self._where(joined, filters)


def user_pages(*parent: str) -> Pages[UserRow]:
    """The list of users of an account, or of what the columns `parent` name within it."""
    return _UserPages(
        UserRow,
        user_rows(),
        parent=("account_id", *parent),
        orders=_ORDERS,
        default=Sorting("CREATED_AT", descending=True),
        conditions=CONDITIONS,
    )
