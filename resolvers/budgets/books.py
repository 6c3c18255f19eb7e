"""The books of one account while they are open: decisions on budgets that are locked.

Every decision sees what the ones before it did; what they did together is written at the end, in
as many statements for one event as for five hundred.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from auth.caller import Caller
from datasources.base import Database
from datasources.budgets.rows import BudgetRow, EntryRow, ReservationRow
from datasources.budgets.writes import booking, holds
from datasources.budgets.writes.booking import Keyed, Line
from datasources.budgets.writes.locking import lock_account, lock_budgets
from datasources.ids import new_id
from datasources.places import scopes_considered
from datasources.scopes import ScopeRow
from resolvers.budgets.alerts import announce_raised
from resolvers.budgets.charging import MOST_CREDITS, Split, credits_of, split
from resolvers.budgets.effective import (
    EffectiveBudgetRow,
    candidates,
    chain_of,
    effective_budget,
    room_of,
)
from resolvers.budgets.events import UsageEvent
from resolvers.budgets.standing import Standing
from resolvers.errors import UserError

__all__ = ["Booked", "Books", "open_books"]


class Booked(NamedTuple):
    """What became of an event."""

    entry: EntryRow | None
    effective_budget: EffectiveBudgetRow | None
    """The budget that paid, as the event has left it; None where nobody asked to see it."""
    is_replay: bool = False
    errors: tuple[UserError, ...] = ()


class _Chain(NamedTuple):
    """Budgets that pay together, nearest first, and what is the same in all they pay for."""

    standings: tuple[Standing, ...]
    ids: list[str]
    places: Mapping[str, str]
    """Ids of the person, team and group that are charged, by level."""


class _Payers(NamedTuple):
    """Who may pay for a scope; what of it no booking changes."""

    scope: ScopeRow
    considered: tuple[ScopeRow, ...]
    chains: tuple[_Chain, ...]
    """The budget of the scope, or of the nearest broader one, with those it comes from."""

    def now(self) -> _Chain:
        """The chain that pays as things stand: of several, the one with most left."""
        if len(self.chains) == 1:
            return self.chains[0]
        return max(self.chains, key=lambda one: (room_of(one.standings).total, one.ids[0]))


class Books:
    """Budgets, reservations and known keys of an account, read under its lock."""

    def __init__(
        self,
        caller: Caller,
        *,
        considered: dict[tuple[str, str], tuple[ScopeRow, ...]],
        budgets: dict[str, BudgetRow],
        reservations: dict[str, ReservationRow],
        known: dict[str, Keyed],
        factor: Decimal,
    ) -> None:
        self._caller = caller
        self._considered = considered
        self._budgets = budgets
        self._standings = {id: Standing(budget) for id, budget in budgets.items()}
        self._payers: dict[Any, _Payers | None] = {}
        self._reservations = reservations
        self._known = known
        self._factor = factor
        self._lines: list[Line] = []
        self._settled: list[str] = []

    # --- deciding ---------------------------------------------------------------------------

    def record(self, event: UsageEvent, recorded_by: str, *, shows_budget: bool = True) -> Booked:
        """Book an event, or find it booked."""
        earlier = self._known.get(event.key)
        if earlier is not None:
            return self._replay(event, earlier)
        reservation = self._reservations.get(event.reservation_id or "")
        refusal = self._refusal(event, reservation)
        if refusal is not None:
            return Booked(None, None, errors=(refusal,))
        payers = self._payers_of(event, reservation)
        if payers is None:
            return Booked(None, None, errors=(self._nobody_pays(event),))
        amount = event.credits or credits_of(event.cost or Decimal(0), self._factor)
        if not 1 <= amount <= MOST_CREDITS:
            message = "This cost comes to no credits." if amount < 1 else "This is too much."
            return Booked(None, None, errors=(event.error("INVALID", message, "cost"),))
        chain = payers.now()
        if reservation is not None and reservation.status == "HELD":
            self._settle(reservation)
        parts = split(amount, chain.standings)
        entry = self._entry(event, chain, parts, recorded_by)
        _charge(chain.standings, parts)
        self._lines.append(Line(entry, event.key, event.digest))
        self._known[event.key] = Keyed(entry, event.digest)
        shown = _shown(payers, chain) if shows_budget else None
        return Booked(entry, shown, errors=self._errors(event, entry))

    def _replay(self, event: UsageEvent, earlier: Keyed) -> Booked:
        if earlier.digest != event.digest:
            message = "This key was used with a different input."
            return Booked(
                None, None, errors=(event.error("KEY_REUSED", message, "idempotency_key"),)
            )
        entry = earlier.entry
        nearest = self._budgets.get(entry.budget_id)
        scope = self._scope_of(event, self._reservations.get(event.reservation_id or ""))
        shown = None if nearest is None else _shown(*self._chain_from(nearest, scope))
        return Booked(entry, shown, is_replay=True, errors=self._errors(event, entry))

    def _errors(self, event: UsageEvent, entry: EntryRow) -> tuple[UserError, ...]:
        if entry.outcome != "REFUSED":
            return ()
        message = "Limit and overflow cap are reached; the consumption is kept on record."
        return (event.error("LIMIT_REACHED", message),)

    def _refusal(self, event: UsageEvent, reservation: ReservationRow | None) -> UserError | None:
        if event.reservation_id is not None:
            if reservation is None:
                return event.error("NOT_FOUND", "There is no such reservation.", "reservation_id")
            if reservation.status in {"SETTLED", "RELEASED"}:
                message = "This reservation was settled or released already."
                return event.error("INVALID_STATE", message, "reservation_id")
        if event.scope is not None and not self._considered.get(event.scope):
            return event.error("NOT_FOUND", "The account has no such scope.", "scope", "id")
        if event.budget_id is not None:
            budget = self._budgets.get(event.budget_id)
            if budget is None or budget.is_closed:
                return event.error("NOT_FOUND", "There is no such budget.", "budget_id")
            if not budget.is_active:
                return event.error("INVALID_STATE", "This budget is not running.", "budget_id")
        return None

    def _payers_of(self, event: UsageEvent, reservation: ReservationRow | None) -> _Payers | None:
        """The chain that pays: the reservation's while it runs, the budget's, or the scope's."""
        named = reservation.budget_id if reservation else event.budget_id
        identity = (event.scope, named, event.reservation_id)
        if identity not in self._payers:
            scope = self._scope_of(event, reservation)
            nearest = self._budgets.get(named or "")
            if nearest is not None and nearest.is_active:
                self._payers[identity] = self._chain_from(nearest, scope)[0]
            else:
                self._payers[identity] = None if scope is None else self._payers_for(scope)
        return self._payers[identity]

    def _payers_for(self, scope: ScopeRow) -> _Payers | None:
        considered = self._considered.get(scope[:2], ())
        found = candidates(considered, self._budgets)
        chains = tuple(self._chain(considered, budgets) for budgets in found)
        return _Payers(scope, considered, chains) if chains else None

    def _chain_from(self, nearest: BudgetRow, scope: ScopeRow | None) -> tuple[_Payers, _Chain]:
        scope = scope or nearest.scope
        considered = self._considered.get(scope[:2], ()) or (nearest.scope,)
        chain = self._chain(considered, chain_of(nearest, self._budgets))
        return _Payers(scope, considered, (chain,)), chain

    def _chain(self, considered: Sequence[ScopeRow], budgets: Sequence[BudgetRow]) -> _Chain:
        places = {place.type: place.id for place in reversed(considered)}
        places |= {budget.scope_type: budget.scope_id for budget in budgets}
        ids = [budget.id for budget in budgets]
        return _Chain(tuple(self._standings[id] for id in ids), ids, places)

    def _scope_of(self, event: UsageEvent, reservation: ReservationRow | None) -> ScopeRow | None:
        if event.scope is not None:
            return ScopeRow(*event.scope, self._caller.account_id or "")
        if reservation is not None and reservation.budget_id in self._budgets:
            return self._budgets[reservation.budget_id].scope
        return None

    def _nobody_pays(self, event: UsageEvent) -> UserError:
        return event.error("NOT_FOUND", "No running budget pays for this.", "scope")

    def effective(self, scope: tuple[str, str]) -> EffectiveBudgetRow | None:
        """The budget that pays for a scope."""
        row = ScopeRow(*scope, self._caller.account_id or "")
        return effective_budget(row, self._considered.get(scope, ()), self._budgets)

    def exists(self, scope: tuple[str, str]) -> bool:
        """Whether the account has this scope."""
        return bool(self._considered.get(scope))

    # --- noting what was decided ------------------------------------------------------------

    def _settle(self, reservation: ReservationRow) -> None:
        self._reservations[reservation.id] = reservation._replace(status="SETTLED")
        self._settled.append(reservation.id)
        for id in reservation.chain:
            standing = self._standings.get(id)
            if standing is not None:
                standing.reserved -= reservation.credits
                standing.reserved_overflow -= reservation.overflow_credits

    def _entry(self, event: UsageEvent, chain: _Chain, parts: Split, recorded_by: str) -> EntryRow:
        now = datetime.now(UTC)
        places = chain.places
        return EntryRow(
            id=new_id(),
            account_id=self._caller.account_id or "",
            kind="CHARGE",
            outcome=parts.outcome,
            budget_id=chain.ids[0],
            chain=chain.ids,
            credits=parts.within,
            overflow_credits=parts.overflow,
            refused_credits=parts.refused,
            cost=event.cost,
            currency=None if event.cost is None else "USD",
            credit_factor=None if event.cost is None else self._factor,
            user_id=event.user_id or places.get("USER"),
            team_id=places.get("TEAM"),
            group_id=places.get("GROUP"),
            reservation_id=event.reservation_id,
            refund_of=None,
            occurred_at=event.occurred_at or now,
            recorded_at=now,
            recorded_by=recorded_by,
            **event.said,
        )

    # --- writing ----------------------------------------------------------------------------

    async def close(self, database: Database) -> None:
        """Write what was decided."""
        caller, standings = self._caller, self._standings
        charged = {id: one.charged for id, one in standings.items() if any(one.charged)}
        held = {id: one.held for id, one in standings.items() if any(one.held)}
        await booking.add_to_counters(database, caller, charged)
        await holds.add_to_holds(database, caller, held)
        await holds.end_reservations(database, caller, self._settled, "SETTLED")
        await booking.add_lines(database, self._lines)
        await announce_raised(
            database, [(standings[id].row, standings[id].now()) for id in charged]
        )


def _charge(chain: Sequence[Standing], parts: Split) -> None:
    if parts.refused:
        return
    for standing in chain:
        standing.used += parts.within
        standing.overflow_used += parts.overflow


def _shown(payers: _Payers, chain: _Chain) -> EffectiveBudgetRow:
    """Who pays, with the figures as they stand."""
    rows = tuple(standing.now() for standing in chain.standings)
    return EffectiveBudgetRow(payers.scope, payers.considered, rows, room_of(rows))


async def open_books(
    database: Database,
    caller: Caller,
    events: Sequence[UsageEvent] = (),
    scopes: Sequence[tuple[str, str]] = (),
) -> Books:
    """Take the account's turn, and read all that these events and scopes concern."""
    await lock_account(database, caller)
    await holds.expire(database, caller)
    known = await booking.lines_by_key(database, caller, [e.key for e in events]) if events else {}
    wanted = {event.reservation_id for event in events if event.reservation_id}
    found = await holds.reservations(database, caller, wanted)
    asked = _asked(events, scopes)
    places = await scopes_considered(database, caller, asked) if asked else []
    considered = dict(zip(asked, places, strict=True))
    named = {event.budget_id for event in events if event.budget_id}
    named |= {id for reservation in found.values() for id in reservation.chain}
    named |= {keyed.entry.budget_id for keyed in known.values()}
    every = {(place.type, place.id) for lying_in in places for place in lying_in}
    budgets = await lock_budgets(database, caller, every, sorted(named))
    needs_factor = any(event.cost is not None for event in events)
    factor = await booking.credit_factor(database, caller) if needs_factor else Decimal(1)
    return Books(
        caller,
        considered=considered,
        budgets=budgets,
        reservations=found,
        known=known,
        factor=factor,
    )


def _asked(events: Sequence[Any], scopes: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted({event.scope for event in events if event.scope} | set(scopes))
