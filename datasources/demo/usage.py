"""The ledger behind the budgets' counters: lines whose sums are what the budgets say was used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from datasources.budgets.rows import EntryRow
from datasources.budgets.writes.booking import Line
from datasources.demo.agents import platform_agent_ids
from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_id
from datasources.demo.models import MODEL_NAMES
from datasources.demo.roster import Roster

__all__ = ["Use", "add_use"]

_FACTOR = Decimal(5)
_MOST_LINES = 3


class Use(NamedTuple):
    """What was used by one budget's own scope, in a span of time."""

    chain: Sequence[str]
    """Budgets charged, nearest first."""
    scopes: Mapping[str, str]
    """Whose they are, by level."""
    credits: int
    overflow: int
    start: datetime
    end: datetime


def add_use(dataset: Dataset, roster: Roster, use: Use) -> None:
    """Add lines that come to what was used: some within limits, and one beyond them."""
    number = min(_MOST_LINES, use.credits)
    for turn in range(number):
        credits = use.credits // number + (turn < use.credits % number)
        _add_line(dataset, roster, use, (turn, number), (credits, 0))
    if use.overflow:
        _add_line(dataset, roster, use, (number, number + 1), (0, use.overflow))


def _add_line(
    dataset: Dataset, roster: Roster, use: Use, turn: tuple[int, int], booked: tuple[int, int]
) -> None:
    credits, overflow = booked
    number = turn[0] + len(dataset.lines)
    agents = platform_agent_ids()
    at = use.start + (use.end - use.start) * (2 * turn[0] + 1) / (2 * turn[1] + 2)
    cost = Decimal(credits + overflow) / _FACTOR
    entry = EntryRow(
        id=demo_id("usage", use.chain[0], turn[0]),
        account_id=roster.tenant.id,
        kind="CHARGE",
        outcome="OVERFLOW" if overflow else "WITHIN_LIMIT",
        budget_id=use.chain[0],
        chain=list(use.chain),
        credits=credits,
        overflow_credits=overflow,
        refused_credits=0,
        cost=cost,
        currency="USD",
        credit_factor=_FACTOR,
        user_id=use.scopes.get("user"),
        team_id=use.scopes.get("team"),
        group_id=use.scopes.get("group"),
        agent_id=agents[number % len(agents)],
        model_name=MODEL_NAMES[number % len(MODEL_NAMES)],
        connector_id=None,
        guard=None,
        tool="web_search" if number % 4 == 0 else None,
        workspace_id=None,
        thread_id=None,
        request_id=demo_id("request", use.chain[0], turn[0]),
        prompt_tokens=(credits + overflow) * 310,
        completion_tokens=(credits + overflow) * 90,
        description=None,
        metadata=None,
        reservation_id=None,
        refund_of=None,
        occurred_at=at,
        recorded_at=at,
        recorded_by="alchemi-ai",
    )
    dataset.lines.append(Line(entry, None, None))
