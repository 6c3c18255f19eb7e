"""Sharing credits out: whole credits, in proportion to weights, never below what each needs."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

__all__ = ["remainder_of", "shares_of"]


def shares_of(
    total: int, weights: Mapping[str, float], floors: Mapping[str, int]
) -> dict[str, int] | None:
    """A share for each target, in all exactly `total`; None when the floors come to more.

    Shares are rounded down; what is left goes to the first targets by id, one credit each. A
    target whose floor is above its share gets its floor, and the others share the rest.
    """
    if sum(floors.get(target, 0) for target in weights) > total:
        return None
    fixed: dict[str, int] = {}
    while True:
        sharing = {target: Fraction(w) for target, w in weights.items() if target not in fixed}
        shares = _proportional(total - sum(fixed.values()), sharing)
        below = {t: floors[t] for t, share in shares.items() if floors.get(t, 0) > share}
        if not below:
            return fixed | shares
        fixed |= below


def _proportional(total: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    whole = sum(weights.values())
    shares = {target: int(total * weight / whole) for target, weight in weights.items()}
    for target in sorted(shares)[: total - sum(shares.values())]:
        shares[target] += 1
    return shares


def remainder_of(total: int, weights: Mapping[str, float]) -> int:
    """Credits that rounding down leaves over."""
    exact = {target: Fraction(weight) for target, weight in weights.items()}
    whole = sum(exact.values())
    return total - sum(int(total * weight / whole) for weight in exact.values())
