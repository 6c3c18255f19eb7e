"""Who belongs where in the cockpit's own directory.

`copilot.account_memberships` has one row a person, with one team; further teams are kept in
`gateway.team_memberships`. Together they are the person's memberships.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Subquery,
    Text,
    and_,
    cast,
    exists,
    func,
    not_,
    select,
    true,
    union_all,
)
from sqlalchemy.types import Uuid

from datasources.conditions import Condition, any_of, contains, equals, flag, matching
from datasources.directory.roles import role_at, strength
from datasources.directory.rows import COPILOT, MembershipRow
from datasources.expressions import has_row, joined, word
from datasources.pages import Pages
from datasources.paging import Order, Sorting
from datasources.tables import memberships, team_memberships, teams, users

__all__ = [
    "CONDITIONS",
    "belonging",
    "has_team",
    "in_group",
    "in_team",
    "membership_pages",
    "membership_rows",
    "strongest_role",
]


def belonging(name: str = "belonging") -> Subquery:
    """Every membership, of the account's table and of further teams.

    PERF: bench/nested; each table alone in its part and no condition in either, so that PostgreSQL
    reads the members of a team in the order of both tables' indexes, and not more than are shown.
    """
    first, further = memberships.c, team_memberships.c
    of_account = select(
        first.id,
        first.account_id,
        first.user_id,
        first.team_id,
        cast(first.app_role, Text).label("role"),
        first.is_active,
        first.joined_at,
        first.last_active_at,
        first.created_by,
        first.updated_by,
        true().label("counts"),
    )
    of_further_teams = select(
        further.id,
        further.account_id,
        further.user_id,
        further.team_id,
        func.coalesce(further.role, _of_first("app_role"), word("USER"), type_=Text()),
        further.is_active,
        further.joined_at,
        _of_first("last_active_at"),
        further.created_by,
        further.updated_by,
        # The console may since have moved the person to a team that was a further one.
        not_(further.repeats_first),
    )
    either = union_all(of_account, of_further_teams).subquery("either")
    shown = [column for column in either.c if column.name != "counts"]
    return select(*shown).where(either.c.counts).subquery(name)


def _of_first(column: str) -> ScalarSelect[Any]:
    """A column of the first membership of who has a further one."""
    first, further = memberships.alias("first").c, team_memberships.c
    return (
        select(first[column])
        .where(first.account_id == further.account_id, first.user_id == further.user_id)
        .correlate(team_memberships)
        .scalar_subquery()
    )


_belonging = belonging()


def membership_rows() -> Select[Any]:
    """Memberships of people of the same account, with what lists sort by, and the people."""
    of_person = and_(
        users.c.id == _belonging.c.user_id, users.c.account_id == _belonging.c.account_id
    )
    return select(
        *_belonging.c,
        word(COPILOT).label("source"),
        func.lower(users.c.name, type_=Text()).label("name_order"),
        *joined("user_id", users),
    ).select_from(_belonging.join(users, of_person))


def _of_person(found: Subquery, account: ColumnElement[Any], user: ColumnElement[Any]) -> Any:
    return and_(found.c.account_id == account, found.c.user_id == user)


def in_team(
    account: ColumnElement[Any], user: ColumnElement[Any], team: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Whether a person has a membership of the team, active or not."""
    found = belonging("in_team")
    return exists().where(_of_person(found, account, user), found.c.team_id == team)


def in_group(
    account: ColumnElement[Any], user: ColumnElement[Any], group: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Whether a person has a membership of a team of the group, active or not."""
    found = belonging("in_group")
    of_team = and_(teams.c.id == found.c.team_id, teams.c.account_id == found.c.account_id)
    return exists().where(_of_person(found, account, user), of_team, teams.c.group_id == group)


def has_team(account: ColumnElement[Any], user: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a person has a membership of any team, active or not."""
    found = belonging("has_team")
    return has_row(_of_person(found, account, user), found.c.team_id.is_not(None))


def strongest_role(
    account: ColumnElement[Any], user: ColumnElement[Any]
) -> ScalarSelect[str | None]:
    """Strongest role over a person's active memberships; NULL without one."""
    found = belonging("of_person")
    return (
        select(role_at(func.min(strength(found.c.role), type_=strength(found.c.role).type)))
        .where(_of_person(found, account, user), found.c.is_active)
        .scalar_subquery()
    )


CONDITIONS: dict[str, Condition] = {
    "search": contains(users.c.name, users.c.email),
    "user_id": equals(_belonging.c.user_id),
    "team_id": equals(_belonging.c.team_id),
    "not_in_team_id": matching(
        Uuid(as_uuid=False),
        lambda team: ~in_team(_belonging.c.account_id, _belonging.c.user_id, team),
    ),
    "roles": any_of(_belonging.c.role),
    "is_active": flag(_belonging.c.is_active),
}

_ORDERS: dict[str, Order] = {"JOINED_AT": ("joined_at",), "NAME": ("name_order",)}


def membership_pages(*parent: str) -> Pages[MembershipRow]:
    """The list of memberships of an account, or of what the columns `parent` name within it."""
    return Pages(
        MembershipRow,
        membership_rows(),
        parent=("account_id", *parent),
        orders=_ORDERS,
        default=Sorting("JOINED_AT"),
        conditions=CONDITIONS,
    )
