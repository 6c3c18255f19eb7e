"""When what a subscription grants ends; None is open end."""

from __future__ import annotations

from datetime import datetime

__all__ = ["earliest", "moved"]


def earliest(*ends: datetime | None) -> datetime | None:
    """The first of some ends."""
    return min((end for end in ends if end is not None), default=None)


def moved(end: datetime | None, old: datetime | None, new: datetime | None) -> datetime | None:
    """The end of something granted when that of its subscription moves.

    What ended with the subscription still does; what a super admin lets end before does so.
    """
    if old == new:
        return end
    return new if end == old else earliest(end, new)
