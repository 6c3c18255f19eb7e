"""Levels of an account, and why an effective value is what it is."""

from __future__ import annotations

from collections.abc import Awaitable
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

import strawberry

from datasources.scopes import (
    ResolutionRow,
    ResolutionStepRow,
    ScopeRow,
    Subject,
    existing_subjects,
)
from resolvers.base import RequestContext
from schema.base.enums import described
from schema.base.fields import column, computed, given
from schema.base.guards import Role, roles
from schema.base.modules import record, union_of

if TYPE_CHECKING:
    from schema.base.stubs import Account, Group, Team, User

    ScopeSubject: TypeAlias = Account | Group | Team | User
else:
    ScopeSubject = union_of(
        "ScopeSubject", "What a scope can point at.", "Account", "Group", "Team", "User"
    )

__all__ = [
    "Resolution",
    "ResolutionSource",
    "ResolutionStep",
    "Scope",
    "ScopeInput",
    "ScopeSubject",
    "ScopeType",
]


@described(
    "Levels at which budgets, policies and assignments apply, from broad to specific.",
    ACCOUNT="The whole account.",
    GROUP="One organisation of the account.",
    TEAM="One team of a group.",
    USER="One person.",
)
class ScopeType(StrEnum):
    """Level of an account at which something applies."""

    ACCOUNT = "ACCOUNT"
    GROUP = "GROUP"
    TEAM = "TEAM"
    USER = "USER"


def _subject(context: RequestContext, row: ScopeRow) -> Awaitable[Subject | None]:
    return context.load(existing_subjects, row)


@record(ScopeRow, "One level of an account at which something applies.", shareable=True)
class Scope:
    """One level of an account."""

    type: ScopeType = column("Level.")
    id: strawberry.ID = column("Id of the account, group, team or user.")
    subject: ScopeSubject | None = computed(
        _subject, "The object behind the id; null when it no longer exists."
    )


@strawberry.input(description="Names one level of an account.")
class ScopeInput:
    """Names one level of an account."""

    type: ScopeType = given("Level.")
    id: strawberry.ID = given(
        "Id of the account, group, team or user; it must exist in the account."
    )


@described(
    "Where a step of a resolution comes from.",
    DEFAULT="The platform's default.",
    ENTITLEMENT="What the super admin granted the account.",
    SELECTION="What the account admin selected for the account.",
    POLICY="A policy stored for a scope.",
    OVERRIDE="An exception set by the super admin.",
    BUDGET="A budget of the chain.",
)
class ResolutionSource(StrEnum):
    """Where a step of a resolution comes from."""

    DEFAULT = "DEFAULT"
    ENTITLEMENT = "ENTITLEMENT"
    SELECTION = "SELECTION"
    POLICY = "POLICY"
    OVERRIDE = "OVERRIDE"
    BUDGET = "BUDGET"


@record(
    ResolutionStepRow,
    "One contribution to an effective value. Carries neither notes nor editors.",
    shareable=True,
)
class ResolutionStep:
    """One contribution to an effective value."""

    source: ResolutionSource = column("Where it comes from.")
    scope: Scope | None = column("Scope it was stored for; null for a default.")
    policy_id: strawberry.ID | None = column(
        "Policy or override behind it; null for other sources.",
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE),
    )
    effect: str = column("What it did, in one sentence.")
    is_deciding: bool = column("Whether this step decided the result.")


@record(ResolutionRow, "Why an effective value is what it is.", shareable=True)
class Resolution:
    """Why an effective value is what it is."""

    scope: Scope = column("Scope that was asked about.")
    chain: list[Scope] = column(
        "Scopes consulted, most specific first; holds every team and group of a person."
    )
    steps: list[ResolutionStep] = column("What was applied, broadest first.")
    decided_by: ResolutionStep = column("The step whose effect stands.")
