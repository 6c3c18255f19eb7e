"""Budgets and the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
import strawberry
from strawberry.scalars import JSON

from bench.queries import dashboard, nested, wide
from bench.servers.plain.context import Connection, Context, Info

__all__ = ["Budget", "UsageEntry", "account_budgets", "group_budgets", "usage"]


@strawberry.type
class Scope:
    type: str
    id: strawberry.ID


@strawberry.type
class Budget:
    id: strawberry.ID
    allocated: int
    limit: int
    used: int
    remaining: int
    scope: Scope | None = None
    overflow_used: int | None = None
    created_at: datetime | None = None


@strawberry.type
class Money:
    amount: str
    currency: str


@strawberry.type
class Reference:
    id: strawberry.ID


@strawberry.type
class UsageEntry:
    id: strawberry.ID
    account_id: strawberry.ID
    kind: str
    outcome: str
    credits: int
    overflow_credits: int
    refused_credits: int
    cost: Money | None
    credit_factor: str | None
    user: Reference | None
    agent: Reference | None
    connector: Reference | None
    model_name: str | None
    guard: str | None
    tool: str | None
    workspace_id: strawberry.ID | None
    thread_id: strawberry.ID | None
    request_id: strawberry.ID | None
    prompt_tokens: int | None
    completion_tokens: int | None
    description: str | None
    metadata: JSON | None
    occurred_at: datetime
    recorded_at: datetime


async def group_budgets(context: Context, _size: int, groups: list[str]) -> Sequence[Budget | None]:
    """Running budgets of groups, in their order."""
    rows = await context.pool.fetch(nested.BUDGETS, context.account, groups)
    found = {
        group: Budget(id=id, allocated=allocated, limit=limit, used=used, remaining=remaining)
        for group, id, allocated, limit, used, remaining in rows
    }
    return [found.get(group) for group in groups]


async def account_budgets(info: Info) -> Connection[Budget]:
    """The newest budgets of the account."""
    rows = await info.context.pool.fetch(dashboard.BUDGETS, info.context.account)
    return Connection(
        nodes=[
            Budget(
                id=row["id"],
                scope=Scope(type=row["scope_type"], id=row["scope_id"]),
                allocated=row["allocated"],
                limit=row["limit"],
                used=row["used"],
                remaining=row["remaining"],
                overflow_used=row["overflow_used"],
                created_at=row["created_at"],
            )
            for row in rows
        ]
    )


async def usage(info: Info) -> Connection[UsageEntry]:
    """The newest lines of the ledger."""
    rows = await info.context.pool.fetch(wide.LINES, info.context.account)
    return Connection(nodes=[_entry(dict(row)) for row in rows])


def _entry(line: dict[str, Any]) -> UsageEntry:
    amount, currency = line.pop("amount"), line.pop("currency")
    references: dict[str, Any] = {
        name: None if (id := line.pop(f"{name}_id")) is None else Reference(id=id)
        for name in ("user", "agent", "connector")
    }
    metadata = line.pop("metadata")
    return UsageEntry(
        **line,
        **references,
        cost=None if amount is None else Money(amount=amount, currency=currency),
        metadata=None if metadata is None else orjson.loads(metadata),
    )
