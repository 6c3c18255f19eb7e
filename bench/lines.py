"""Straight lines through measured points: how something grows."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from statistics import linear_regression

__all__ = ["exponent", "slope"]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """What one more on the first axis adds on the second."""
    return linear_regression(*zip(*points, strict=True)).slope


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """The slope on logarithmic axes: 0 is flat, 1 is in proportion, 2 is with the square."""
    return slope([(log(x), log(y)) for x, y in points])
