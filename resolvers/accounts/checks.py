"""What a client may write into an account. Every check answers the value to store, or refuses."""

from __future__ import annotations

from decimal import Decimal
from typing import TypedDict

from resolvers.errors import refuse

__all__ = ["MoneyGiven", "checked_line", "checked_money", "checked_name"]

_LONGEST = 255


class MoneyGiven(TypedDict):
    """An amount of money as a client gives it."""

    amount: Decimal
    currency: str


def checked_name(name: str | None, *path: str) -> str:
    """A name that must be there: trimmed, of one line, at most 255 characters."""
    line = checked_line(name, *path)
    if line is None:
        raise refuse("REQUIRED", "A name is needed.", *path)
    return line


def checked_line(text: str | None, *path: str, longest: int = _LONGEST) -> str | None:
    """A line of text, trimmed; None when nothing is left."""
    line = (text or "").strip()
    if len(line) > longest:
        raise refuse("INVALID", f"This may be {longest} characters long.", *path)
    if not line.isprintable():
        raise refuse("INVALID", "This must be one line of text.", *path)
    return line or None


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
