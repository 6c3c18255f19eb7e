"""Money that a client may write into an account: the value to store, or a refusal."""

from __future__ import annotations

from decimal import Decimal
from typing import TypedDict

from resolvers.errors import refuse

__all__ = ["MoneyGiven", "checked_money"]


class MoneyGiven(TypedDict):
    """An amount of money as a client gives it."""

    amount: Decimal
    currency: str


def checked_money(money: MoneyGiven | None, *path: str) -> float | None:
    """An amount of US dollars as the database holds it, without losing a cent of it."""
    if money is None:
        return None
    if money["currency"] != "USD":
        raise refuse("INVALID", "Console spend is counted in USD.", *path, "currency")
    amount = money["amount"]
    if amount < 0:
        raise refuse("INVALID", "An amount cannot be negative.", *path, "amount")
    stored = float(amount)
    if amount > 10**12 or Decimal(repr(stored)) != amount:
        raise refuse("INVALID", "This amount has too many digits.", *path, "amount")
    return stored
