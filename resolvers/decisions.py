"""What was decided about a scope, remembered while nothing that decides about it has changed.

A decision is a function `(context, scope) -> value` whose value follows from what is stored alone,
never from who asks. How the account stands (`datasources.access_versions`) is read once a request;
a value decided when it stood the same is still right, and no other is ever answered. `deciding` is
the side of one request.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeAlias, TypeVar

from datasources.access_versions import AccessVersionRow
from datasources.scopes import ScopeRow

if TYPE_CHECKING:
    from resolvers.base import RequestContext

__all__ = ["Common", "Decide", "Decided", "Decisions"]

ValueT = TypeVar("ValueT")
Decide: TypeAlias = "Callable[[RequestContext, ScopeRow], Awaitable[ValueT]]"
Common: TypeAlias = "Callable[[RequestContext], Awaitable[ValueT]]"
"""What decides about everybody: the catalogues of models and of features."""


class Decided(NamedTuple, Generic[ValueT]):
    """A decision's value, and how the account stood when it was made."""

    stand: AccessVersionRow | None
    """None where the account changed meanwhile."""
    value: ValueT
    shown: dict[Any, Any]
    """What parts of it were written as, by the part and the form in which it was asked for."""


class Decisions:
    """The values of one process; when it is full, the one unused for longest goes."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._values: OrderedDict[tuple[Decide[Any], ScopeRow], Decided[Any]] = OrderedDict()
        self._common: dict[Common[Any], tuple[str | None, Any]] = {}

    def __len__(self) -> int:
        return len(self._values)

    def known(
        self, stand: AccessVersionRow, decide: Decide[ValueT], scope: ScopeRow
    ) -> Decided[ValueT] | None:
        """What was decided when the account stood the same, if it is here."""
        key = (decide, scope)
        known = self._values.get(key)
        if known is None or known.stand is None:
            return None
        if not known.stand.holds(stand.version, stand.read_at):
            return None
        self._values.move_to_end(key)
        return known

    def last(self, decide: Decide[ValueT], scope: ScopeRow) -> Decided[ValueT] | None:
        """What was decided last, which may be old: for guessing what will be read."""
        return self._values.get((decide, scope))

    async def common(
        self, context: RequestContext, version: str | None, read: Common[ValueT]
    ) -> ValueT:
        """What decides about everybody, read again when its version is another."""
        known = self._common.get(read)
        if known is None or known[0] != version:
            known = self._common[read] = (version, await read(context))
        value: ValueT = known[1]
        return value

    def keep(
        self, stand: AccessVersionRow, decide: Decide[ValueT], scope: ScopeRow, value: ValueT
    ) -> Decided[ValueT]:
        """Remember a value decided after it was read how the account stands."""
        key = (decide, scope)
        made = self._values[key] = Decided(stand, value, {})
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)
        return made
