"""Groups of the identity provider's directory: its organisations, and those its teams imply.

A team may name an organisation that is not in the account, and then a group is made of that name;
teams that name none are collected in one bucket an account.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    distinct,
    exists,
    false,
    func,
    literal_column,
    select,
    union_all,
)

from datasources.conditions import Condition, any_of, contains
from datasources.directory.identity.memberships import listed
from datasources.directory.identity.people import is_active
from datasources.directory.identity.places import (
    UNASSIGNED,
    bucket_of,
    group_of,
    no_blank,
    organization_name,
    organization_of,
)
from datasources.directory.rows import IDENTITY, GroupRow
from datasources.expressions import in_utc, no_text, word
from datasources.pages import Pages
from datasources.paging import Order, Sorting
from datasources.tables import identity_organizations, identity_teams, identity_users

__all__ = ["CONDITIONS", "group_rows", "is_known", "people_of_groups"]

_ORGANIZATIONS, _TEAMS = identity_organizations.c, identity_teams.c
_ACTIVE = word("ACTIVE")
_BUCKET = 2
"""Rank of the buckets, so that they come last; no group here is a default one."""


def is_known(team: Any = identity_teams) -> ColumnElement[bool]:
    """Whether the organisation a team names is one of its account."""
    return exists().where(
        _ORGANIZATIONS.organization_id == organization_of(team),
        _ORGANIZATIONS.account_id == team.c.account_id,
    )


def _rank(place: int) -> ColumnElement[int]:
    return literal_column(str(place), Integer())


def _organizations() -> Select[Any]:
    return select(
        _ORGANIZATIONS.organization_id.label("id"),
        _ORGANIZATIONS.account_id,
        organization_name.label("name"),
        _rank(1).label("rank"),
        no_blank(_ORGANIZATIONS.created_by).label("created_by"),
        no_blank(_ORGANIZATIONS.updated_by).label("updated_by"),
        _ORGANIZATIONS.created_at,
        _ORGANIZATIONS.updated_at,
    ).where(func.btrim(_ORGANIZATIONS.organization_id) != word(""))


def _implied(id: ColumnElement[Any], name: ColumnElement[Any], rank: int) -> Select[Any]:
    """Groups made of teams; as old as their first team, changed when one of them last was."""
    return select(
        id,
        _TEAMS.account_id,
        name,
        _rank(rank),
        no_text(),
        no_text(),
        func.min(_TEAMS.created_at),
        func.max(_TEAMS.updated_at),
    ).group_by(_TEAMS.account_id, id)


def _of_unknown_organizations() -> Select[Any]:
    named = organization_of()
    return _implied(named, named, 1).where(named.is_not(None), ~is_known())


def _buckets() -> Select[Any]:
    bucket = _implied(bucket_of(_TEAMS.account_id), word(UNASSIGNED), _BUCKET)
    return bucket.where(organization_of().is_(None))


_groups: Subquery = union_all(_organizations(), _of_unknown_organizations(), _buckets()).subquery(
    "groups"
)


def group_rows() -> Select[Any]:
    """Groups, with what lists sort by."""
    return select(
        _groups.c.id,
        _groups.c.account_id,
        word(IDENTITY).label("source"),
        _groups.c.name,
        no_text().label("description"),
        _ACTIVE.label("status"),
        false().label("is_default"),
        (_groups.c.rank == _rank(_BUCKET)).label("is_unassigned"),
        no_text().label("owner_id"),
        no_text().label("contact_email"),
        _groups.c.created_by,
        _groups.c.updated_by,
        in_utc(_groups.c.created_at).label("created_at"),
        in_utc(_groups.c.updated_at).label("updated_at"),
        _groups.c.rank,
        func.lower(_groups.c.name, type_=Text()).label("name_order"),
    ).where(_groups.c.account_id.is_not(None))


def people_of_groups() -> Select[Any]:
    """How many active people belong to a team of each group."""
    found = listed()
    team = and_(_TEAMS.team_id == found.c.team_id, _TEAMS.account_id == found.c.account_id)
    person = and_(
        identity_users.c.user_id == found.c.user_id,
        identity_users.c.account_id == found.c.account_id,
    )
    group = group_of()
    return (
        select(
            found.c.account_id,
            group.label("id"),
            func.count(distinct(found.c.user_id)).label("people"),
        )
        .select_from(found.join(identity_teams, team).join(identity_users, person))
        .where(is_active)
        .group_by(found.c.account_id, group)
    )


CONDITIONS: dict[str, Condition] = {
    "search": contains(_groups.c.name),
    "ids": any_of(_groups.c.id),
    "statuses": any_of(_ACTIVE),
}

_ORDERS: dict[str, Order] = {
    "DEFAULT": ("rank", "name_order"),
    "NAME": ("name_order",),
    "CREATED_AT": ("created_at",),
}


def group_pages(*parent: str) -> Pages[GroupRow]:
    """The list of groups of an account, or of what the columns `parent` name within it."""
    return Pages(
        GroupRow,
        group_rows(),
        parent=("account_id", *parent),
        orders=_ORDERS,
        default=Sorting("DEFAULT"),
        conditions=CONDITIONS,
    )
