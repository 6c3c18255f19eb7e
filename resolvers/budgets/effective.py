"""The budget that pays for a scope: the nearest one of its chain, and what is left along it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from datasources.budgets.rows import BudgetRow, FiguresRow, left_of
from datasources.scopes import ResolutionRow, ResolutionStepRow, ScopeRow
from resolvers.budgets.standing import Standing

__all__ = [
    "EffectiveBudgetRow",
    "Payers",
    "PayingRow",
    "Room",
    "candidates",
    "chain_of",
    "effective_budget",
    "figures_of",
    "room_of",
]


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
    within, beyond = zip(
        *[(budget.remaining, budget.remaining_overflow) for budget in chain], strict=True
    )
    return Room(min(within), min((left for left in beyond if left is not None), default=None))


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
    best = _best(rooms, [chain[0].id for chain in chains])
    return EffectiveBudgetRow(scope, tuple(considered), chains[best], rooms[best])


def candidates(
    considered: Sequence[ScopeRow], budgets: Mapping[str, BudgetRow]
) -> list[tuple[BudgetRow, ...]]:
    """The chains of the running budgets on the nearest level that has any."""
    for chains in _levels(considered, budgets):
        running = [chain for chain in chains if chain[0].is_active]
        if running:
            return running
    return []


def _levels(
    considered: Sequence[ScopeRow], budgets: Mapping[str, BudgetRow]
) -> list[list[tuple[BudgetRow, ...]]]:
    """The chains of the budgets on each level that has any, the most specific level first."""
    levels = {(one.type, one.id): one.level for one in considered}
    found: dict[int, list[BudgetRow]] = {}
    for budget in budgets.values():
        level = levels.get((budget.scope_type, budget.scope_id))
        if level is not None:
            found.setdefault(level, []).append(budget)
    return [
        [chain_of(budget, budgets) for budget in found[level]]
        for level in sorted(found, reverse=True)
    ]


def _best(rooms: Sequence[Room], ids: Sequence[str]) -> int:
    """Which of some chains pays: the one that has most left."""
    if len(rooms) == 1:
        return 0
    return max(range(len(rooms)), key=lambda at: (rooms[at].total, ids[at]))


class Payers(NamedTuple):
    """The budgets that could pay for a scope, now or later, as they were when that was decided.

    PERF: bench/access; which budgets there are and how they hang together changes when an account
    stands differently, and is worked out once. What they have left changes with every use.
    """

    scope: ScopeRow
    considered: tuple[ScopeRow, ...]
    ids: tuple[str, ...]
    """Of every budget of a chain."""
    levels: tuple[tuple[tuple[BudgetRow, ...], ...], ...]
    """The chains of each level, the most specific level first."""

    @classmethod
    def of(
        cls, scope: ScopeRow, considered: tuple[ScopeRow, ...], budgets: Sequence[BudgetRow]
    ) -> Payers:
        """Bring the budgets of a scope, and those above them, in order."""
        levels = _levels(considered, {budget.id: budget for budget in budgets})
        ids = tuple(budget.id for budget in budgets)
        return cls(scope, considered, ids, tuple(map(tuple, levels)))

    def paying(self, figures: Mapping[str, FiguresRow], now: datetime) -> PayingRow | None:
        """The one that pays, as the figures stand; chosen as by `effective_budget`."""
        for chains in self.levels:
            running = [
                _along(chain, figures)
                for chain in chains
                if chain[0].id in figures and _runs(chain[0], now)
            ]
            if running:
                rooms = [along.room for along in running]
                best = _best(rooms, [along.chain[0].id for along in running])
                return PayingRow(self, running[best], now)
        return None


class _Along(NamedTuple):
    """A chain with its figures, which end before it where a budget is gone by now."""

    chain: tuple[BudgetRow, ...]
    figures: list[FiguresRow]
    room: Room
    """What is left, as `room_of` tells."""

    def rows(self, now: datetime) -> tuple[BudgetRow, ...]:
        """The budgets as they stand."""
        pairs = zip(self.chain, self.figures, strict=False)
        return tuple(_as_it_stands(budget, figures, now) for budget, figures in pairs)


class PayingRow(NamedTuple):
    """The budget that pays for a scope, as `EffectiveBudgetRow` shows it.

    PERF: bench/access; the budgets above it are brought together when somebody asks why it is.
    """

    payers: Payers
    along: _Along
    now: datetime

    @property
    def budget(self) -> BudgetRow:
        """Nearest active budget of the chain."""
        return _as_it_stands(self.along.chain[0], self.along.figures[0], self.now)

    @property
    def is_inherited(self) -> bool:
        """Whether it belongs to a broader scope."""
        nearest = self.along.chain[0]
        return (nearest.scope_type, nearest.scope_id) != self.payers.scope[:2]

    @property
    def available(self) -> int:
        """What can still be used within limits."""
        return self.along.room.within

    @property
    def available_overflow(self) -> int | None:
        """What can be used beyond that."""
        return self.along.room.overflow

    @property
    def resolution(self) -> ResolutionRow:
        """Budgets consulted, broadest first; the one with the least left decided."""
        scope, considered = self.payers.scope, self.payers.considered
        return EffectiveBudgetRow(
            scope, considered, self.along.rows(self.now), self.along.room
        ).resolution


def _runs(budget: BudgetRow, now: datetime) -> bool:
    return budget.cycle_start <= now < budget.cycle_end and not budget.is_closed


def _along(chain: tuple[BudgetRow, ...], figures: Mapping[str, FiguresRow]) -> _Along:
    """A chain, the nearest of which has figures, as far up as there are any.

    What is read later may lack a budget. PERF: bench/access; no budget is made, nothing is said of
    one by itself.
    """
    found = [figures[chain[0].id]]
    for budget in chain[1:]:
        if budget.id not in figures:
            break
        found.append(figures[budget.id])
    within: list[int] = []
    beyond: list[int] = []
    for known, now in zip(chain, found, strict=False):
        within.append(left_of(known.limit, now.used, now.reserved))
        if known.overflow_cap is not None:
            beyond.append(left_of(known.overflow_cap, now.overflow_used, now.reserved_overflow))
    return _Along(chain, found, Room(min(within), min(beyond, default=None)))


def _as_it_stands(known: BudgetRow, now: FiguresRow, moment: datetime) -> BudgetRow:
    """A budget with its figures. PERF: bench/access; `_replace` takes four times as long."""
    return BudgetRow(
        known.id,
        known.account_id,
        known.scope_type,
        known.scope_id,
        known.plan_id,
        known.parent_id,
        known.cycle_start,
        known.cycle_end,
        _runs(known, moment),
        known.strategy,
        known.allocated,
        known.limit,
        now.used,
        now.reserved,
        known.overflow_cap,
        now.overflow_used,
        now.reserved_overflow,
        known.pooled,
        known.rolled_over,
        now.overflow_charged,
        known.is_closed,
        known.created_at,
        now.updated_at,
    )


_FIGURES = attrgetter(*FiguresRow._fields)


def figures_of(budget: BudgetRow) -> FiguresRow:
    """The figures of a budget that was read with them."""
    return FiguresRow._make(_FIGURES(budget))
