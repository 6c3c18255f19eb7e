"""A bounded cache whose entries end by themselves."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["ExpiringCache"]

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class ExpiringCache(Generic[KeyT, ValueT]):
    """Values for a while; when it is full, the one unused for longest goes."""

    def __init__(self, size: int, timer: Callable[[], float]) -> None:
        """Take how many entries to hold, and a clock in seconds that never goes back."""
        self._size = size
        self._timer = timer
        self._entries: OrderedDict[KeyT, tuple[float, ValueT]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: KeyT) -> ValueT | None:
        """The value of a key while it lasts."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        until, value = entry
        if self._timer() >= until:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return value

    def put(self, key: KeyT, value: ValueT, seconds: float) -> None:
        """Hold a value; not at all for no time."""
        if seconds <= 0:
            return
        self._entries[key] = (self._timer() + seconds, value)
        self._entries.move_to_end(key)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def drop(self, condition: Callable[[ValueT], bool]) -> None:
        """Forget the values that meet a condition."""
        for key in [key for key, (_, value) in self._entries.items() if condition(value)]:
            del self._entries[key]

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
