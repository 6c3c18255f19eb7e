"""What all object types of an interface are asked alike is asked of the interface.

Selections on abstract types are taken apart into object types while an operation is planned, since
only these are the same in every subgraph. `... on Book { title } ... on Film { title }` becomes
`title` again where the subgraph knows no other object types there and the interface has the field.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from graphql import GraphQLInterfaceType, OperationType, parse_type

from federation.join import Kind, named_type
from federation.planning.conditions import Conditions
from federation.planning.graph import Graph
from federation.planning.steps import Output, OutputField, Step

__all__ = ["fold_fragments"]


class _Fold(NamedTuple):
    """An interface, and the object types that stand for it where it is asked for."""

    interface: str
    members: frozenset[str]


def fold_fragments(steps: list[Step], graph: Graph) -> list[Step]:
    """Move what the object types of interfaces are asked alike to the interfaces."""
    folding = _Folding(graph)
    for step in steps:
        for type_name, output in _outputs(step, graph):
            folding.fold(step.graph, type_name, output)
    return steps


def _outputs(step: Step, graph: Graph) -> Iterator[tuple[str, Output]]:
    if step.requires:
        for (condition, _), output in step.output.fragments.items():
            assert condition is not None  # noqa: S101 - entities are asked for by their type
            yield condition, output
    else:
        yield graph.supergraph.roots[OperationType(step.kind.value)], step.output


class _Folding:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._folds: dict[tuple[str, str], Sequence[_Fold]] = {}

    def fold(self, graph: str, type_name: str, output: Output) -> None:
        """Fold an output on a type, from the inside out."""
        for asked in output.fields.values():
            if asked.selection is not None:
                self.fold(graph, named_type(parse_type(asked.type)), asked.selection)
        for (condition, _), fragment in output.fragments.items():
            self.fold(graph, condition or type_name, fragment)
        if type_name in self._graph.types and len(output.fragments) > 1:
            for fold in self._folds_at(graph, type_name):
                for conditions in {conditions for _, conditions in output.fragments}:
                    self._fold_into(graph, type_name, output, fold, conditions)

    def _folds_at(self, graph: str, type_name: str) -> Sequence[_Fold]:
        """Interfaces that several object types stand for, the type itself or the widest first."""
        at = (graph, type_name)
        if at not in self._folds:
            here = self._graph.possible_in(graph, type_name)
            found = [
                _Fold(entry.name, here & self._graph.possible_in(graph, entry.name))
                for entry in self._graph.types.values()
                if entry.kind is Kind.INTERFACE
                and graph in entry.keys
                and graph not in entry.interface_objects
            ]
            found = [fold for fold in found if len(fold.members) > 1]
            found.sort(
                key=lambda fold: (
                    fold.interface != type_name,
                    -len(fold.members),
                    fold.interface,
                )
            )
            self._folds[at] = found
        return self._folds[at]

    def _fold_into(
        self, graph: str, type_name: str, output: Output, fold: _Fold, conditions: Conditions
    ) -> None:
        found = [output.fragments.get((member, conditions)) for member in sorted(fold.members)]
        parts = [part for part in found if part is not None]
        if len(parts) < len(found):
            return
        if fold.interface == type_name:
            self._move(graph, fold.interface, parts, output.fragment(None, conditions))
            return
        alone = frozenset(key for key in parts[0].fields if _is_alone(output, key, len(parts)))
        if alone:
            into = output.fragment(fold.interface, conditions)
            self._move_fields(graph, fold.interface, parts, into, alone)

    def _move(self, graph: str, interface: str, parts: Sequence[Output], into: Output) -> None:
        """Move what is the same in all parts, also what all ask under the same conditions."""
        self._move_fields(graph, interface, parts, into, frozenset(parts[0].fields))
        for at in list(parts[0].fragments):
            inner = [part.fragments[at] for part in parts if at in part.fragments]
            if at[0] is None and len(inner) == len(parts):
                self._move(graph, interface, inner, into.fragment(*at))

    def _move_fields(
        self,
        graph: str,
        interface: str,
        parts: Sequence[Output],
        into: Output,
        keys: frozenset[str],
    ) -> None:
        first, *others = parts
        for key in [key for key in first.fields if key in keys]:
            asked = first.fields[key]
            on = self._on_interface(graph, interface, asked)
            is_same = all(other.fields.get(key) == asked for other in others)
            if on is not None and is_same:
                _take(into, on)
                for part in parts:
                    del part.fields[key]

    def _on_interface(self, graph: str, interface: str, asked: OutputField) -> OutputField | None:
        """The field as the interface has it in a subgraph; None where it has none like it."""
        if asked.name == "__typename":
            return asked
        field = self._graph.types[interface].fields.get(asked.name)
        own = None if field is None else field.graphs.get(graph)
        if own is None or own.is_external:
            return None
        is_alike = own.type_name == named_type(parse_type(asked.type))
        is_alike = is_alike and self._takes(interface, asked)
        return replace(asked, type=own.type) if is_alike else None

    def _takes(self, interface: str, asked: OutputField) -> bool:
        """Whether the interface's field takes the arguments too: object types may take more."""
        if not asked.arguments:
            return True
        type_ = self._graph.supergraph.api_schema.type_map.get(interface)
        field = type_.fields.get(asked.name) if isinstance(type_, GraphQLInterfaceType) else None
        taken = () if field is None else field.args
        return all(argument.name.value in taken for argument in asked.arguments)


def _is_alone(output: Output, key: str, parts: int) -> bool:
    """Whether a leaf's key stands in these parts only, so that nothing beside can clash with it."""
    places = [*output.fields, *(name for part in output.fragments.values() for name in _keys(part))]
    leaves = [
        part.fields[key].selection is None
        for part in output.fragments.values()
        if key in part.fields
    ]
    return places.count(key) == parts == len(leaves) and all(leaves)


def _keys(output: Output) -> Iterator[str]:
    """Response keys of an output, those in its fragments too."""
    yield from output.fields
    for fragment in output.fragments.values():
        yield from _keys(fragment)


def _take(into: Output, asked: OutputField) -> None:
    """Select a field, which may be selected already: one key means one field at one place."""
    present = into.put(asked)
    if present is not asked and present.selection is not None and asked.selection is not None:
        present.selection.absorb(asked.selection)
