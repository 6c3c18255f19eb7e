"""Filters and orders of the directory's lists."""

from __future__ import annotations

import strawberry

from schema.base.core import OrderDirection
from schema.base.domain import MembershipRole
from schema.base.fields import absent, given
from schema.directory.enums import (
    DirectoryStatus,
    GroupOrderField,
    InviteOrderField,
    InviteStatus,
    MembershipOrderField,
    TeamOrderField,
    UserOrderField,
)


@strawberry.input(description="Conditions on directory health.")
class DirectoryHealthFilter:
    """Conditions on directory health."""

    account_ids: list[strawberry.ID] | None = absent("Only these accounts.")
    max_score_percent: float | None = absent("Only accounts at or below this score.")


@strawberry.input(description="Conditions on people.")
class UserFilter:
    """Conditions on people."""

    search: str | None = absent("Text in name or e-mail, ignoring case.")
    ids: list[strawberry.ID] | None = absent("Only these people.")
    is_active: bool | None = absent("Only active or only inactive people.")
    roles: list[MembershipRole] | None = absent("Only people with one of these roles.")
    group_id: strawberry.ID | None = absent("Only people of this group.")
    team_id: strawberry.ID | None = absent("Only people of this team.")
    has_team: bool | None = absent("Only people with, or only without, a team.")


@strawberry.input(description="How to sort users.")
class UserOrder:
    """How to sort users."""

    field: UserOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Conditions on groups.")
class GroupFilter:
    """Conditions on groups."""

    search: str | None = absent("Text in the name, ignoring case.")
    ids: list[strawberry.ID] | None = absent("Only these groups.")
    statuses: list[DirectoryStatus] | None = absent("Only these statuses.")


@strawberry.input(description="How to sort groups.")
class GroupOrder:
    """How to sort groups."""

    field: GroupOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Conditions on teams.")
class TeamFilter:
    """Conditions on teams."""

    search: str | None = absent("Text in the name, ignoring case.")
    ids: list[strawberry.ID] | None = absent("Only these teams.")
    group_id: strawberry.ID | None = absent(
        "Only teams of this group; the bucket's id finds teams without one."
    )
    statuses: list[DirectoryStatus] | None = absent("Only these statuses.")


@strawberry.input(description="How to sort teams.")
class TeamOrder:
    """How to sort teams."""

    field: TeamOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Conditions on memberships.")
class MembershipFilter:
    """Conditions on memberships."""

    search: str | None = absent("Text in the person's name or e-mail, ignoring case.")
    user_id: strawberry.ID | None = absent("Only this person's.")
    team_id: strawberry.ID | None = absent("Only of this team.")
    not_in_team_id: strawberry.ID | None = absent(
        "Only people who are not in this team, as candidates to add."
    )
    roles: list[MembershipRole] | None = absent("Only these roles.")
    is_active: bool | None = absent("Only active or only inactive ones.")


@strawberry.input(description="How to sort memberships.")
class MembershipOrder:
    """How to sort memberships."""

    field: MembershipOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Conditions on invites.")
class InviteFilter:
    """Conditions on invites."""

    search: str | None = absent("Text in the e-mail address, ignoring case.")
    statuses: list[InviteStatus] | None = absent("Only these states.")


@strawberry.input(description="How to sort invites.")
class InviteOrder:
    """How to sort invites."""

    field: InviteOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)
