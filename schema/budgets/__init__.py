"""The budgets module: credits from the account's allocation down to a person, and their use."""

from __future__ import annotations

from schema.base.modules import Module
from schema.base.stubs import BulkOperation
from schema.budgets.mutations import Mutation
from schema.budgets.queries import Account, EffectiveAccess, Group, Query, Team, User
from schema.budgets.stubs import Agent, Connector, Model
from schema.budgets.subscriptions import Subscription
from schema.budgets.types import Budget, BudgetPlan
from schema.budgets.usage import UsageEntry, UsageReservation

__all__ = ["BUDGETS"]

BUDGETS = Module(
    "budgets",
    Query,
    Mutation,
    Subscription,
    entities=[
        Account,
        Budget,
        BudgetPlan,
        EffectiveAccess,
        Group,
        Team,
        UsageEntry,
        UsageReservation,
        User,
    ],
    stubs=[Agent, BulkOperation, Connector, Model],
)
