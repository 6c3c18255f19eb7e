"""What a model costs, as a client may write it: checked, and turned into what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple, TypedDict

from resolvers.errors import refuse
from resolvers.models.pricing import PLACES, PricingRow, blended, per_1k

__all__ = ["CostGiven", "Priced", "PricingGiven", "checked_amount", "priced"]

_LARGEST = Decimal(10) ** 9
_WAYS = ("input", "output")


class CostGiven(TypedDict):
    """An amount of money as a client gives it."""

    amount: Decimal
    currency: str


class PricingGiven(TypedDict, total=False):
    """What a model costs as a client gives it; what is left out stays."""

    credits_per_1k_tokens: Decimal | None
    input_cost_per_million: CostGiven | None
    output_cost_per_million: CostGiven | None


class Costs(NamedTuple):
    """US dollars for a million tokens; None where they are not recorded."""

    input: Decimal | None
    output: Decimal | None


class Priced(NamedTuple):
    """What a model costs as it is stored: a column, and a part of its document."""

    credits_per_1k_tokens: Decimal
    pricing: dict[str, Any]


def priced(
    given: PricingGiven, before: PricingRow, stored: Mapping[str, Any], factor: Decimal
) -> Priced:
    """The price after a change; credits follow from the costs unless they are given."""
    costs = Costs(*[_cost(given, f"{way}_cost_per_million", before) for way in _WAYS])
    changed = any(f"{way}_cost_per_million" in given for way in _WAYS)
    pricing = _document(stored, costs, factor) if changed else dict(stored)
    credits = given.get("credits_per_1k_tokens")
    if credits is not None:
        return Priced(checked_amount(credits, "pricing", "credits_per_1k_tokens"), pricing)
    follows = changed or "credits_per_1k_tokens" in given
    if follows and costs != (None, None):
        return Priced(blended(costs.input, costs.output, factor), pricing)
    return Priced(before.credits_per_1k_tokens, pricing)


def checked_amount(amount: Decimal, *path: str) -> Decimal:
    """An amount that is not negative, has six places at most, and fits a row."""
    if amount < 0:
        raise refuse("INVALID", "An amount cannot be negative.", *path)
    if amount >= _LARGEST or amount != amount.quantize(PLACES):
        raise refuse("INVALID", "This amount has too many digits.", *path)
    return amount


def _cost(given: Mapping[str, Any], name: str, before: PricingRow) -> Decimal | None:
    if name not in given:
        cost: Decimal | None = getattr(before, name)
        return cost
    money = given[name]
    if money is None:
        return None
    if money["currency"] != "USD":
        raise refuse("INVALID", "Costs are counted in USD.", "pricing", name, "currency")
    return checked_amount(money["amount"], "pricing", name, "amount")


def _document(stored: Mapping[str, Any], costs: Costs, factor: Decimal) -> dict[str, Any]:
    """Costs with what follows from them; numbers, as other readers of the document expect."""
    pricing = dict(stored) | {"credits_factor": float(factor)}
    for way, cost in zip(_WAYS, costs, strict=True):
        pricing[f"{way}_cost_per_million_usd"] = None if cost is None else float(cost)
        follows = None if cost is None else float(per_1k(cost, factor))
        pricing[f"{way}_credits_per_1k_tokens"] = follows
    has_cost = costs != (None, None)
    pricing["blended_credits_per_1k_tokens"] = (
        float(blended(costs.input, costs.output, factor)) if has_cost else None
    )
    return {name: value for name, value in pricing.items() if value is not None}
