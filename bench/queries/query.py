"""A benchmark: what is asked, and how it is answered without GraphQL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import asyncpg

__all__ = ["ByHand", "Query"]

ByHand = Callable[[asyncpg.Pool, str], Awaitable[dict[str, Any]]]
"""Answers an account with the data, as a good engineer would write it for this one query."""


class Query(NamedTuple):
    """One benchmark; its name is also the path at which a server without GraphQL answers it."""

    name: str
    text: str
    """The operation."""
    by_hand: ByHand
    built: str | None
    """A statement whose one value is the data as JSON, for the account `$1`; None where no one
    statement answers the query."""
    statements: int
    """How many statements the gateway asks: one a relation not written with its parent."""
