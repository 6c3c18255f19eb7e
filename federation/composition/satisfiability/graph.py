"""Who resolves what: the subgraphs as a graph of places and moves.

A `Place` is a subgraph in which an object of a known type is at hand. From a set of places others
are reached by keys, whose fields must be resolvable from the places reached before; so reach grows
to a fixed point. A field is resolvable from a place if the subgraph declares it, not as external
(unless it was provided on the way), and if what it `@requires` can be resolved too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, TypeAlias

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from federation.composition.contexts import contextual
from federation.composition.field_sets import selection_of
from federation.composition.merged import MergedSchema
from federation.composition.satisfiability.contexts import Contexts, Setting
from federation.composition.satisfiability.fixpoint import Fixpoint
from federation.composition.subgraph import (
    Applied,
    Field,
    Kind,
    Subgraph,
    TypeDefinition,
    find_all,
    has,
)
from federation.composition.vocabulary import INTERFACE_OBJECT, KEY, OVERRIDE, PROVIDES, REQUIRES
from federation.join import named_type

__all__ = ["Graph", "Place", "Places", "Resolution"]

_ROOTS = frozenset({"Query", "Mutation", "Subscription"})


class Place(NamedTuple):
    """A subgraph that holds an object."""

    graph: str
    provided: SelectionSetNode | None = None
    """Fields it can resolve here although it calls them external."""
    knows_type: bool = True
    """False where the object is known by its interface only (`@interfaceObject`)."""


Places: TypeAlias = frozenset[Place]


class Resolution(NamedTuple):
    """A place that resolves a field, and its declaration there."""

    place: Place
    field: Field


class Graph:
    """Moves between subgraphs; all answers are memoised."""

    def __init__(self, merged: MergedSchema, *, labels_hold: bool) -> None:
        """Args: the schema, and whether labelled overrides are taken as active."""
        self._merged = merged
        self._labels_hold = labels_hold
        self._subgraphs: Mapping[str, Subgraph] = {entry.name: entry for entry in merged.subgraphs}
        self._answers = Fixpoint()
        self.contexts = Contexts(merged.subgraphs, self._is_a)
        self._owners: dict[tuple[str, str], tuple[TypeDefinition, ...]] = {}

    def roots(self) -> Iterator[tuple[str, Places]]:
        """Root types and the subgraphs that define them."""
        for name in sorted(_ROOTS & self._merged.types.keys()):
            yield (
                name,
                frozenset(Place(source.subgraph.name) for source in self._merged.sources[name]),
            )

    def reach(self, type_name: str, places: Places) -> Places:
        """The places themselves and all that keys lead to from them."""
        return self._answers.ask((type_name, places), places, lambda: self._grow(type_name, places))

    def resolutions(
        self, type_name: str, name: str, reached: Places, settings: frozenset[Setting] = frozenset()
    ) -> list[Resolution]:
        """Who among the places resolves a field of the type, given what is set above it."""
        return [
            Resolution(place, field)
            for place in sorted(reached, key=_by_graph)
            for field in self._fields(place, type_name, name)
            if self._resolves(place, type_name, field, reached, settings)
        ]

    def children(self, resolutions: Iterable[Resolution]) -> dict[str, Places]:
        """Object types the field may return, with the places that hold such objects then."""
        children: dict[str, set[Place]] = {}
        for place, field in resolutions:
            nested = _provided_below(place, field)
            for name, knows in self._objects(place.graph, named_type(field.type)):
                children.setdefault(name, set()).add(Place(place.graph, nested, knows))
        return {name: frozenset(places) for name, places in children.items()}

    def settings_below(
        self, type_name: str, reached: Places, above: frozenset[Setting]
    ) -> frozenset[Setting]:
        """Contexts that can be read below objects of the type: the nearest setter counts."""
        found = set(above)
        for setting, selection in self.contexts.set_by(type_name):
            if self._is_resolvable(selection, type_name, reached):
                found.add(setting)
            else:
                found.discard(setting)
        return frozenset(found)

    def declarers(self, type_name: str, name: str) -> list[str]:
        """Subgraphs that resolve the field if only they are reached."""
        return [
            graph
            for graph in self._subgraphs
            for field in self._fields(Place(graph), type_name, name)
            if self._is_own(graph, type_name, field)
        ]

    def keys(self, graph: str, type_name: str) -> list[Applied]:
        """Keys by which a subgraph looks the type up, its interface objects' included."""
        return [
            key
            for owner in self._views(graph, type_name)
            for key in find_all(owner.directives, KEY)
            if key.value("resolvable") is not False
        ]

    def _grow(self, type_name: str, places: Places) -> Places:
        if type_name in _ROOTS:
            return places | {
                Place(source.subgraph.name) for source in self._merged.sources[type_name]
            }
        reached = places
        waiting = [place for place in self._candidates(type_name) if not _holds(reached, place)]
        grew = True
        while grew:
            grew = False
            for place in list(waiting):
                if self._can_move(type_name, reached, place):
                    reached |= {place}
                    waiting.remove(place)
                    grew = True
        return reached

    def _candidates(self, type_name: str) -> list[Place]:
        return [
            Place(graph, None, type_name in subgraph.types)
            for graph, subgraph in self._subgraphs.items()
            if self.keys(graph, type_name)
        ]

    def _can_move(self, type_name: str, reached: Places, target: Place) -> bool:
        if not any(place.knows_type for place in reached):
            return self._can_move_by_interface(type_name, reached, target)
        return any(
            self._is_resolvable(selection, type_name, reached)
            for key in self.keys(target.graph, type_name)
            if (selection := selection_of(key)) is not None
        )

    def _can_move_by_interface(self, type_name: str, reached: Places, target: Place) -> bool:
        """Without the object's type at hand, only a key of its interface can be used."""
        subgraph = self._subgraphs[target.graph]
        return any(
            self._is_resolvable(selection, type_name, reached)
            for interface in self._merged.types[type_name].interfaces
            if interface in subgraph.types
            for key in find_all(subgraph.types[interface].directives, KEY)
            if key.value("resolvable") is not False
            if (selection := selection_of(key)) is not None
        )

    def _is_resolvable(self, selection: SelectionSetNode, type_name: str, reached: Places) -> bool:
        for node in selection.selections:
            if isinstance(node, InlineFragmentNode):
                on = node.type_condition.name.value if node.type_condition else type_name
                if self._is_a(type_name, on) and not self._is_resolvable(
                    node.selection_set, type_name, reached
                ):
                    return False
            elif isinstance(node, FieldNode) and not self._is_field_resolvable(
                node, type_name, reached
            ):
                return False
        return True

    def _is_field_resolvable(self, node: FieldNode, type_name: str, reached: Places) -> bool:
        if node.name.value == "__typename":
            return True
        resolutions = self.resolutions(type_name, node.name.value, reached)
        if not resolutions:
            return False
        if node.selection_set is None:
            return True
        return all(
            self._is_resolvable(node.selection_set, child, places)
            or self._is_resolvable(node.selection_set, child, self.reach(child, places))
            for child, places in self.children(resolutions).items()
        )

    def _resolves(
        self,
        place: Place,
        type_name: str,
        field: Field,
        reached: Places,
        settings: frozenset[Setting],
    ) -> bool:
        if _provides(place.provided, field.name):
            return True
        if not self._is_own(place.graph, type_name, field):
            return False
        required = [
            selection
            for applied in find_all(field.directives, REQUIRES)
            if (selection := selection_of(applied)) is not None
        ]
        if not self.contexts.needed(place.graph, field) <= settings:
            return False
        if not required and not any(contextual(field)):
            return True
        return self._answers.ask(
            (place.graph, type_name, field.name, reached),
            False,  # noqa: FBT003 - the least of the two answers
            lambda: (
                self._can_enter(place, type_name, reached)
                and all(
                    self._is_resolvable(selection, type_name, reached) for selection in required
                )
            ),
        )

    def _can_enter(self, place: Place, type_name: str, reached: Places) -> bool:
        """What a field is given is handed in by `_entities`, so the type needs a key there.

        The object came from there, so that a key which is not resolvable does as well.
        """
        return type_name in _ROOTS or any(
            self._is_resolvable(selection, type_name, reached)
            for owner in self._views(place.graph, type_name)
            for key in find_all(owner.directives, KEY)
            if (selection := selection_of(key)) is not None
        )

    def _is_own(self, graph: str, type_name: str, field: Field) -> bool:
        owner = next(
            view
            for view in self._views(graph, type_name)
            if (view.fields or {}).get(field.name) is field
        )
        if self._merged.usages[graph].is_external(owner.name, field):
            return False
        return not self._is_taken_over(graph, owner.name, field)

    def _is_taken_over(self, graph: str, owner: str, field: Field) -> bool:
        if not self._labels_hold and any(
            applied.value("label") is not None for applied in find_all(field.directives, OVERRIDE)
        ):
            return True
        return (graph, owner, field.name) in self._taken_over

    @cached_property
    def _taken_over(self) -> frozenset[tuple[str, str, str]]:
        """Fields (subgraph, type, field) that another subgraph answers for."""
        return frozenset(
            (str(applied.value("from")), definition.name, field.name)
            for subgraph in self._subgraphs.values()
            for definition in subgraph.types.values()
            for field in (definition.fields or {}).values()
            for applied in find_all(field.directives, OVERRIDE)
            if applied.value("label") is None or self._labels_hold
        )

    def _fields(self, place: Place, type_name: str, name: str) -> Iterator[Field]:
        for owner in self._views(place.graph, type_name):
            field = (owner.fields or {}).get(name)
            if field is not None:
                yield field

    def _views(self, graph: str, type_name: str) -> tuple[TypeDefinition, ...]:
        """The type as a subgraph knows it: itself, or an interface object of its interfaces."""
        memo = (graph, type_name)
        if memo not in self._owners:
            self._owners[memo] = tuple(self._find_views(graph, type_name))
        return self._owners[memo]

    def _find_views(self, graph: str, type_name: str) -> Iterator[TypeDefinition]:
        types = self._subgraphs[graph].types
        if type_name in types:
            yield types[type_name]
        merged = self._merged.types.get(type_name)
        for interface in merged.interfaces if merged is not None else ():
            if interface in types and has(types[interface].directives, INTERFACE_OBJECT):
                yield types[interface]

    def _objects(self, graph: str, returned: str) -> Iterator[tuple[str, bool]]:
        definition = self._subgraphs[graph].types.get(returned)
        if definition is None:
            return
        if has(definition.directives, INTERFACE_OBJECT):
            yield from ((name, False) for name in self._possible.get(returned, ()))
        elif definition.kind is Kind.OBJECT:
            yield returned, True
        elif definition.kind is Kind.UNION:
            yield from ((name, True) for name in definition.members)
        elif definition.kind is Kind.INTERFACE:
            for entry in self._subgraphs[graph].types.values():
                if entry.kind is Kind.OBJECT and returned in entry.interfaces:
                    yield from self._implementation(entry)

    def _implementation(self, entry: TypeDefinition) -> Iterator[tuple[str, bool]]:
        if has(entry.directives, INTERFACE_OBJECT):
            yield from ((name, False) for name in self._possible.get(entry.name, ()))
        else:
            yield entry.name, True

    @cached_property
    def _possible(self) -> Mapping[str, list[str]]:
        possible: dict[str, list[str]] = {}
        for definition in self._merged.types.values():
            if definition.kind is Kind.OBJECT:
                for interface in definition.interfaces:
                    possible.setdefault(interface, []).append(definition.name)
            for member in definition.members:
                possible.setdefault(definition.name, []).append(member)
        return possible

    def _is_a(self, type_name: str, condition: str) -> bool:
        return type_name == condition or type_name in self._possible.get(condition, ())


def _by_graph(place: Place) -> str:
    return place.graph


def _holds(places: Places, place: Place) -> bool:
    return any(
        other.graph == place.graph and other.knows_type >= place.knows_type for other in places
    )


def _provides(provided: SelectionSetNode | None, name: str) -> bool:
    return any(node.name.value == name for node in _nodes(provided))


def _nodes(selection: SelectionSetNode | None) -> Iterator[FieldNode]:
    for node in selection.selections if selection is not None else ():
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _nodes(node.selection_set)


def _provided_below(place: Place, field: Field) -> SelectionSetNode | None:
    selections = [
        node.selection_set
        for node in _nodes(place.provided)
        if node.name.value == field.name and node.selection_set is not None
    ]
    for applied in find_all(field.directives, PROVIDES):
        selection = selection_of(applied)
        if selection is not None:
            selections.append(selection)
    if len(selections) < 2:
        return selections[0] if selections else None
    return SelectionSetNode(
        selections=tuple(node for entry in selections for node in entry.selections)
    )
