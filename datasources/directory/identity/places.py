"""What the identity provider's teams and organisations are called, and how they hang together."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, case, func

from datasources.expressions import word
from datasources.tables import identity_organizations, identity_teams

__all__ = [
    "UNASSIGNED",
    "bucket_of",
    "group_of",
    "no_blank",
    "organization_name",
    "organization_of",
    "team_name",
]

UNASSIGNED = "Unassigned (No SCIM Organization)"
"""Name of the bucket that collects teams without an organisation."""


def no_blank(column: ColumnElement[Any]) -> ColumnElement[str | None]:
    """A text, trimmed; NULL when nothing is left of it."""
    return func.nullif(func.btrim(column), word(""), type_=Text())


def bucket_of(account: ColumnElement[Any]) -> ColumnElement[str]:
    """Id of an account's bucket."""
    return word("identity:ungrouped:") + account


def organization_of(team: Any = identity_teams) -> ColumnElement[str | None]:
    """Id of the organisation a team names, as stored; NULL when it names none."""
    named = team.c.organization_id
    return case((func.btrim(named) != word(""), named))


def group_of(team: Any = identity_teams) -> ColumnElement[str]:
    """Id of the group a team belongs to: its organisation, or its account's bucket."""
    return func.coalesce(organization_of(team), bucket_of(team.c.account_id), type_=Text())


team_name: ColumnElement[str] = func.coalesce(
    no_blank(identity_teams.c.team_alias), identity_teams.c.team_id, type_=Text()
)

organization_name: ColumnElement[str] = func.coalesce(
    no_blank(identity_organizations.c.organization_alias),
    identity_organizations.c.organization_id,
    type_=Text(),
)
