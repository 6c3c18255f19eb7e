"""Teams of the identity provider's directory."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Select, Text, false, func, literal_column, select

from datasources.conditions import Condition, any_of, contains, equals
from datasources.directory.identity.places import group_of, team_name
from datasources.directory.rows import IDENTITY, TeamRow
from datasources.expressions import in_utc, no_text, word
from datasources.pages import Pages
from datasources.paging import Order, Sorting
from datasources.tables import identity_teams

__all__ = ["CONDITIONS", "team_pages", "team_rows"]

_TEAMS = identity_teams.c
_STATUS = word("ACTIVE")
_GROUP = group_of()


def team_rows() -> Select[Any]:
    """Teams, with what lists sort by."""
    return select(
        _TEAMS.team_id.label("id"),
        _TEAMS.account_id,
        word(IDENTITY).label("source"),
        _GROUP.label("group_id"),
        team_name.label("name"),
        no_text().label("description"),
        _STATUS.label("status"),
        false().label("is_default"),
        no_text().label("owner_id"),
        no_text().label("contact_email"),
        no_text().label("created_by"),
        no_text().label("updated_by"),
        in_utc(_TEAMS.created_at).label("created_at"),
        in_utc(_TEAMS.updated_at).label("updated_at"),
        literal_column("1", Integer()).label("rank"),
        func.lower(team_name, type_=Text()).label("name_order"),
    ).where(_TEAMS.account_id.is_not(None))


CONDITIONS: dict[str, Condition] = {
    "search": contains(team_name),
    "ids": any_of(_TEAMS.team_id),
    "group_id": equals(_GROUP),
    "statuses": any_of(_STATUS),
}

_ORDERS: dict[str, Order] = {
    "DEFAULT": ("rank", "name_order"),
    "NAME": ("name_order",),
    "CREATED_AT": ("created_at",),
}


def team_pages(*parent: str) -> Pages[TeamRow]:
    """The list of teams of an account, or of what the columns `parent` name within it."""
    return Pages(
        TeamRow,
        team_rows(),
        parent=("account_id", *parent),
        orders=_ORDERS,
        default=Sorting("DEFAULT"),
        conditions=CONDITIONS,
    )
