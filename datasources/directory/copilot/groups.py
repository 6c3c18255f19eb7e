"""Groups of the cockpit's own directory."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    Text,
    and_,
    case,
    distinct,
    false,
    func,
    literal_column,
    select,
)

from datasources.conditions import Condition, any_of, contains
from datasources.directory.copilot.memberships import belonging
from datasources.directory.rows import COPILOT, GroupRow
from datasources.expressions import word
from datasources.pages import Pages
from datasources.paging import Order, Sorting
from datasources.tables import groups, teams

__all__ = ["CONDITIONS", "group_rows", "people_of_groups"]

_STATUS = func.upper(groups.c.status, type_=Text())


def group_rows() -> Select[Any]:
    """Groups, with what lists sort by."""
    return select(
        groups.c.id,
        groups.c.account_id,
        word(COPILOT).label("source"),
        groups.c.name,
        groups.c.description,
        _STATUS.label("status"),
        groups.c.is_default,
        false().label("is_unassigned"),
        groups.c.owner_id,
        groups.c.contact_email,
        groups.c.created_by,
        groups.c.updated_by,
        groups.c.created_at,
        groups.c.updated_at,
        case(
            (groups.c.is_default, literal_column("0", Integer())),
            else_=literal_column("1", Integer()),
        ).label("rank"),
        func.lower(groups.c.name, type_=Text()).label("name_order"),
    )


def people_of_groups() -> Select[Any]:
    """How many people have an active membership in a team of each group."""
    found = belonging("of_group")
    of_team = and_(found.c.team_id == teams.c.id, found.c.account_id == teams.c.account_id)
    return (
        select(
            teams.c.account_id,
            teams.c.group_id.label("id"),
            func.count(distinct(found.c.user_id)).label("people"),
        )
        .select_from(teams.join(found, of_team))
        .where(found.c.is_active)
        .group_by(teams.c.account_id, teams.c.group_id)
    )


CONDITIONS: dict[str, Condition] = {
    "search": contains(groups.c.name),
    "ids": any_of(groups.c.id),
    "statuses": any_of(_STATUS),
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
