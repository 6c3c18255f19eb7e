"""What was decided about a scope, remembered while nothing that decides about it has changed.

A decision is a function `(context, scope) -> value` whose value follows from what is stored alone,
never from who asks. How the account stands (`datasources.access_versions`) is read once a request;
a value decided when it stood the same is still right, and no other is ever answered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from datasources.scopes import ScopeRow

if TYPE_CHECKING:
    from resolvers.base import RequestContext

__all__ = ["Decide", "Decisions", "part_of"]

ValueT = TypeVar("ValueT")
Decide: TypeAlias = "Callable[[RequestContext, ScopeRow], Awaitable[ValueT]]"


class Decisions:
    """The values of one process; when it is full, the one unused for longest goes."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._values: OrderedDict[tuple[Decide[Any], ScopeRow], tuple[str, Any]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def known(self, version: str, decide: Decide[ValueT], scope: ScopeRow) -> ValueT | None:
        """The value as of a version, if it is here."""
        key = (decide, scope)
        known = self._values.get(key)
        if known is None or known[0] != version:
            return None
        self._values.move_to_end(key)
        return known[1]  # type: ignore[no-any-return] # of this decision

    def keep(self, version: str, decide: Decide[ValueT], scope: ScopeRow, value: ValueT) -> None:
        """Remember a value decided after the version was read."""
        key = (decide, scope)
        self._values[key] = (version, value)
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)


def part_of(
    decide: Decide[ValueT], pick: Callable[..., Any], absent: Callable[[], Exception]
) -> Callable[..., Any]:
    """A field that shows a part of what is decided about its row's scope.

    PERF: bench/access; what is remembered is answered at once, with no task of the event loop.

    Args:
        decide: The decision.
        pick: Takes the part out of the value: `(value, **arguments)`.
        absent: Makes the error where nothing was decided.
    """

    async def later(context: RequestContext, scope: ScopeRow, **arguments: Any) -> Any:
        value = await context.decide(decide, scope)
        if value is None:
            raise absent()
        return pick(value, **arguments)

    def resolve(context: RequestContext, row: Any, **arguments: Any) -> Any:
        value = context.decided(decide, row.scope)
        if value is None:
            return later(context, row.scope, **arguments)
        return pick(value, **arguments)

    return resolve
