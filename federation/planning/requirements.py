"""Requirements: fields that a fetch must be given, looked for like any other field.

Keys and `@requires` selections are put where they cost least among the sites below the fetch's
own level; the steps that hold them become its parents.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from graphql import SelectionSetNode

from federation.errors import PlanningError
from federation.plan import RequiredField, RequiredType
from federation.planning.choose import cheapest
from federation.planning.collect import Collector, Entry, GroupKey
from federation.planning.place import place
from federation.planning.sites import Site
from federation.planning.steps import Step

if TYPE_CHECKING:  # scopes connect entity fetches, which require fields of scopes
    from federation.planning.positions import Position, Scope

__all__ = ["Needs", "require"]


class Needs(NamedTuple):
    """What a representation holds, and the steps it comes from."""

    selections: tuple[RequiredField | RequiredType, ...]
    steps: frozenset[Step]

    def __add__(self, other: object) -> Needs:
        """Both needs together."""
        if not isinstance(other, Needs):
            return NotImplemented
        return Needs((*self.selections, *other.selections), self.steps | other.steps)


_NOTHING = Needs((), frozenset())


def require(scope: Scope, selection: SelectionSetNode, limit: int) -> Needs:
    """Plan a requirement at a scope, from sites below a level.

    Raises:
        PlanningError: some of it cannot be had.
    """
    return _require(scope, (selection,), limit)


def _require(scope: Scope, selections: Sequence[SelectionSetNode], limit: int) -> Needs:
    collector = Collector(scope.graph, {}, frozenset(), scope.workspace.budget)
    needs = _NOTHING
    for group, entries in collector.collect(scope.type_name, selections).items():
        inner = scope.position.scope(group._replace(conditions=scope.key.conditions))
        found = _NOTHING
        if inner.can_occur():
            for entry in entries.values():
                found += _require_entry(inner, entry, limit)
        if group.type_name == scope.type_name:
            needs += found
        elif found.selections:
            needs += Needs((RequiredType(group.type_name, found.selections),), found.steps)
    return needs


def _require_entry(scope: Scope, entry: Entry, limit: int) -> Needs:
    sites = [site for site in scope.candidates(entry.name) if site.level < limit]
    if not sites and scope.graph.is_abstract(scope.type_name):
        return _require_of_members(scope, entry, limit)
    if not sites:
        raise PlanningError(f"{scope.type_name}.{entry.name} is required but cannot be had.")
    key = scope.position.hidden_key(entry.signature)
    hidden = replace(entry, key=key)
    if not entry.selections:
        step = place(scope, hidden, cheapest(sites))
        return Needs((RequiredField(entry.name, key),), frozenset((step,)))
    return _require_composite(scope.child(hidden), hidden, limit)


def _require_of_members(scope: Scope, entry: Entry, limit: int) -> Needs:
    """A field that an interface has not everywhere, asked of each object type."""
    needs = _NOTHING
    for member in sorted(scope.graph.possible(scope.type_name)):
        inner = scope.position.scope(GroupKey(member, scope.key.conditions))
        if inner.can_occur():
            found = _require_entry(inner, entry, limit)
            needs += Needs((RequiredType(member, found.selections),), found.steps)
    return needs


def _require_composite(position: Position, entry: Entry, limit: int) -> Needs:
    found = _require(position.root, entry.selections, limit)
    selections, steps = found
    typename = list(_typename(position, limit))
    if not steps:
        # Only fragments on types that cannot occur here: the object itself is still needed.
        site = cheapest(site for site in position.sites if site.level < limit)
        step, output = site.open()
        output.put_typename()
        steps = frozenset((step,))
    return Needs((RequiredField(entry.name, entry.key, (*typename, *selections)),), steps)


def _typename(position: Position, limit: int) -> Iterator[RequiredField]:
    """`__typename` of an abstract value, so that the subgraph knows what it is given."""
    graph = position.workspace.graph

    def knows(site: Site) -> bool:
        return not graph.is_interface_object(site.stand.graph, site.stand.type_name)

    near = [site for site in position.sites if site.level < limit]
    if graph.is_abstract(position.type_name) and all(knows(site) for site in near):
        yield RequiredField("__typename", "__typename")
