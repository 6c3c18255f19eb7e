"""The budget that pays for a scope: the nearest one of its chain, and what is left along it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from datasources.budgets.rows import BudgetRow
from datasources.scopes import ResolutionRow, ResolutionStepRow, ScopeRow
from resolvers.budgets.standing import Standing

__all__ = ["EffectiveBudgetRow", "Room", "candidates", "chain_of", "effective_budget", "room_of"]


class Room(NamedTuple):
    """What a chain of budgets can still take."""

    within: int
    overflow: int | None
    """None without a ceiling."""

    @property
    def total(self) -> float:
        """All of it."""
        return float("inf") if self.overflow is None else self.within + self.overflow


class EffectiveBudgetRow(NamedTuple):
    """The budget that pays for a scope."""

    scope: ScopeRow
    considered: tuple[ScopeRow, ...]
    chain: tuple[BudgetRow, ...]
    """The budgets charged, nearest first."""
    room: Room
    """What they can still take."""

    @property
    def budget(self) -> BudgetRow:
        """Nearest active budget of the chain."""
        return self.chain[0]

    @property
    def is_inherited(self) -> bool:
        """Whether it belongs to a broader scope."""
        return (self.budget.scope_type, self.budget.scope_id) != self.scope[:2]

    @property
    def available(self) -> int:
        """What can still be used within limits."""
        return self.room.within

    @property
    def available_overflow(self) -> int | None:
        """What can be used beyond that."""
        return self.room.overflow

    @property
    def resolution(self) -> ResolutionRow:
        """Budgets consulted, broadest first; the one with the least left decided."""
        narrowest = min(self.chain, key=lambda budget: budget.remaining)
        steps = tuple(
            ResolutionStepRow(
                "BUDGET", budget.scope, None, _effect(budget), is_deciding=budget is narrowest
            )
            for budget in reversed(self.chain)
        )
        return ResolutionRow(self.scope, self.considered, steps)


def _effect(budget: BudgetRow) -> str:
    left = f"{budget.remaining} of {budget.limit} credits are left"
    if budget.remaining_overflow is None:
        return f"{left}, and overflow has no ceiling of its own."
    return f"{left}, and {budget.remaining_overflow} beyond the limit."


def room_of(chain: Iterable[BudgetRow | Standing]) -> Room:
    """What every budget of a chain can take: the smallest remainder within, and beyond, limits."""
    within: list[int] = []
    beyond: list[int] = []
    for budget in chain:
        within.append(budget.remaining)
        if (left := budget.remaining_overflow) is not None:
            beyond.append(left)
    return Room(min(within), min(beyond) if beyond else None)


def chain_of(nearest: BudgetRow, budgets: Mapping[str, BudgetRow]) -> tuple[BudgetRow, ...]:
    """A budget and those it comes from, nearest first."""
    chain = [nearest]
    while (parent := budgets.get(chain[-1].parent_id or "")) is not None and parent not in chain:
        chain.append(parent)
    return tuple(chain)


def effective_budget(
    scope: ScopeRow, considered: Sequence[ScopeRow], budgets: Mapping[str, BudgetRow]
) -> EffectiveBudgetRow | None:
    """The budget that pays, out of the running budgets by id; None when there is none.

    On each level all teams and groups of a person count: the one that has most left pays.
    """
    chains = candidates(considered, budgets)
    if not chains:
        return None
    rooms = [room_of(chain) for chain in chains]
    best = max(range(len(chains)), key=lambda at: (rooms[at].total, chains[at][0].id))
    return EffectiveBudgetRow(scope, tuple(considered), chains[best], rooms[best])


def candidates(
    considered: Sequence[ScopeRow], budgets: Mapping[str, BudgetRow]
) -> list[tuple[BudgetRow, ...]]:
    """The chains of the running budgets on the nearest level that has any."""
    levels = {(one.type, one.id): one.level for one in considered}
    found: dict[int, list[BudgetRow]] = {}
    for budget in budgets.values():
        level = levels.get((budget.scope_type, budget.scope_id))
        if level is not None and budget.is_active:
            found.setdefault(level, []).append(budget)
    return [chain_of(budget, budgets) for budget in found[max(found)]] if found else []
