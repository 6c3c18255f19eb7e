"""Entity fetches that can start at a scope, and what they need to know beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from graphql import FieldNode, OperationType, SelectionSetNode

from federation.errors import PlanningError
from federation.plan import OperationKind, RequiredType
from federation.planning.choose import cheapest
from federation.planning.conditions import ALWAYS
from federation.planning.contexts import Given, given_from_above
from federation.planning.graph import Requiring, Stand, Target
from federation.planning.requirements import require
from federation.planning.sites import EntitySite, Opened, Site, total_price
from federation.planning.steps import Step, merge_required

if TYPE_CHECKING:  # a scope owns its entity fetches, and these read their scope
    from federation.planning.positions import Scope

__all__ = ["EntityFetches"]

_NOTHING: frozenset[Site] = frozenset()

_STEP_UNITS = 30
"""Work of a further fetch: its key found, its document written, its place among all others."""


_LEVELS_A_UNIT = 16
"""What a fetch stands on is gone through again for each: the deeper, the more work."""


class EntityFetches:
    """The entity fetches of one scope; each is made once and shared by all fields."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._graph = scope.graph
        self._reach = scope.workspace.reach
        self._requiring: dict[Requiring, Site | None] = {}

    def hops(self) -> list[Site]:
        """One site for each subgraph (and interface object) that can be reached by key."""
        scope = self._scope
        reached = self._reach.hops(scope.type_name, scope.stands)
        targets = {target[:2]: target for target in self._graph.targets(scope.type_name)}
        sites = [self._site(targets[at], level, None) for at, level in reached.items()]
        scope.workspace.budget.spend(len(sites))
        return [*sites, *self._reentries()]

    def requiring(self, name: str) -> Iterator[Site]:
        """Sites that resolve a field from what it requires of other subgraphs."""
        for requiring in self._graph.requiring(self._scope.type_name, name):
            if requiring not in self._requiring:
                self._requiring[requiring] = self._requiring_site(requiring)
            site = self._requiring[requiring]
            if site is not None:
                yield site

    def _requiring_site(self, requiring: Requiring) -> Site | None:
        scope = self._scope
        level = self._reach.requiring_level(scope.type_name, scope.stands, requiring)
        given = given_from_above(scope, requiring.contexts)
        if level is None or given is None:
            return None
        level = max(level, *(1 + entry.level for entry in given)) if given else level
        return self._site(requiring.target, level, requiring.requires, given)

    def _site(
        self,
        target: Target,
        level: int,
        requires: SelectionSetNode | None,
        given: Sequence[Given] = (),
    ) -> Site:
        stand = Stand(target.graph, target.type_name, level)
        return EntitySite(
            stand,
            self._scope.workspace.ledger,
            lambda: self._appraise(target, level, requires),
            lambda: self._connect(target, level, requires, given),
        )

    def _appraise(
        self, target: Target, level: int, requires: SelectionSetNode | None
    ) -> frozenset[Site]:
        """What the fetch stands on: its cheapest key, and what it requires."""
        found = (self._missing(key.selection, level) for key in target.keys)
        ways = [way for way in found if way is not None]
        missing = min(ways, key=total_price) if len(ways) > 1 else ways[0] if ways else _NOTHING
        if requires is not None:
            missing |= self._missing(requires, level) or _NOTHING
        return missing

    def _missing(self, selection: SelectionSetNode, limit: int) -> frozenset[Site] | None:
        """Sites a requirement would open, nested fields left out; None when it cannot be met."""
        missing = _NOTHING
        for node in selection.selections:
            if isinstance(node, FieldNode):
                sites = [s for s in self._scope.candidates(node.name.value) if s.level < limit]
                if not sites:
                    return None
                missing |= cheapest(sites).missing()
        return missing

    def _connect(
        self,
        target: Target,
        level: int,
        requires: SelectionSetNode | None,
        given: Sequence[Given],
    ) -> Opened:
        scope = self._scope
        scope.workspace.budget.spend(_STEP_UNITS + len(scope.path) // _LEVELS_A_UNIT)
        needs = require(scope, self._key(target, level), level)
        if requires is not None:
            needs += require(scope, requires, level)
        values = [entry.take(level) for entry in given]
        step = Step(
            target.graph,
            OperationKind.QUERY,
            path=scope.path,
            conditions=scope.conditions,
            order=scope.position.order,
            requires=(
                RequiredType(
                    scope.type_name, merge_required(needs.selections, ()), target.represent_as
                ),
            ),
            parents=set(needs.steps).union(*(value.steps for value in values)),
            contexts=tuple(dict.fromkeys(value.value for value in values)),
        )
        scope.workspace.ledger.steps.append(step)
        output = step.output.fragment(target.type_name, ALWAYS)
        is_object = self._graph.is_interface_object(target.graph, target.type_name)
        if self._graph.is_abstract(target.type_name) and not is_object:
            output.put_typename()
        return Opened(step, output, tuple(value.argument for value in values))

    def _key(self, target: Target, limit: int) -> SelectionSetNode:
        """The key that costs least of those known below a level."""
        scope = self._scope
        stands = [stand for stand in self._stands() if stand.level < limit]
        known = []
        for key in target.keys:
            level = self._reach.selection_level(scope.type_name, stands, key.selection)
            if level is not None and level < limit:
                known.append(key.selection)
        if not known:
            where = ".".join(segment.key for segment in scope.path)
            raise PlanningError(f"No key of {scope.type_name} is known at {where}.")
        if len(known) == 1:
            return known[0]
        return min(known, key=lambda key: total_price(self._missing(key, limit) or ()))

    def _stands(self) -> list[Stand]:
        return [site.stand for site in (*self._scope.sites, *self._scope.hops)]

    def _reentries(self) -> Iterator[Site]:
        """Other subgraphs' query roots, where a field shows the query root again."""
        scope = self._scope
        query = self._graph.supergraph.roots.get(OperationType.QUERY)
        if scope.type_name != query or not scope.position.path or not scope.sites:
            return
        level = 1 + min(site.level for site in scope.sites)
        here = {site.stand.graph for site in scope.sites}
        for graph in self._graph.types[query].keys:
            if graph not in here:
                yield self._reentry(Stand(graph, query, level))

    def _reentry(self, stand: Stand) -> Site:
        scope = self._scope
        return EntitySite(
            stand,
            scope.workspace.ledger,
            lambda: cheapest(scope.sites).missing(),
            lambda: self._reenter(stand),
        )

    def _reenter(self, stand: Stand) -> Opened:
        scope = self._scope
        parent, output = cheapest(scope.sites).open()
        output.put_typename()
        step = Step(
            stand.graph,
            OperationKind.QUERY,
            path=scope.path,
            conditions=scope.conditions,
            order=scope.position.order,
            parents={parent},
        )
        scope.workspace.ledger.steps.append(step)
        return Opened(step, step.output)
