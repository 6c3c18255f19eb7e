"""Weak spots of the identity provider's data: what each kind means, as rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    cast,
    column,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, array

from datasources.directory.identity.groups import is_known
from datasources.directory.identity.memberships import listed
from datasources.directory.identity.people import email_of, external_id
from datasources.directory.identity.places import organization_of
from datasources.documents import is_kind, unwrapped
from datasources.expressions import word
from datasources.tables import (
    account_admins,
    accounts,
    identity_organizations,
    identity_teams,
    identity_users,
)

__all__ = ["KINDS", "LOWERING", "issues"]

KINDS = (
    "USER_WITHOUT_TEAM",
    "USER_WITH_UNKNOWN_TEAM",
    "TEAM_WITHOUT_GROUP",
    "TEAM_WITH_UNKNOWN_GROUP",
    "GROUP_WITHOUT_TEAMS",
    "USER_WITH_WEAK_LINK",
)
LOWERING = KINDS[:4]
"""Kinds that lower an account's score."""

_USERS, _TEAMS, _ORGANIZATIONS = identity_users.c, identity_teams.c, identity_organizations.c
_NONE = cast(literal_column("'{}'"), ARRAY(Text))


def _issue(
    kind: str, account: ColumnElement[Any], id: ColumnElement[Any], missing: ColumnElement[Any]
) -> Select[Any]:
    return select(
        account.label("account_id"),
        word(kind).label("kind"),
        id.label("id"),
        missing.label("missing_ids"),
    )


def _unlisted(name: str) -> Subquery:
    """People in no team.

    Grouping costs the same whatever the planner believes; an anti-join against memberships
    that are worked out becomes a nested loop as soon as it believes in few people.
    """
    found = listed()
    everybody = union_all(
        select(_USERS.account_id, _USERS.user_id, true().label("is_person")),
        select(found.c.account_id, found.c.user_id, false()),
    ).subquery("everybody")
    return (
        select(everybody.c.account_id, everybody.c.user_id)
        .group_by(everybody.c.account_id, everybody.c.user_id)
        .having(func.bool_and(everybody.c.is_person))
        .subquery(name)
    )


def _users_without_team() -> Select[Any]:
    unlisted = _unlisted("unlisted")
    return _issue("USER_WITHOUT_TEAM", unlisted.c.account_id, unlisted.c.user_id, _NONE)


def _users_with_unknown_team() -> Select[Any]:
    named = (
        func.unnest(_USERS.teams).table_valued(column("id", Text()), name="named").render_derived()
    )
    is_team = exists().where(_TEAMS.team_id == named.c.id, _TEAMS.account_id == _USERS.account_id)
    missing = func.array_agg(named.c.id.distinct(), type_=ARRAY(Text))
    return (
        _issue("USER_WITH_UNKNOWN_TEAM", _USERS.account_id, _USERS.user_id, missing)
        .select_from(identity_users.join(named, true()))
        .where(named.c.id != word(""), ~is_team)
        .group_by(_USERS.account_id, _USERS.user_id)
    )


def _teams_without_group() -> Select[Any]:
    return _issue("TEAM_WITHOUT_GROUP", _TEAMS.account_id, _TEAMS.team_id, _NONE).where(
        organization_of().is_(None)
    )


def _teams_with_unknown_group() -> Select[Any]:
    missing = array([organization_of()])
    return _issue("TEAM_WITH_UNKNOWN_GROUP", _TEAMS.account_id, _TEAMS.team_id, missing).where(
        organization_of().is_not(None), ~is_known()
    )


def _groups_without_teams() -> Select[Any]:
    has_team = exists().where(
        organization_of() == _ORGANIZATIONS.organization_id,
        _TEAMS.account_id == _ORGANIZATIONS.account_id,
    )
    return _issue(
        "GROUP_WITHOUT_TEAMS", _ORGANIZATIONS.account_id, _ORGANIZATIONS.organization_id, _NONE
    ).where(~has_team, func.btrim(_ORGANIZATIONS.organization_id) != word(""))


def _users_with_weak_link() -> Select[Any]:
    """People of the account's e-mail domain whom nothing else ties to it.

    A subject at the provider, what a provisioning run leaves behind, an organisation or team of
    the account, or being its administrator would.
    """
    metadata = unwrapped(_USERS.metadata)
    provisioned = and_(
        is_kind(metadata, "object"),
        or_(
            metadata.op("?")(word("scim_active")),
            metadata.op("?")(word("scim_metadata")),
        ),
    )
    administers = exists().where(
        account_admins.c.account_id == _USERS.account_id,
        func.lower(func.btrim(account_admins.c.user_email)) == email_of,
    )
    in_organization = exists().where(
        _ORGANIZATIONS.organization_id == _USERS.organization_id,
        _ORGANIZATIONS.account_id == _USERS.account_id,
    )
    loose = _unlisted("loose")
    person = and_(_USERS.user_id == loose.c.user_id, _USERS.account_id == loose.c.account_id)
    account = accounts.c.account_id == loose.c.account_id
    domain = func.lower(func.btrim(accounts.c.domain))
    return (
        _issue("USER_WITH_WEAK_LINK", loose.c.account_id, loose.c.user_id, _NONE)
        .select_from(loose.join(identity_users, person).join(accounts, account))
        .where(
            func.split_part(email_of, word("@"), literal_column("2")) == domain,
            external_id.is_(None),
            ~func.coalesce(provisioned, False),
            ~administers,
            ~in_organization,
        )
    )


def issues(name: str = "issues") -> Subquery:
    """Every issue: account, kind, id of the person, team or group, and ids that do not exist."""
    return union_all(
        _users_without_team(),
        _users_with_unknown_team(),
        _teams_without_group(),
        _teams_with_unknown_group(),
        _groups_without_teams(),
        _users_with_weak_link(),
    ).subquery(name)
