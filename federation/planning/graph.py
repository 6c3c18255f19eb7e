"""Who resolves what: the composed types as each subgraph sees them.

A `Stand` is where a walk stands: at a type in a subgraph, after a number of fetches, perhaps with
fields that a parent's `@provides` promised. `Reach` (in `reach.py`) moves between stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from federation.join import CompositeType, ContextArgument, GraphField, JoinedField, Key, Kind
from federation.supergraph import Supergraph

__all__ = ["Graph", "Provided", "Requiring", "Stand", "Target"]


class Provided:
    """Fields promised by `@provides` for the objects of one field; compared by identity.

    Where only the promise makes the field known, nothing but the promised fields is
    (`is_exclusive`).
    """

    __slots__ = ("_below", "is_exclusive", "selections")

    def __init__(
        self, selections: tuple[SelectionSetNode, ...], *, is_exclusive: bool = False
    ) -> None:
        self.selections = selections
        self.is_exclusive = is_exclusive
        self._below: dict[tuple[str, str], Provided | None] = {}

    def below(self, name: str, stand: Stand, graph: Graph) -> Provided | None:
        """What is promised below a field of a stand; None when the field is not promised."""
        at = (name, stand.type_name)
        if at not in self._below:
            fields = list(_fields_named(name, self.selections, stand.type_name, graph))
            nested = tuple(field.selection_set for field in fields if field.selection_set)
            alone = self.is_exclusive or not graph.plain(stand.graph, stand.type_name, name)
            self._below[at] = Provided(nested, is_exclusive=alone) if fields else None
        return self._below[at]


class Stand(NamedTuple):
    """A place to select from."""

    graph: str
    type_name: str
    """The type as the subgraph sees it."""
    level: int
    """Fetches it takes to get there, the first one not counted."""
    provided: Provided | None = None


class Target(NamedTuple):
    """Where an entity of a type can be fetched."""

    graph: str
    type_name: str
    """The type as that subgraph sees it: the entity's own, or an interface object's."""
    keys: tuple[Key, ...]
    represent_as: str | None
    """`__typename` its representations carry; None for the entity's own."""


class Requiring(NamedTuple):
    """A subgraph that resolves a field only when given something.

    That is what it `@requires` of other subgraphs, or what arguments take from objects above.
    """

    target: Target
    requires: SelectionSetNode | None
    contexts: tuple[ContextArgument, ...] = ()
    only_returning: bool = False
    """It resolves no key, so that only objects which came from it can be taken there again."""


class Graph:
    """The planner's view of a supergraph: questions of one hop, answered once.

    `labels` are those of progressive overrides that hold: with its label the overriding subgraph
    resolves a field, without it the overridden one.
    """

    def __init__(self, supergraph: Supergraph, labels: frozenset[str] = frozenset()) -> None:
        self.supergraph = supergraph
        self._labels = labels
        self.types = supergraph.types
        self._plain: dict[tuple[str, str, str], GraphField | None] = {}
        self._promises: dict[tuple[SelectionSetNode | None, Provided | None], Provided] = {}
        self._possible: dict[tuple[str, str], frozenset[str]] = {}
        self._targets: dict[str, tuple[Target, ...]] = {}
        self._requiring: dict[tuple[str, str], tuple[Requiring, ...]] = {}
        self._resolvers: dict[tuple[str, str], frozenset[str]] = {}
        self._sets: dict[tuple[str, ContextArgument], bool] = {}

    def is_abstract(self, type_name: str) -> bool:
        """Whether a type is an interface or union."""
        return self.types[type_name].kind is not Kind.OBJECT

    def possible(self, type_name: str) -> frozenset[str]:
        """Object types a composed type stands for; an object type stands for itself."""
        return self.supergraph.possible.get(type_name, frozenset((type_name,)))

    def possible_in(self, graph: str, type_name: str) -> frozenset[str]:
        """The same as one subgraph knows it; empty for an interface object."""
        at = (graph, type_name)
        if at not in self._possible:
            self._possible[at] = frozenset(self._members(graph, self.types[type_name]))
        return self._possible[at]

    def is_interface_object(self, graph: str, type_name: str) -> bool:
        """Whether a subgraph knows an interface only as an object."""
        return graph in self.types[type_name].interface_objects

    def resolution(self, stand: Stand, name: str) -> GraphField | None:
        """How a field is resolved at a stand without leaving it; None when it is not."""
        if name == "__typename":
            hidden = self.is_interface_object(stand.graph, stand.type_name)
            return None if hidden else GraphField("String!", "String")
        provided = stand.provided
        if provided is None:
            return self.plain(stand.graph, stand.type_name, name)
        plain = None if provided.is_exclusive else self.plain(stand.graph, stand.type_name, name)
        return plain or self._promised(stand, provided, name)

    def provided_below(self, stand: Stand, name: str) -> Provided | None:
        """What `@provides` promises below a field of a stand."""
        below = stand.provided and stand.provided.below(name, stand, self)
        field = self.types[stand.type_name].fields.get(name)
        own = field.graphs.get(stand.graph) if field else None
        if own is None or own.provides is None:
            return below if below and below.selections else None
        at = (own.provides, below)
        if at not in self._promises:
            nested = below.selections if below else ()
            self._promises[at] = Provided((own.provides, *nested))
        return self._promises[at]

    def plain(self, graph: str, type_name: str, name: str) -> GraphField | None:
        """A field that a subgraph resolves with nothing required or promised."""
        at = (graph, type_name, name)
        if at not in self._plain:
            self._plain[at] = self._find_plain(*at)
        return self._plain[at]

    def targets(self, type_name: str) -> tuple[Target, ...]:
        """Where entities of a type can be fetched by key."""
        if type_name not in self._targets:
            self._targets[type_name] = tuple(self._find_targets(self.types[type_name]))
        return self._targets[type_name]

    def requiring(self, type_name: str, name: str) -> tuple[Requiring, ...]:
        """Subgraphs that resolve a field when given what it requires."""
        at = (type_name, name)
        if at not in self._requiring:
            self._requiring[at] = tuple(self._find_requiring(*at))
        return self._requiring[at]

    def resolvers(self, type_name: str, name: str) -> frozenset[str]:
        """Graphs that resolve a field, plainly or when given what it requires."""
        at = (type_name, name)
        if at not in self._resolvers:
            self._resolvers[at] = self._find_resolvers(*at)
        return self._resolvers[at]

    def narrowed(self, stand: Stand, type_name: str) -> Stand | None:
        """The stand for objects of one type only; None when the subgraph knows no such object."""
        if stand.type_name == type_name:
            return stand
        if type_name in self.possible_in(stand.graph, stand.type_name):
            return stand._replace(type_name=type_name)
        return None

    def sets(self, type_name: str, argument: ContextArgument) -> bool:
        """Whether objects of a type hold the value that an argument takes from its context."""
        at = (type_name, argument)
        if at not in self._sets:
            self._sets[at] = self._find_sets(*at)
        return self._sets[at]

    def field_type(self, type_name: str, name: str) -> str:
        """Named type of a field in the composed schema; "" for `__typename`."""
        return "" if name == "__typename" else self.types[type_name].fields[name].type_name

    def is_composite(self, type_name: str) -> bool:
        """Whether a type needs a selection."""
        return type_name in self.types

    def _find_sets(self, type_name: str, argument: ContextArgument) -> bool:
        setters = [
            entry.name for entry in self.types.values() if argument.context in entry.contexts
        ]
        if all(type_name not in self.possible(setter) for setter in setters):
            return False
        conditions = [
            node.type_condition.name.value
            for node in argument.selection.selections
            if isinstance(node, InlineFragmentNode) and node.type_condition
        ]
        return not conditions or any(type_name in self.possible(name) for name in conditions)

    def _find_resolvers(self, type_name: str, name: str) -> frozenset[str]:
        field = self.types[type_name].fields.get(name)
        owners = () if field is None else field.graphs
        own = {graph for graph in owners if self.plain(graph, type_name, name)}
        lent = {
            target.graph
            for target in self.targets(type_name)
            if target.type_name != type_name and self.plain(target.graph, target.type_name, name)
        }
        return frozenset(own | lent)

    def _members(self, graph: str, entry: CompositeType) -> Iterator[str]:
        if graph in entry.interface_objects:
            return
        if entry.kind is Kind.OBJECT:
            yield entry.name
        elif entry.kind is Kind.UNION:
            yield from entry.members.get(graph, ())
        else:
            for name in self.supergraph.possible[entry.name]:
                if entry.name in self.types[name].interfaces.get(graph, ()):
                    yield name

    def _find_plain(self, graph: str, type_name: str, name: str) -> GraphField | None:
        entry = self.types[type_name]
        field = entry.fields.get(name)
        own = field.graphs.get(graph) if field else None
        if field is None or own is None or own.requires is not None or own.contexts:
            return None
        if own.is_external or self._is_overridden(graph, field):
            return None
        if entry.kind is Kind.INTERFACE and not self.is_interface_object(graph, type_name):
            members = self.possible_in(graph, type_name)
            return own if all(self._has_plain(graph, member, name) for member in members) else None
        return own

    def _has_plain(self, graph: str, member: str, name: str) -> bool:
        """Whether a subgraph resolves an interface's field for a member plainly.

        Where the supergraph fails to say that the member has it, the interface says so.
        """
        field = self.types[member].fields.get(name)
        is_declared = field is not None and graph in field.graphs
        return not is_declared or self.plain(graph, member, name) is not None

    def _is_overridden(self, graph: str, field: JoinedField) -> bool:
        """Whether a labelled override, or its absence, gives a field to another subgraph."""
        own = field.graphs[graph].override
        if own is not None:
            return own.label not in self._labels
        name = self.supergraph.graphs[graph].name
        return any(
            other.override.source == name and other.override.label in self._labels
            for other in field.graphs.values()
            if other.override is not None
        )

    def _promised(self, stand: Stand, provided: Provided, name: str) -> GraphField | None:
        field = self.types[stand.type_name].fields.get(name)
        if field is None or provided.below(name, stand, self) is None:
            return None
        return field.graphs.get(stand.graph)

    def _find_targets(self, entry: CompositeType) -> Iterator[Target]:
        for target in self._keyed(entry):
            usable = tuple(key for key in target.keys if key.is_resolvable)
            if usable:
                yield target._replace(keys=usable)

    def _keyed(self, entry: CompositeType) -> Iterator[Target]:
        """Subgraphs in which a type has keys, resolvable or not."""
        for graph, keys in entry.keys.items():
            alias = entry.name if entry.kind is Kind.INTERFACE else None
            if keys:
                yield Target(graph, entry.name, keys, alias)
        for name in entry.interfaces.get("", ()):
            interface = self.types[name]
            for graph in interface.interface_objects:
                yield Target(graph, name, interface.keys[graph], name)

    def _find_requiring(self, type_name: str, name: str) -> Iterator[Requiring]:
        resolving = {target[:2]: target for target in self.targets(type_name)}
        for target in self._keyed(self.types[type_name]):
            field = self.types[target.type_name].fields.get(name)
            own = field.graphs.get(target.graph) if field else None
            if field is None or own is None or own.is_external:
                continue
            is_given = own.requires is not None or own.contexts
            if is_given and not self._is_overridden(target.graph, field):
                found = resolving.get(target[:2])
                yield Requiring(
                    found or target, own.requires, own.contexts, only_returning=found is None
                )


def _fields_named(
    name: str, selections: Iterable[SelectionSetNode], type_name: str, graph: Graph
) -> Iterator[FieldNode]:
    for selection in selections:
        for node in selection.selections:
            if isinstance(node, FieldNode):
                if node.name.value == name:
                    yield node
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else type_name
                if type_name in graph.possible(condition) or type_name == condition:
                    yield from _fields_named(name, (node.selection_set,), type_name, graph)
