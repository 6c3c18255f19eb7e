"""What models cost: in the catalogue, to one account, and as a client may write it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from datasources.codecs import json_object
from datasources.models.rows import AccountModelRow, ModelRow, price_in

__all__ = [
    "PLACES",
    "PricingRow",
    "account_price",
    "blended",
    "catalogue_price",
    "per_1k",
    "recorded_price",
]

PLACES = Decimal("0.000001")
"""To which credits and costs are counted."""
_COSTS = ("input_cost_per_million", "output_cost_per_million")
_IN_1K = Decimal(1000)


class PricingRow(NamedTuple):
    """What a model costs; costs are US dollars."""

    credits_per_1k_tokens: Decimal
    input_credits_per_1k_tokens: Decimal | None
    output_credits_per_1k_tokens: Decimal | None
    input_cost_per_million: Decimal | None
    output_cost_per_million: Decimal | None


def catalogue_price(_context: object, row: ModelRow) -> PricingRow:
    """The price before an account's own factor."""
    return recorded_price(row.credits_per_1k_tokens, row.document)


def account_price(_context: object, row: AccountModelRow) -> PricingRow:
    """The price with the account's own factor, where it has one and costs are recorded."""
    price = recorded_price(row.credits_per_1k_tokens, row.document)
    costs = price.input_cost_per_million, price.output_cost_per_million
    if row.credit_factor is None or costs == (None, None):
        return price
    parts = [None if cost is None else per_1k(cost, row.credit_factor) for cost in costs]
    return PricingRow(blended(*costs, row.credit_factor), parts[0], parts[1], *costs)


def per_1k(cost_per_million: Decimal, factor: Decimal) -> Decimal:
    """Credits for 1,000 tokens, to six places."""
    return (cost_per_million / _IN_1K * factor).quantize(PLACES)


def blended(input_cost: Decimal | None, output_cost: Decimal | None, factor: Decimal) -> Decimal:
    """Credits for 1,000 tokens, input and output averaged; a cost not recorded counts as none."""
    return per_1k(((input_cost or Decimal(0)) + (output_cost or Decimal(0))) / 2, factor)


def recorded_price(credits: Decimal, document: Any) -> PricingRow:
    """What a model's column and document say of prices."""
    prices: Mapping[str, Any] = json_object(json_object(document).get("pricing"))
    return PricingRow(
        credits,
        price_in(prices, "input_credits_per_1k_tokens"),
        price_in(prices, "output_credits_per_1k_tokens"),
        *[price_in(prices, f"{cost}_usd") for cost in _COSTS],
    )
