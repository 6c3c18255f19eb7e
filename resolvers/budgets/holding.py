"""Holding credits before work starts, giving them back, and refunding what was charged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import uuid4

from datasources.base import is_uuid
from datasources.budgets.ledger import entries_by_id
from datasources.budgets.reads import any_budget_by_id
from datasources.budgets.rows import BudgetRow, EntryRow, ReservationRow
from datasources.budgets.writes import booking, holds
from datasources.budgets.writes.booking import Line
from datasources.budgets.writes.locking import lock_account, lock_budgets
from resolvers.budgets.auditing import usage_event
from resolvers.budgets.books import open_books
from resolvers.budgets.charging import MOST_CREDITS, split
from resolvers.budgets.effective import EffectiveBudgetRow, room_of
from resolvers.checks import checked_text
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = [
    "RefundedUsage",
    "ReleasedUsage",
    "ReservedUsage",
    "refund_usage",
    "release_usage",
    "reserve_usage",
]

_LONGEST_HOLD = 3600


class ReservedUsage(NamedTuple):
    """Credits that are held."""

    reservation: ReservationRow
    effective_budget: EffectiveBudgetRow


class ReleasedUsage(NamedTuple):
    """Credits that are no longer held."""

    reservation: ReservationRow


class RefundedUsage(NamedTuple):
    """A refund, and the budget after it."""

    entry: EntryRow
    budget: BudgetRow | None


async def reserve_usage(
    context: WriteContext, *, scope: dict[str, str], amount: int, expires_in_seconds: int
) -> ReservedUsage:
    """Hold credits along the chain that pays for a scope."""
    if not 1 <= amount <= MOST_CREDITS:
        raise refuse("INVALID", f"Credits are 1 to {MOST_CREDITS}.", "amount")
    if not 1 <= expires_in_seconds <= _LONGEST_HOLD:
        raise refuse("INVALID", f"This is 1 to {_LONGEST_HOLD}.", "expires_in_seconds")
    asked = (scope["type"], scope["id"])
    books = await open_books(context.database, context.caller, scopes=[asked])
    if not books.exists(asked):
        raise refuse("NOT_FOUND", "The account has no such scope.", "scope", "id")
    paying = books.effective(asked)
    if paying is None:
        raise refuse("NOT_FOUND", "No running budget pays for this.", "scope")
    parts = split(amount, paying.chain)
    if parts.refused:
        raise refuse("LIMIT_REACHED", "The budgets that pay have not enough left.", "amount")
    reservation = await holds.insert_reservation(
        context.database,
        context.caller,
        paying.scope,
        id=str(uuid4()),
        chain=[budget.id for budget in paying.chain],
        credits=parts.within,
        overflow=parts.overflow,
        expires_at=datetime.now(UTC) + timedelta(seconds=expires_in_seconds),
    )
    await _hold(context, reservation, 1)
    held = tuple(
        budget._replace(
            reserved=budget.reserved + parts.within,
            reserved_overflow=budget.reserved_overflow + parts.overflow,
        )
        for budget in paying.chain
    )
    await _audit(context, "reserve_usage", reservation, f"{amount} credits are held.")
    return ReservedUsage(reservation, paying._replace(chain=held, room=room_of(held)))


async def release_usage(context: WriteContext, *, reservation_id: str) -> ReleasedUsage:
    """Give back what a reservation holds."""
    await lock_account(context.database, context.caller)
    await holds.expire(context.database, context.caller)
    found = await holds.reservations(context.database, context.caller, [reservation_id])
    reservation = next(iter(found.values()), None)
    if reservation is None:
        raise refuse("NOT_FOUND", "There is no such reservation.", "reservation_id")
    if reservation.status == "RELEASED":
        context.changed_nothing()
        return ReleasedUsage(reservation)
    if reservation.status != "HELD":
        code = "EXPIRED" if reservation.status == "EXPIRED" else "INVALID_STATE"
        raise refuse(code, "This reservation holds nothing any more.", "reservation_id")
    await holds.end_reservations(context.database, context.caller, [reservation.id], "RELEASED")
    await _hold(context, reservation, -1)
    message = f"{reservation.amount} credits are no longer held."
    await _audit(context, "release_usage", reservation, message)
    return ReleasedUsage(reservation._replace(status="RELEASED"))


async def _hold(context: WriteContext, reservation: ReservationRow, sign: int) -> None:
    parts = (sign * reservation.credits, sign * reservation.overflow_credits)
    await holds.add_to_holds(
        context.database, context.caller, dict.fromkeys(reservation.chain, parts)
    )


async def _audit(
    context: WriteContext, action: str, reservation: ReservationRow, message: str
) -> None:
    details: dict[str, Any] = {"reservation_id": reservation.id, "amount": reservation.amount}
    await context.audit(usage_event(action, reservation.budget_id, message, details))


async def refund_usage(
    context: WriteContext, *, entry_id: str, reason: str, credits: int | None = None
) -> RefundedUsage:
    """Give back all or part of a charge, what was overflow first, along the chain charged."""
    why = checked_text(reason, "reason", longest=1000)
    if why is None:
        raise refuse("REQUIRED", "Say why.", "reason")
    await lock_account(context.database, context.caller)
    charge = await _charge_of(context, entry_id)
    before = await booking.refunded(context.database, context.caller, charge.id)
    left = (charge.credits - before[0], charge.overflow_credits - before[1])
    wanted = sum(left) if credits is None else credits
    if not 1 <= wanted <= sum(left):
        message = f"{sum(left)} credits of this charge can be given back."
        raise refuse("INVALID", message, "credits")
    overflow = min(wanted, left[1])
    cost = _cost_back(charge, wanted, sum(left), before[2])
    entry = _refund(context, charge, (wanted - overflow, overflow), cost, why)
    await lock_budgets(context.database, context.caller, named=charge.chain)
    back = (-entry.credits, -entry.overflow_credits)
    await booking.add_to_counters(
        context.database, context.caller, dict.fromkeys(charge.chain, back)
    )
    await booking.add_lines(context.database, [Line(entry, None, None)])
    details = {"refund_of": charge.id, "credits": wanted, "reason": why}
    message = f"{wanted} credits were given back."
    await context.audit(usage_event("refund_usage", charge.budget_id, message, details))
    budgets = await any_budget_by_id(context.database, context.caller, [charge.budget_id])
    return RefundedUsage(entry, budgets[0])


async def _charge_of(context: WriteContext, entry_id: str) -> EntryRow:
    found = await entries_by_id(context.database, context.caller, [entry_id])
    entry = found[0] if is_uuid(entry_id) else None
    if entry is None:
        raise refuse("NOT_FOUND", "There is no such entry.", "entry_id")
    if entry.kind != "CHARGE" or entry.outcome == "REFUSED":
        raise refuse("INVALID_STATE", "Only a charge can be given back.", "entry_id")
    return entry


def _cost_back(charge: EntryRow, wanted: int, left: int, before: Decimal) -> Decimal | None:
    """The part of the cost that goes with a part of the credits; all that is left with the last."""
    if charge.cost is None:
        return None
    if wanted == left:
        return charge.cost - before
    total = charge.credits + charge.overflow_credits
    return (charge.cost * wanted / total).quantize(Decimal("0.000001"))


def _refund(
    context: WriteContext,
    charge: EntryRow,
    back: tuple[int, int],
    cost: Decimal | None,
    reason: str,
) -> EntryRow:
    now = datetime.now(UTC)
    within, overflow = back
    outcome = "WITHIN_LIMIT" if not overflow else "SPLIT" if within else "OVERFLOW"
    return charge._replace(
        id=str(uuid4()),
        kind="REFUND",
        outcome=outcome,
        credits=within,
        overflow_credits=overflow,
        cost=cost,
        prompt_tokens=None,
        completion_tokens=None,
        description=reason,
        metadata=None,
        reservation_id=None,
        refund_of=charge.id,
        occurred_at=now,
        recorded_at=now,
        recorded_by=context.caller.id,
    )
