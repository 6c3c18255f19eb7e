"""One request's side of what is remembered: how accounts stand, and what is read to decide anew.

All that an operation asks for is read in one statement, together with how the account stands: which
parts those are is learned when it is executed first (`habits`). Where the decisions about a scope
are remembered, how the account stands is read with the rows that are read at every call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeAlias, TypeVar
from weakref import ref

from datasources.access_facts import AccessFacts, AccessPart, AccessReading, reading_of
from datasources.access_versions import (
    AccessVersionRow,
    Standing,
    StandingWith,
    access_versions,
)
from datasources.scopes import ScopeRow
from resolvers.decisions import Common, Decide, Decided, Decisions
from resolvers.outcome import Outcome

if TYPE_CHECKING:
    from resolvers.base import RequestContext

__all__ = ["Deciding", "Live", "LiveRows"]

ValueT = TypeVar("ValueT")
RowT = TypeVar("RowT")

_SEVERAL = "several scopes"
"""Habit of an operation that asks about several scopes at once: they are read together."""

_Key: TypeAlias = "tuple[Decide[Any], ScopeRow]"


class Live(Generic[ValueT, RowT]):
    """Rows that are read at every call, by ids that are decided."""

    def __init__(
        self,
        decide: Decide[ValueT],
        part: AccessPart,
        read: StandingWith[Any],
        *,
        ids: Callable[[ValueT], tuple[str, ...]],
        of: Callable[[Any], RowT],
    ) -> None:
        """Describe them.

        Args:
            decide: Which rows.
            part: What that is decided on: the rows themselves, with all that is known of them.
            read: The read of what may have changed of them, by their ids.
            ids: The ids that are decided.
            of: Makes what `read` answers of a row of the part.
        """
        self.decide = decide
        self.part = part
        self.read = read
        self.ids = ids
        self.of = of


class LiveRows(NamedTuple, Generic[ValueT, RowT]):
    """Rows as they are now."""

    decided: ValueT
    """What was decided about them."""
    rows: Sequence[RowT]
    read_at: datetime | None
    """By the database's clock; None where there was nothing to read."""


class Deciding:
    """Decisions as one request sees them."""

    def __init__(self, context: RequestContext, decisions: Decisions, habits: set[Any]) -> None:
        """Begin; `habits` are the parts and rows that the operation is known to ask for."""
        self._request = ref(context)
        self._decisions = decisions
        self._habits = habits
        self._stands: dict[str, AccessVersionRow] = {}
        self._moving: set[str] = set()
        """Accounts that changed while the request went on: nothing about them is remembered."""
        self._asked: set[ScopeRow] = set()
        """Scopes about which anything was read."""
        self._readings: dict[ScopeRow, AccessReading] = {}
        self._live: dict[tuple[Any, ScopeRow, tuple[str, ...]], Standing[Any]] = {}
        self._making: dict[_Key, Outcome[Decided[Any]]] = {}

    @property
    def _context(self) -> RequestContext:
        """The request, which keeps this and is not kept by it.

        PERF: bench/access; what was read for a request would wait for the garbage collector.
        """
        context = self._request()
        if context is None:
            raise ReferenceError("Nobody decides for a request that is over.")
        return context

    def known(self, decide: Decide[ValueT], scope: ScopeRow) -> Decided[ValueT] | None:
        """What is remembered, once this request has found out how the account stands."""
        stand = self._stands.get(scope.account_id)
        return None if stand is None else self._decisions.known(stand, decide, scope)

    async def made(self, decide: Decide[ValueT], scope: ScopeRow) -> Decided[ValueT]:
        """What is remembered while nothing has changed, and otherwise decided anew."""
        if scope.account_id not in self._stands and self._decisions.last(decide, scope) is not None:
            await self._look(scope)
        known = self.known(decide, scope)
        return await self._anew(decide, scope) if known is None else known

    async def facts(self, scope: ScopeRow) -> AccessFacts | None:
        """What decides about features; None where there is no such scope."""
        reading = await self._reading(scope, frozenset())
        return None if reading is None else reading.facts

    async def part(self, part: AccessPart, scope: ScopeRow) -> Any:
        """What a module decides on; None for an account out of reach."""
        self._habits.add(part)
        reading = await self._reading(scope, frozenset({part}))
        return None if reading is None else reading.parts[part]

    async def common(self, read: Common[ValueT], scope: ScopeRow) -> ValueT:
        """What decides about everybody, as new as what is decided about the scope."""
        stand = await self.stand(scope.account_id)
        version = None if stand is None else stand.catalogue
        return await self._decisions.common(self._context, version, read)

    async def live(self, live: Live[ValueT, RowT], scope: ScopeRow) -> LiveRows[ValueT, RowT]:
        """Rows as they are now, with what was decided about them."""
        self._habits.add(live)
        decided = (await self.made(live.decide, scope)).value
        ids = live.ids(decided)
        reading = self._readings.get(scope)
        if reading is not None and live.part in reading.parts:
            rows = list(map(live.of, reading.parts[live.part]))
            return LiveRows(decided, rows, reading.stand.read_at)
        standing = self._live.get((live, scope, ids))
        if standing is None and ids:
            (standing,) = await self._context.load_all(live.read, [(scope.account_id, ids)])
        if standing is None:
            return LiveRows(decided, (), None)
        return LiveRows(decided, standing.rows, standing.read_at)

    async def stand(self, account_id: str) -> AccessVersionRow | None:
        """How an account stands; None where it does not exist or is out of reach."""
        if account_id not in self._stands:
            (stand,) = await self._context.load_all(access_versions, [account_id])
            self._found(account_id, stand)
        return self._stands.get(account_id)

    async def _look(self, scope: ScopeRow) -> None:
        """Find out how the account stands, with rows that will be asked for if nothing changed."""
        if self._asked:
            self._habits.add(_SEVERAL)
        self._asked.add(scope)
        account_id = scope.account_id
        for habit in self._habits:
            last = self._decisions.last(habit.decide, scope) if isinstance(habit, Live) else None
            ids = () if last is None else habit.ids(last.value)
            if last is not None and last.stand is not None and ids:
                standing = await self._standing(habit.read, (account_id, ids))
                if standing is not None and last.stand.holds(standing.version, standing.read_at):
                    self._live[habit, scope, ids] = standing
                    self._found(account_id, last.stand._replace(read_at=standing.read_at))
                return
        await self.stand(account_id)

    async def _standing(
        self, read: StandingWith[Any], key: tuple[str, tuple[str, ...]]
    ) -> Standing[Any] | None:
        """How an account stands, with rows of it.

        PERF: bench/access; whoever is the only one to ask waits for nobody who asks as well.
        """
        context = self._context
        if _SEVERAL in self._habits:
            (standing,) = await context.load_all(read, [key])
        else:
            (standing,) = await read(context.database, context.caller, [key])
        return standing

    async def _reading(
        self, scope: ScopeRow, wanted: frozenset[AccessPart]
    ) -> AccessReading | None:
        """What was read about a scope in this request, with these parts."""
        known = self._readings.get(scope)
        if known is not None and wanted <= known.parts.keys():
            return known
        if not self._asked <= {scope}:
            self._habits.add(_SEVERAL)
        self._asked.add(scope)
        usual = frozenset(habit for habit in self._habits if isinstance(habit, AccessPart))
        (reading,) = await self._context.load_all(reading_of(wanted | usual), [scope])
        if reading is not None:
            self._readings[scope] = reading
            self._found(scope.account_id, reading.stand)
        return reading

    async def _anew(self, decide: Decide[ValueT], scope: ScopeRow) -> Decided[ValueT]:
        """A decision made once in this request, however often it is asked for."""
        key = (decide, scope)
        making = self._making.get(key)
        if making is not None:
            return await making.wait()
        making = self._making[key] = Outcome()
        try:
            made = await self._decided(decide, scope)
        except BaseException as error:
            making.fail(error)
            raise
        making.end(made)
        return made

    async def _decided(self, decide: Decide[ValueT], scope: ScopeRow) -> Decided[ValueT]:
        """Decide, on nothing that was read before it was known how the account stands."""
        account_id = scope.account_id
        if account_id not in self._stands:
            await self._reading(scope, frozenset())
        stand = self._stands.get(account_id)
        value = await decide(self._context, scope)
        if stand is None or account_id in self._moving:
            return Decided(None, value, {})
        return self._decisions.keep(stand, decide, scope, value)

    def _found(self, account_id: str, stand: AccessVersionRow | None) -> None:
        """Note how an account stood; what was found first counts."""
        if stand is not None:
            first = self._stands.setdefault(account_id, stand)
            if not first.holds(stand.version, stand.read_at):
                self._moving.add(account_id)
