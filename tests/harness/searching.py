"""How long property tests search: `EXAMPLES=5000` before pytest makes them search longer."""

from __future__ import annotations

import os
from typing import NamedTuple

__all__ = ["Search", "search"]


class Search(NamedTuple):
    """How many examples a property is tried with, and the seconds that may take."""

    examples: int
    seconds: float


def search(usual: int, *, seconds: float = 300) -> Search:
    """The search asked for, else the usual one; more examples have more time.

    Args:
        usual: Examples when nothing is asked for.
        seconds: Limit for that many.
    """
    asked = os.environ.get("EXAMPLES")  # noqa: TID251 - a longer search by hand
    examples = int(asked) if asked else usual
    return Search(examples, seconds * max(1, examples / usual))
