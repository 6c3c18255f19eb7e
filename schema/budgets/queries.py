"""Where queries enter budgets, and what they add to other modules' types."""

from __future__ import annotations

import strawberry

from datasources.access import AccessRow, accesses_by_id
from datasources.budgets import ledger, pages
from datasources.budgets.running import running_group_budgets, running_team_budgets
from datasources.references import (
    AccountRef,
    GroupRef,
    TeamRef,
    UserRef,
    reachable_accounts,
)
from resolvers.budgets import breakdowns
from resolvers.budgets import reads as resolve
from schema.base.core import Connection
from schema.base.descriptions import ACCOUNT, EFFECTIVE_ACCESS, GROUP, PLATFORM, TEAM, USER
from schema.base.fields import argument, column, computed, one, page
from schema.base.guards import Role, roles
from schema.base.modules import entity, record
from schema.base.roots import PlatformRow, account_root, platform_root
from schema.base.scalars import DateTime
from schema.budgets.enums import UsageDimension
from schema.budgets.filters import (
    BudgetAlertFilter,
    BudgetFilter,
    BudgetOrder,
    BudgetPlanFilter,
    BudgetPlanOrder,
    UsageEntryFilter,
    UsageEntryOrder,
)
from schema.budgets.types import (
    READERS,
    AccountAllocation,
    Budget,
    BudgetAlert,
    BudgetCycle,
    BudgetPlan,
    BudgetRisk,
    BudgetSummary,
    EffectiveBudget,
)
from schema.budgets.usage import UsageBreakdown, UsageEntry

__all__ = ["Account", "EffectiveAccess", "Group", "Platform", "Query", "Team", "User"]

_BUDGETS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE, scopes=["budgets:read"])
_USAGE = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE, scopes=["usage:read"])
_AT = argument("at", DateTime | None, "Cycle that contains this moment; now when absent.")
_BY = argument("by", list[UsageDimension], "One or two dimensions, outer first.")
_FIRST = argument(
    "first",
    int,
    "Number of slices, 200 at most; the rest is added up in other.",
    default=25,
)


@entity(AccountRef, reachable_accounts, ACCOUNT)
class Account:
    """A tenant, as far as its credits go."""

    id: strawberry.ID = column("Stored identifier.")
    allocation: AccountAllocation | None = computed(
        resolve.account_allocation, "What the super admin granted the account.", guard=_BUDGETS
    )
    budget: Budget | None = computed(
        resolve.account_budget,
        "One budget; null when there is none.",
        arguments=[argument("id", strawberry.ID, "Id of the budget.")],
        guard=_BUDGETS,
    )
    root_budget: Budget | None = computed(
        resolve.root_budget,
        "The account's own budget, root of the allocation tree; null when the cycle has none.",
        arguments=[_AT],
        guard=_BUDGETS,
    )
    budgets: Connection[Budget] | None = page(
        pages.account_budgets,
        "Budgets of all levels.",
        by="id",
        filter=BudgetFilter,
        order=BudgetOrder,
        guard=_BUDGETS,
    )
    budget_plans: Connection[BudgetPlan] | None = page(
        pages.account_plans,
        "Plans; at most one is active.",
        by="id",
        filter=BudgetPlanFilter,
        order=BudgetPlanOrder,
        guard=_BUDGETS,
    )
    budget_plan: BudgetPlan | None = computed(
        resolve.account_plan,
        "One plan; null when there is none.",
        arguments=[argument("id", strawberry.ID, "Id of the plan.")],
        guard=_BUDGETS,
    )
    budget_cycles: Connection[BudgetCycle] | None = page(
        pages.account_cycles,
        "Cycles of the account's own budget, newest first.",
        by="id",
        guard=_BUDGETS,
    )
    budget_summary: BudgetSummary | None = computed(
        resolve.budget_summary,
        "Figures of one cycle, each level counted once.",
        arguments=[_AT],
        guard=_BUDGETS,
    )
    budget_alerts: Connection[BudgetAlert] | None = page(
        pages.account_alerts,
        "Budgets of the running cycle that are at 80 percent or more, the highest first.",
        by="id",
        filter=BudgetAlertFilter,
        guard=_BUDGETS,
    )
    usage: Connection[UsageEntry] | None = page(
        ledger.account_usage,
        "The ledger: every consumption and refund, newest first.",
        by="id",
        filter=UsageEntryFilter,
        order=UsageEntryOrder,
        guard=_USAGE,
    )
    usage_breakdown: UsageBreakdown | None = computed(
        breakdowns.account_breakdown,
        "Usage added up by one or two dimensions.",
        arguments=[
            _BY,
            argument(
                "filter",
                UsageEntryFilter | None,
                "Which entries; the running cycle when no span is given.",
            ),
            _FIRST,
        ],
        guard=_USAGE,
    )


@record(
    PlatformRow,
    PLATFORM,
    shareable=True,
)
class Platform:
    """What is global, as far as credits go."""

    budget_alerts: Connection[BudgetAlert] | None = page(
        pages.all_alerts,
        "Budgets close to their limit in all accounts, the highest first.",
        filter=BudgetAlertFilter,
    )
    budget_risk: BudgetRisk | None = computed(
        resolve.budget_risk, "Accounts by how close they are to their limit."
    )
    usage_breakdown: UsageBreakdown | None = computed(
        breakdowns.platform_breakdown,
        "Usage of all accounts, added up.",
        arguments=[
            _BY,
            argument(
                "filter",
                UsageEntryFilter | None,
                "Which entries; the last 30 days when no span is given.",
            ),
            _FIRST,
        ],
    )


@entity(GroupRef, None, GROUP)
class Group:
    """A group, as far as its credits go."""

    id: strawberry.ID = column("Stored identifier.")
    account_id: strawberry.ID = column("Account that owns it.", external=True)
    budget: Budget | None = one(
        running_group_budgets,
        "The group's own budget in the running cycle; null when none was allocated.",
        by=("account_id", "id"),
        guard=READERS,
        requires=["accountId"],
    )


@entity(TeamRef, None, TEAM)
class Team:
    """A team, as far as its credits go."""

    id: strawberry.ID = column("Stored identifier.")
    account_id: strawberry.ID = column("Account that owns it.", external=True)
    budget: Budget | None = one(
        running_team_budgets,
        "The team's own budget in the running cycle; null when none was allocated.",
        by=("account_id", "id"),
        guard=READERS,
        requires=["accountId"],
    )


@entity(UserRef, None, USER)
class User:
    """A person, as far as their credits go."""

    id: strawberry.ID = column("Stored identifier.")
    account_id: strawberry.ID = column("Account that owns it.", external=True)
    budget: Budget | None = computed(
        resolve.user_budget,
        "The person's own budget in the running cycle; null when none was allocated or the caller "
        "may not ask.",
        requires=["accountId"],
    )


@entity(AccessRow, accesses_by_id, EFFECTIVE_ACCESS)
class EffectiveAccess:
    """What a scope may use, as far as its credits go."""

    id: strawberry.ID = column("Opaque id that stands for account and scope.")
    budget: EffectiveBudget | None = computed(
        resolve.access_budget,
        "The budget that pays, and what is left of it; null when there is none.",
    )


@strawberry.type(description="Where every read starts.")
class Query:
    """Where every read starts."""

    account: Account | None = account_root()
    platform: Platform | None = platform_root()
