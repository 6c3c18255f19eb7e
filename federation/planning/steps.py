"""Fetch steps under construction: what each asks of its subgraph, and which it waits for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from graphql import ArgumentNode

from federation.plan import (
    ContextValue,
    OperationKind,
    PathSegment,
    Rename,
    RequiredField,
    RequiredType,
)
from federation.planning.conditions import ALWAYS, Conditions

__all__ = ["Output", "OutputField", "Step", "merge_required"]


@dataclass(slots=True)
class OutputField:
    """One field a step selects."""

    key: str
    name: str
    arguments: tuple[ArgumentNode, ...]
    type: str
    """Its type in the step's subgraph, as text."""
    selection: Output | None = None
    alias: str | None = None
    """Internal response key, where `key` would clash with another field of the document."""


@dataclass(slots=True)
class Output:
    """A selection set that grows while fields find their places."""

    fields: dict[str, OutputField] = field(default_factory=dict)
    fragments: dict[tuple[str | None, Conditions], Output] = field(default_factory=dict)

    def put(self, asked: OutputField) -> OutputField:
        """Select a field, or find it selected already."""
        return self.fields.setdefault(asked.key, asked)

    def put_typename(self) -> None:
        """Select `__typename`."""
        self.put(OutputField("__typename", "__typename", (), "String!"))

    def fragment(self, condition: str | None, conditions: Conditions) -> Output:
        """The selection for objects of one type, or under conditions."""
        if condition is None and not conditions:
            return self
        return self.fragments.setdefault((condition, conditions), Output())

    def absorb(self, other: Output) -> None:
        """Select whatever another output selects."""
        for name, asked in other.fields.items():
            present = self.fields.get(name)
            if present is None:
                self.fields[name] = asked
            elif present.selection is not None and asked.selection is not None:
                present.selection.absorb(asked.selection)
        for at, fragment in other.fragments.items():
            self.fragments.setdefault(at, Output()).absorb(fragment)


@dataclass(slots=True, eq=False)
class Step:
    """One fetch in the making.

    Without `path` it starts at a root type; with a path and no `requires` it re-enters the query
    root for the objects there.
    """

    graph: str
    kind: OperationKind
    path: tuple[PathSegment, ...] = ()
    further: tuple[tuple[PathSegment, ...], ...] = ()
    """Other places at which the same is asked."""
    conditions: Conditions = ALWAYS
    order: int = 0
    """Place of a mutation's root fields, which run in series; their descendants share it."""
    output: Output = field(default_factory=Output)
    requires: tuple[RequiredType, ...] = ()
    parents: set[Step] = field(default_factory=set)
    renames: tuple[Rename, ...] = ()
    contexts: tuple[ContextValue, ...] = ()


def merge_required(
    first: Iterable[RequiredField | RequiredType], second: Iterable[RequiredField | RequiredType]
) -> tuple[RequiredField | RequiredType, ...]:
    """Both selections in one, equal fields once."""
    merged: dict[tuple[str, ...], RequiredField | RequiredType] = {}
    for entry in (*first, *second):
        at = _identity(entry)
        present = merged.get(at)
        if present is not None:
            selections = merge_required(present.selections, entry.selections)
            merged[at] = present._replace(selections=selections)
        else:
            merged[at] = entry
    return tuple(merged.values())


def _identity(entry: RequiredField | RequiredType) -> tuple[str, ...]:
    if isinstance(entry, RequiredField):
        return ("field", entry.name, entry.key)
    return ("type", entry.type_name, entry.represent_as or "")
