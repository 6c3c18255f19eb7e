"""Who belongs where at the identity provider.

Nothing stores a membership there: people list their teams, and teams list their members twice, as
ids and as entries with roles. A membership is what any of the three says. It is worked out for all
people or teams asked for at once; see `datasources.derived`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    column,
    exists,
    func,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from datasources.conditions import Condition, any_of, contains, equals, flag, matching
from datasources.derived import DerivedPages
from datasources.directory.identity.people import email_of, is_active, name_of, platform_role
from datasources.directory.identity.places import group_of
from datasources.directory.roles import role_at, role_in_team, strength
from datasources.directory.rows import IDENTITY, MembershipRow
from datasources.documents import is_kind, unwrapped
from datasources.expressions import in_utc, no_text, sortable, word
from datasources.pages import Pages
from datasources.paging import Order, Sorting
from datasources.tables import identity_teams, identity_users

__all__ = [
    "CONDITIONS",
    "in_group",
    "in_team",
    "listed",
    "membership_pages",
    "membership_rows",
    "standing",
]

_USERS, _TEAMS = identity_users.c, identity_teams.c


def _of_people() -> Select[Any]:
    """Teams that people list."""
    listed = (
        func.unnest(_USERS.teams).table_valued(column("id", Text()), name="listed").render_derived()
    )
    return select(
        _USERS.account_id, _USERS.user_id, listed.c.id.label("team_id"), no_text().label("role")
    ).select_from(identity_users.join(listed, true()))


def _of_teams() -> Select[Any]:
    """People that teams list by id."""
    listed = (
        func.unnest(_TEAMS.members)
        .table_valued(column("id", Text()), name="listed")
        .render_derived()
    )
    return select(
        _TEAMS.account_id, listed.c.id.label("user_id"), _TEAMS.team_id, no_text().label("role")
    ).select_from(identity_teams.join(listed, true()))


def _of_teams_with_roles() -> Select[Any]:
    """People that teams list with a role: a list of entries, or one entry alone."""
    document = unwrapped(_TEAMS.members_with_roles)
    entries = case(
        (is_kind(document, "array"), document),
        (is_kind(document, "object"), func.jsonb_build_array(document)),
        else_=cast(word("[]"), JSONB),
    )
    entry = (
        func.jsonb_array_elements(entries)
        .table_valued(column("value", JSONB()), name="entry")
        .render_derived()
    )
    value = entry.c.value

    def at(key: str) -> ColumnElement[Any]:
        return value.op("->>", return_type=Text())(word(key))

    return select(
        _TEAMS.account_id, at("user_id").label("user_id"), _TEAMS.team_id, at("role").label("role")
    ).select_from(identity_teams.join(entry, true()))


def listed(name: str = "listed") -> Subquery:
    """Every pair of person and team that anything lists, once, with the strongest role given."""
    said = union_all(_of_people(), _of_teams(), _of_teams_with_roles()).subquery("said")
    role = role_in_team(said.c.role)
    return (
        select(
            said.c.account_id,
            said.c.user_id,
            said.c.team_id,
            role_at(func.min(strength(role), type_=strength(role).type)).label("role"),
        )
        .where(said.c.user_id != word(""), said.c.team_id != word(""))
        .group_by(said.c.account_id, said.c.user_id, said.c.team_id)
        .subquery(name)
    )


_listed = listed()
_of_person = and_(_USERS.user_id == _listed.c.user_id, _USERS.account_id == _listed.c.account_id)
_ROLE = func.coalesce(_listed.c.role, platform_role, type_=Text())


def membership_rows() -> Select[Any]:
    """Memberships of people of the same account, with what lists sort by.

    A team may list ids of nobody; those are no memberships. A person may list a team that is not
    in the account; that is a membership without a team to show.
    """
    id = word("identity:") + _listed.c.user_id + word(":") + _listed.c.team_id
    return select(
        id.label("id"),
        _listed.c.account_id,
        word(IDENTITY).label("source"),
        _listed.c.user_id,
        _listed.c.team_id,
        _ROLE.label("role"),
        is_active.label("is_active"),
        in_utc(_USERS.created_at).label("joined_at"),
        in_utc(_USERS.updated_at).label("last_active_at"),
        no_text().label("created_by"),
        no_text().label("updated_by"),
        sortable(in_utc(_USERS.created_at)).label("joined_order"),
        func.lower(name_of, type_=Text()).label("name_order"),
    ).select_from(_listed.join(identity_users, _of_person))


def standing() -> Subquery:
    """Strongest active role of each person, and whether one of their teams is in the account."""
    team = and_(_TEAMS.team_id == _listed.c.team_id, _TEAMS.account_id == _listed.c.account_id)
    place = strength(_ROLE)
    return (
        select(
            _listed.c.account_id,
            _listed.c.user_id,
            role_at(func.min(place, type_=place.type).filter(is_active)).label("role"),
            func.bool_or(_TEAMS.team_id.is_not(None), type_=Boolean()).label("has_team"),
        )
        .select_from(_listed.join(identity_users, _of_person).outerjoin(identity_teams, team))
        .group_by(_listed.c.account_id, _listed.c.user_id)
        .subquery("standing")
    )


def in_team(
    account: ColumnElement[Any], user: ColumnElement[Any], team: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Whether a person belongs to the team."""
    found = listed("in_team")
    return exists().where(
        found.c.account_id == account, found.c.user_id == user, found.c.team_id == team
    )


def in_group(
    account: ColumnElement[Any], user: ColumnElement[Any], group: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Whether a person belongs to a team of the group."""
    found = listed("in_group")
    team = identity_teams.alias("team_of_group")
    return exists().where(
        found.c.account_id == account,
        found.c.user_id == user,
        team.c.team_id == found.c.team_id,
        team.c.account_id == found.c.account_id,
        group_of(team) == group,
    )


CONDITIONS: dict[str, Condition] = {
    "search": contains(name_of, email_of),
    "user_id": equals(_listed.c.user_id),
    "team_id": equals(_listed.c.team_id),
    "not_in_team_id": matching(
        Text(), lambda team: ~in_team(_listed.c.account_id, _listed.c.user_id, team)
    ),
    "roles": any_of(_ROLE),
    "is_active": flag(is_active),
}

_ORDERS: dict[str, Order] = {"JOINED_AT": ("joined_order",), "NAME": ("name_order",)}


def membership_pages(*parent: str) -> Pages[MembershipRow]:
    """The list of memberships of an account, or of what the columns `parent` name within it."""
    return DerivedPages(
        MembershipRow,
        membership_rows(),
        parent=("account_id", *parent),
        orders=_ORDERS,
        default=Sorting("JOINED_AT"),
        conditions=CONDITIONS,
    )
