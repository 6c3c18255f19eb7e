"""Adding prices of resources other than models."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from datasources.audit import AuditEvent
from datasources.models import price_entries
from datasources.models.price_entries import NewPrice
from datasources.models.prices import PriceRow, prices_by_id
from resolvers.checks import checked_currency, checked_name, checked_text
from resolvers.errors import refuse
from resolvers.models.costs import CostGiven, checked_amount
from resolvers.writing import WriteContext

__all__ = ["CreatedPrice", "create_resource_price"]


class CreatedPrice(NamedTuple):
    """A price after it was added."""

    resource_price: PriceRow


async def create_resource_price(
    context: WriteContext,
    *,
    resource_type: str,
    unit: str,
    price: CostGiven,
    description: str | None = None,
    effective_from_at: datetime | None = None,
    effective_to_at: datetime | None = None,
) -> CreatedPrice:
    """Add a price of an account, or of every account; the one before it ends where it begins."""
    currency = checked_currency(price["currency"], "price", "currency")
    new = NewPrice(
        checked_name(resource_type, "resource_type"),
        checked_name(unit, "unit"),
        checked_amount(price["amount"], "price", "amount"),
        currency,
        checked_text(description, "description"),
        effective_from_at or datetime.now(UTC),
        effective_to_at,
    )
    await price_entries.lock_prices(context.database)
    new = await _fitting(context, new)
    ended = await price_entries.end_price_before(context.database, context.caller, new)
    id = await price_entries.insert_price(context.database, context.caller, new)
    stored = await context.load(prices_by_id, id)
    if stored is None:
        raise LookupError("A price just stored is there.")
    await context.audit(_event(stored, ended=ended))
    return CreatedPrice(stored)


async def _fitting(context: WriteContext, price: NewPrice) -> NewPrice:
    """The price, ending where the next one begins unless it ends before."""
    end, start = price.effective_to, price.effective_from
    if end is not None and end <= start:
        raise refuse("INVALID", "A price ends after it begins.", "effective_to_at")
    following = await price_entries.next_start(context.database, context.caller, price)
    if following is None:
        return price
    if following == start:
        raise refuse("TAKEN", "Another price begins at this moment.", "effective_from_at")
    if end is not None and end > following:
        raise refuse("INVALID", "Another price begins before this one ends.", "effective_to_at")
    return price._replace(effective_to=end or following)


def _event(price: PriceRow, *, ended: bool) -> AuditEvent:
    seen = price._asdict() | {"amount": str(price.amount)}
    for moment in ("effective_from_at", "effective_to_at"):
        at = getattr(price, moment)
        seen[moment] = None if at is None else at.isoformat()
    return AuditEvent(
        "copilot_resource_price",
        "create",
        "resource_price",
        price.id,
        f"A price of {price.resource_type} was added.",
        {"after": seen, "ended_the_one_before": ended},
    )
