"""Sites: places in possible fetches from which fields can be selected.

All sites of an operation are laid out before any is used. A site costs what must still be added
to the plan to stand there; opening it adds that, and from then on it is free. So choosing the
cheapest site field by field shares fetches wherever they can be shared.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

from graphql import ArgumentNode

from federation.plan import OperationKind
from federation.planning.collect import Entry
from federation.planning.conditions import Conditions
from federation.planning.graph import Stand
from federation.planning.steps import Output, OutputField, Step

__all__ = [
    "FETCH_PRICE",
    "EntitySite",
    "FieldSite",
    "Ledger",
    "NarrowSite",
    "Opened",
    "RootSite",
    "Site",
    "total_price",
]

FETCH_PRICE = 1000
"""Price of a request; a field is 1, so that no number of fields outweighs a request."""


class Ledger:
    """The steps of a plan so far, and how often something was opened."""

    __slots__ = ("openings", "steps")

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.openings = 0
        """What a site costs changes only when this does."""


class Site(ABC):
    """A stand that can be opened."""

    __slots__ = ("_appraised_at", "_missing", "_opened", "ledger", "stand")
    own_price = 1
    """What this site adds by itself, without those it stands on."""
    arguments: tuple[ArgumentNode, ...] = ()
    """Known once open: what every field here is given besides the client's arguments."""

    def __init__(self, stand: Stand, ledger: Ledger) -> None:
        self.stand = stand
        self.ledger = ledger
        self._opened: tuple[Step, Output] | None = None
        self._missing: frozenset[Site] = frozenset()
        self._appraised_at = -1

    @property
    def level(self) -> int:
        """Fetches on the way here, the first not counted."""
        return self.stand.level

    def price(self) -> int:
        """What opening adds to the plan; 0 once open."""
        return total_price(self.missing())

    def missing(self) -> frozenset[Site]:
        """This site and those it stands on, as far as they are not open."""
        if self._opened is not None:
            return frozenset()
        if self._appraised_at != self.ledger.openings:
            self._missing = self._below() | {self}
            self._appraised_at = self.ledger.openings
        return self._missing

    def open(self) -> tuple[Step, Output]:
        """The step and the selection in it where fields are put."""
        if self._opened is None:
            self._opened = self._open()
            self.ledger.openings += 1
        return self._opened

    @abstractmethod
    def _below(self) -> frozenset[Site]: ...

    @abstractmethod
    def _open(self) -> tuple[Step, Output]: ...


class RootSite(Site):
    """A root type in one subgraph."""

    __slots__ = ("_kind", "_order")
    own_price = FETCH_PRICE

    def __init__(self, stand: Stand, ledger: Ledger, kind: OperationKind, order: int) -> None:
        super().__init__(stand, ledger)
        self._kind = kind
        self._order = order

    def _below(self) -> frozenset[Site]:
        return frozenset()

    def _open(self) -> tuple[Step, Output]:
        step = Step(self.stand.graph, self._kind, order=self._order)
        self.ledger.steps.append(step)
        return step, step.output


class FieldSite(Site):
    """The objects of a composite field, in the fetch that selects the field."""

    __slots__ = ("_asks_typename", "_entry", "_parent", "_type")

    def __init__(
        self, parent: Site, entry: Entry, stand: Stand, type_text: str, *, asks_typename: bool
    ) -> None:
        super().__init__(stand, parent.ledger)
        self._parent = parent
        self._entry = entry
        self._type = type_text
        self._asks_typename = asks_typename

    def price(self) -> int:
        """What opening adds to the plan; 0 once open."""
        return self.own_price + self._parent.price() if self._opened is None else 0

    def _below(self) -> frozenset[Site]:
        return self._parent.missing()

    def _open(self) -> tuple[Step, Output]:
        step, output = self._parent.open()
        entry = self._entry
        arguments = (*entry.arguments, *self._parent.arguments)
        asked = OutputField(entry.key, entry.name, arguments, self._type, Output())
        selection = output.put(asked).selection
        assert selection is not None  # noqa: S101 - one key, one field: composite as well
        if self._asks_typename:
            selection.put_typename()
        return step, selection


class NarrowSite(Site):
    """The objects of one type at another site, or its objects under conditions."""

    __slots__ = ("_condition", "_conditions", "_parent")

    def __init__(
        self, parent: Site, stand: Stand, condition: str | None, conditions: Conditions
    ) -> None:
        super().__init__(stand, parent.ledger)
        self._parent = parent
        self._condition = condition
        self._conditions = conditions

    def _below(self) -> frozenset[Site]:
        return self._parent.missing()

    def _open(self) -> tuple[Step, Output]:
        step, output = self._parent.open()
        return step, output.fragment(self._condition, self._conditions)


class Opened(NamedTuple):
    """A step made anew, the selection in it, and what its fields are given."""

    step: Step
    output: Output
    arguments: tuple[ArgumentNode, ...] = ()


Appraise: TypeAlias = Callable[[], frozenset[Site]]
Connect: TypeAlias = Callable[[], Opened]


class EntitySite(Site):
    """Objects fetched anew from a subgraph: entities by key, or the query root once more."""

    __slots__ = ("_appraise", "_connect", "arguments")
    own_price = FETCH_PRICE

    def __init__(self, stand: Stand, ledger: Ledger, appraise: Appraise, connect: Connect) -> None:
        super().__init__(stand, ledger)
        self.arguments = ()
        self._appraise = appraise
        self._connect = connect

    def _below(self) -> frozenset[Site]:
        return self._appraise()

    def _open(self) -> tuple[Step, Output]:
        step, output, self.arguments = self._connect()
        return step, output


def total_price(sites: Iterable[Site]) -> int:
    """What opening all of some sites adds."""
    return sum(site.own_price for site in sites)
