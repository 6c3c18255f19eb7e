"""Teams of the cockpit's own directory."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Select, Text, and_, case, func, literal_column, select

from datasources.conditions import Condition, any_of, contains, equals
from datasources.directory.rows import COPILOT, TeamRow
from datasources.expressions import word
from datasources.pages import Pages
from datasources.paging import Order, Sorting
from datasources.tables import groups, teams

__all__ = ["CONDITIONS", "team_pages", "team_rows"]

_STATUS = func.upper(teams.c.status, type_=Text())


def team_rows() -> Select[Any]:
    """Teams of groups of the same account, with what lists sort by.

    Nothing in the database ties a team to its group's account; a team of somebody else's group
    is nobody's.
    """
    of_group = and_(groups.c.id == teams.c.group_id, groups.c.account_id == teams.c.account_id)
    return _rows().select_from(teams.join(groups, of_group))


def _rows() -> Select[Any]:
    return select(
        teams.c.id,
        teams.c.account_id,
        word(COPILOT).label("source"),
        teams.c.group_id,
        teams.c.name,
        teams.c.description,
        _STATUS.label("status"),
        teams.c.is_default,
        teams.c.owner_id,
        teams.c.contact_email,
        teams.c.created_by,
        teams.c.updated_by,
        teams.c.created_at,
        teams.c.updated_at,
        case(
            (teams.c.is_default, literal_column("0", Integer())),
            else_=literal_column("1", Integer()),
        ).label("rank"),
        func.lower(teams.c.name, type_=Text()).label("name_order"),
    )


CONDITIONS: dict[str, Condition] = {
    "search": contains(teams.c.name),
    "ids": any_of(teams.c.id),
    "group_id": equals(teams.c.group_id),
    "statuses": any_of(_STATUS),
}

_ORDERS: dict[str, Order] = {
    "DEFAULT": ("rank", "name_order"),
    "NAME": ("name_order",),
    "CREATED_AT": ("created_at",),
}


def team_pages(*parent: str) -> Pages[TeamRow]:
    """The list of teams of an account, or of what the columns `parent` name within it."""
    # Whoever asks for the teams of a group has found it in the account.
    rows = _rows() if "group_id" in parent else team_rows()
    return Pages(
        TeamRow,
        rows,
        parent=("account_id", *parent),
        orders=_ORDERS,
        default=Sorting("DEFAULT"),
        conditions=CONDITIONS,
    )
