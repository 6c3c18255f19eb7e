"""Positions of the response, and the sites each offers.

A position is a place in the data tree; its scopes are the object types and conditions under which
something is selected there. A scope answers from which sites a field can be had: those of the
fetches that lead here, and entity fetches that start here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from federation.join import Kind
from federation.plan import ContextSource, ContextValue, PathSegment
from federation.planning.budget import Budget
from federation.planning.collect import Entry, GroupKey, Signature
from federation.planning.conditions import ALWAYS, Conditions, deferrals
from federation.planning.entities import EntityFetches
from federation.planning.graph import Graph, Stand
from federation.planning.reach import Reach
from federation.planning.sites import FieldSite, Ledger, NarrowSite, Site

__all__ = ["Position", "Scope", "Workspace"]

_ALTERNATIVES = 3
"""Ways kept to stand at one position in one subgraph; more never made a better plan."""


@dataclass(slots=True)
class Workspace:
    """What planning one operation shares."""

    graph: Graph
    reach: Reach
    budget: Budget
    ledger: Ledger = field(default_factory=Ledger)
    keys: dict[tuple[str, ...], dict[str, set[Signature]]] = field(default_factory=dict)
    """Response keys taken at each place of the data tree."""
    taken_variables: frozenset[str] = frozenset()
    """Names of the client's variables."""
    _variables: dict[tuple[str, tuple[ContextSource, ...]], ContextValue] = field(
        default_factory=dict
    )

    def context_value(self, type_text: str, sources: tuple[ContextSource, ...]) -> ContextValue:
        """A variable for values from above; the same one for the same values."""
        at = (type_text, sources)
        if at not in self._variables:
            name = f"contextualArgument_{len(self._variables) + 1}"
            while name in self.taken_variables:
                name = f"_{name}"
            self._variables[at] = ContextValue(name, type_text, sources)
        return self._variables[at]


class Position:
    """One place in the data tree: objects of a type, under a path of response keys."""

    def __init__(
        self,
        workspace: Workspace,
        type_name: str,
        sites: list[Site],
        *,
        path: tuple[PathSegment, ...] = (),
        conditions: Conditions = ALWAYS,
        order: int = 0,
        above: Scope | None = None,
    ) -> None:
        self.workspace = workspace
        self.type_name = type_name
        self.sites = sites
        self.path = path
        self.conditions = conditions
        self.order = order
        self.above = above
        """The objects whose field leads here; None at the root."""
        self._scopes: dict[GroupKey, Scope] = {}

    @property
    def root(self) -> Scope:
        """The scope of all objects here, without further conditions."""
        return self.scope(GroupKey(self.type_name, ALWAYS))

    def scope(self, key: GroupKey) -> Scope:
        """The scope of a type under conditions."""
        present = self._scopes.get(key)
        if present is None:
            present = self._scopes[key] = Scope(self, key, self._parent(key))
        return present

    def register(self, entry: Entry) -> None:
        """Note that a response key is taken."""
        self._taken.setdefault(entry.key, set()).add(entry.signature)

    def hidden_key(self, signature: Signature) -> str:
        """A response key for a field that the client did not ask for, or asked for likewise."""
        key, number = signature.name, 0
        while not self._taken.get(key, set()) <= {signature}:
            number += 1
            key = f"_{signature.name}_{number}"
        self._taken.setdefault(key, set()).add(signature)
        return key

    @cached_property
    def members(self) -> frozenset[str] | None:
        """Members of a union that can occur here; None for other types.

        Subgraphs that resolve the same field agree on its value, so a member that one of them does
        not know never occurs.
        """
        graph = self.workspace.graph
        if graph.types[self.type_name].kind is not Kind.UNION:
            return None
        known = [graph.possible_in(site.stand.graph, site.stand.type_name) for site in self.sites]
        return frozenset.intersection(*known) if known else frozenset()

    def _parent(self, key: GroupKey) -> Scope | None:
        if key.conditions:
            return self.scope(GroupKey(key.type_name, ALWAYS))
        return None if key.type_name == self.type_name else self.root

    @cached_property
    def _taken(self) -> dict[str, set[Signature]]:
        place = tuple(segment.key for segment in self.path)
        return self.workspace.keys.setdefault(place, {})


class Scope:
    """Objects of one type at a position, under conditions."""

    def __init__(self, position: Position, key: GroupKey, parent: Scope | None) -> None:
        self.position = position
        self.key = key
        self.workspace = position.workspace
        self.graph = position.workspace.graph
        self._parent = parent
        self.children: dict[str, Position] = {}
        self.sites: list[Site] = list(self._narrow(parent.sites)) if parent else position.sites
        self._candidates: dict[str, list[Site]] = {}
        self.workspace.budget.spend(5 + len(self.sites) // 4)

    @property
    def type_name(self) -> str:
        """Type of the objects."""
        return self.key.type_name

    @property
    def conditions(self) -> Conditions:
        """All conditions under which anything here is asked for."""
        return self.position.conditions | self.key.conditions

    @property
    def path(self) -> tuple[PathSegment, ...]:
        """Path to the objects of this scope."""
        path = self.position.path
        if not path or self.type_name == self.position.type_name:
            return path
        types = self.graph.possible(self.type_name)
        return (*path[:-1], path[-1]._replace(types=types))

    @cached_property
    def inherited(self) -> list[Site]:
        """Entity fetches of the enclosing scope, as they look from here."""
        if self._parent is None or deferrals(self.key.conditions) - self._parent.key.conditions:
            # What is deferred is fetched by itself, or it would come no later than the rest.
            return []
        return list(self._narrow(self._parent.hops))

    @cached_property
    def hops(self) -> list[Site]:
        """Entity fetches that lead to further subgraphs; of equals, those for this scope alone."""
        return [*self.entities.hops(), *self.inherited]

    @cached_property
    def entities(self) -> EntityFetches:
        """The entity fetches that can start here."""
        return EntityFetches(self)

    @property
    def stands(self) -> list[Stand]:
        """Where the fetches that lead here, or start above, stand."""
        return [site.stand for site in (*self.sites, *self.inherited)]

    def can_occur(self) -> bool:
        """Whether any subgraph can answer with an object of this scope."""
        return bool(self.sites or self.inherited)

    def direct(self, name: str) -> list[Site]:
        """Sites of the fetches that lead here from which a field can be had."""
        return [site for site in self.sites if self.graph.resolution(site.stand, name)]

    def candidates(self, name: str) -> list[Site]:
        """All sites from which a field can be had."""
        if name not in self._candidates:
            self._candidates[name] = list(self._find_candidates(name))
            self.workspace.budget.spend()
        return self._candidates[name]

    def child(self, entry: Entry) -> Position:
        """The position of a composite field."""
        if entry.key not in self.children:
            self.children[entry.key] = self._make_child(entry)
        return self.children[entry.key]

    def _find_candidates(self, name: str) -> Iterator[Site]:
        direct = self.direct(name)
        yield from direct
        if self._needs_hops(name, direct):
            yield from (s for s in self.hops if self.graph.resolution(s.stand, name))
        yield from self.entities.requiring(name)

    def _needs_hops(self, name: str, direct: list[Site]) -> bool:
        """Entity fetches matter for what is not here, and for values whose parts are not here."""
        nearest = min((site.level for site in self.sites), default=0)
        if all(site.level > nearest for site in direct):
            return True
        if not self.graph.is_composite(self.graph.field_type(self.type_name, name)):
            return False
        here = {site.stand.graph for site in direct}
        return not self.graph.resolvers(self.type_name, name) <= here

    def _narrow(self, sites: list[Site]) -> Iterator[Site]:
        members = self.position.members
        if members is not None and self.type_name not in (*members, self.position.type_name):
            return
        for site in sites:
            stand = site.stand
            keeps_type = self._parent is not None and self._parent.type_name == self.type_name
            narrowed = stand if keeps_type else self.graph.narrowed(stand, self.type_name)
            if narrowed is not None:
                condition = None if narrowed.type_name == stand.type_name else self.type_name
                yield NarrowSite(site, narrowed, condition, self.key.conditions)

    def _make_child(self, entry: Entry) -> Position:
        parents = _nearest(self.candidates(entry.name))
        sites: list[Site] = [self._below(parent, entry) for parent in parents]
        self.workspace.budget.spend(3 + len(sites) // 4)
        return Position(
            self.workspace,
            self.graph.field_type(self.type_name, entry.name),
            sites,
            path=(*self.path, PathSegment(entry.key)),
            conditions=self.conditions,
            order=self.position.order,
            above=self,
        )

    def _below(self, parent: Site, entry: Entry) -> Site:
        stand = self.workspace.reach.below(parent.stand, entry.name)
        declared = self.graph.types[parent.stand.type_name].fields[entry.name]
        here = declared.graphs.get(parent.stand.graph)
        text = here.type if here else declared.type
        # A subgraph may know as an object what is abstract to clients.
        is_abstract = self.graph.is_abstract(declared.type_name)
        asks_typename = is_abstract and self.graph.resolution(stand, "__typename") is not None
        return FieldSite(parent, entry, stand, text, asks_typename=asks_typename)


def _nearest(sites: list[Site]) -> list[Site]:
    """The nearest few sites of each subgraph."""
    kept: dict[str, int] = {}
    nearest = []
    for site in sorted(sites, key=lambda site: site.level):
        count = kept.get(site.stand.graph, 0)
        if count < _ALTERNATIVES:
            kept[site.stand.graph] = count + 1
            nearest.append(site)
    return nearest
