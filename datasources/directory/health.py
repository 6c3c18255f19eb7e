"""Quality of the identity provider's data, counted in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Double,
    FromClause,
    Integer,
    Numeric,
    ScalarSelect,
    Select,
    cast,
    func,
    literal_column,
    select,
    true,
)

from datasources.conditions import any_of, matching
from datasources.directory.identity.issues import KINDS, LOWERING, issues
from datasources.expressions import word
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import One
from datasources.tables import accounts, identity_organizations, identity_teams, identity_users

__all__ = ["HealthRow", "IssueRow", "SampleRow", "all_health", "health_of_accounts", "samples"]


class HealthRow(NamedTuple):
    """Quality of the identity provider's data for an account."""

    account_id: str
    score_percent: float
    user_count: int
    team_count: int
    group_count: int
    user_without_team: int
    user_with_unknown_team: int
    team_without_group: int
    team_with_unknown_group: int
    group_without_teams: int
    user_with_weak_link: int
    checked_at: datetime

    @property
    def issues(self) -> list[IssueRow]:
        """One entry per kind, also when its count is 0."""
        return [IssueRow(self.account_id, kind, getattr(self, kind.lower())) for kind in KINDS]


class IssueRow(NamedTuple):
    """How often one kind of issue occurs in an account."""

    account_id: str
    kind: str
    number: int


class SampleRow(NamedTuple):
    """One person, team or group with an issue."""

    account_id: str
    kind: str
    id: str
    missing_ids: list[str]


def _number_of(table: FromClause) -> ScalarSelect[int]:
    owner = table.c.account_id
    return (
        select(func.count().label("number"))
        .select_from(table)
        .where(owner == accounts.c.account_id)
        .correlate(accounts)
        .scalar_subquery()
    )


def _counted() -> Any:
    """Issues of the account at hand, counted by kind."""
    found = issues()
    counts = [func.count().filter(found.c.kind == word(kind)).label(kind.lower()) for kind in KINDS]
    return (
        select(*counts)
        .where(found.c.account_id == accounts.c.account_id)
        .correlate(accounts)
        .lateral("counted")
    )


_issues = _counted()


def _score(users: ColumnElement[int], teams: ColumnElement[int]) -> ColumnElement[float]:
    """100 minus the share of users and teams with an issue that counts; never below 0."""
    faults = sum((_issues.c[kind.lower()] for kind in LOWERING), literal_column("0", Integer()))
    all_rows = func.greatest(users + teams, literal_column("1", Integer()))
    share = cast(faults, Numeric) / all_rows
    percent = func.round(literal_column("100") * (literal_column("1") - share), literal_column("2"))
    return cast(func.greatest(percent, literal_column("0")), Double)


_sizes = (
    select(
        _number_of(identity_users).label("users"),
        _number_of(identity_teams).label("teams"),
        _number_of(identity_organizations).label("organizations"),
    )
    .correlate(accounts)
    .lateral("sizes")
)
_SCORE = _score(_sizes.c.users, _sizes.c.teams)

_health: Select[Any] = select(
    accounts.c.account_id,
    _SCORE.label("score_percent"),
    _sizes.c.users.label("user_count"),
    _sizes.c.teams.label("team_count"),
    _sizes.c.organizations.label("group_count"),
    *[_issues.c[kind.lower()] for kind in KINDS],
    func.now(type_=DateTime(timezone=True)).label("checked_at"),
).select_from(accounts.join(_sizes, true()).join(_issues, true()))

health_of_accounts = One(HealthRow, _health, key="account_id")
"""The quality of accounts' identity data."""

all_health = Pages(
    HealthRow,
    _health,
    parent=None,
    orders={"SCORE": ("score_percent",)},
    default=Sorting("SCORE"),
    conditions={
        "account_ids": any_of(accounts.c.account_id),
        "max_score_percent": matching(Double(), lambda most: most >= _SCORE),
    },
    id="account_id",
)
"""The quality of every account's identity data, the worst first."""

_found = issues("found")

samples = Pages(
    SampleRow,
    select(_found.c.account_id, _found.c.kind, _found.c.id, _found.c.missing_ids),
    parent=("account_id", "kind"),
    orders={"ID": ()},
    default=Sorting("ID"),
)
"""Rows with an issue, of an account and a kind."""
