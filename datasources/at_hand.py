"""Connections kept at hand between statements.

asyncpg's pool takes a queue, a timer and a reset to give a connection and to take it back, longer
than most statements take this process. What a statement has left in order is kept here instead, and
given to the next one. PERF: bench/list.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import asyncpg

from datasources.connection import Connection

__all__ = ["AtHand"]

_LONGEST_UNUSED = 240.0
"""Seconds after which something on the way may have dropped a connection without a word."""


class _Kept(NamedTuple):
    connection: Connection
    since: float


class AtHand:
    """Connections out of a pool that nobody uses, the one used last on top."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        """`timer` tells seconds that never go back."""
        self._timer = timer
        self._kept: list[_Kept] = []

    def put(self, connection: Connection) -> None:
        """Keep a connection that is in order."""
        self._kept.append(_Kept(connection, self._timer()))

    def take(self) -> tuple[Connection | None, list[Connection]]:
        """A connection that can be used, if there is one; and those that no longer can."""
        spent: list[Connection] = []
        while self._kept:
            connection, since = self._kept.pop()
            if _is_open(connection):
                if self._timer() - since < _LONGEST_UNUSED:
                    return connection, spent
                connection.terminate()
            spent.append(connection)
        return None, spent

    def take_all(self) -> list[Connection]:
        """Every connection: none is kept any longer."""
        kept, self._kept = self._kept, []
        return [connection for connection, _ in kept]


def _is_open(connection: Connection) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:  # lost, and the pool has taken it back by itself
        return False
