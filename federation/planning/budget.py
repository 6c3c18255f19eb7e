"""The bound on what planning one operation may cost."""

from __future__ import annotations

from federation.errors import OperationTooComplexError

__all__ = ["Budget"]


class Budget:
    """Counts units of work; one is a selection read, a place made or a candidate weighed."""

    __slots__ = ("_left", "_limit")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._left = limit

    def spend(self, units: int = 1) -> None:
        """Use up some units.

        Raises:
            OperationTooComplexError: none are left.
        """
        self._left -= units
        if self._left < 0:
            raise OperationTooComplexError(
                f"The operation is too complex: planning it takes more than {self._limit} steps."
            )
