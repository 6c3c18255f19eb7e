"""Query plans: the values that planning produces and execution walks.

A plan is a tree of nodes in the form known from Apollo's and Hive's routers, so that whoever has
read one query plan can read ours. `Sequence` and `Parallel` order fetches, `Flatten` applies an
entity fetch at every place a path leads to, `Condition` decides by a variable.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from graphql import DocumentNode

__all__ = [
    "Condition",
    "ContextSource",
    "ContextValue",
    "Defer",
    "Deferred",
    "Fetch",
    "Flatten",
    "OperationKind",
    "Parallel",
    "PathSegment",
    "PlanNode",
    "QueryPlan",
    "Rename",
    "RequiredField",
    "RequiredType",
    "Sequence",
    "Subscription",
]


class OperationKind(StrEnum):
    """Kinds of operation (specification section 2.3)."""

    QUERY = "query"
    MUTATION = "mutation"
    SUBSCRIPTION = "subscription"


class PathSegment(NamedTuple):
    """One step of the path from the root of the response to the objects a fetch concerns.

    Lists are walked through without a segment of their own: at every segment a list, however deep,
    stands for all its items.
    """

    key: str
    """Response key in the data tree (an internal alias where the plan made one)."""
    types: frozenset[str] | None = None
    """Only objects whose runtime type is one of these are entered; None enters all."""


class RequiredField(NamedTuple):
    """One field of a representation sent to `_entities`."""

    name: str
    """Name of the field in the representation."""
    key: str
    """Response key under which the data tree holds it; differs from `name` under an alias."""
    selections: tuple[RequiredField | RequiredType, ...] = ()
    """What to take of a composite value; empty for leaves."""


class RequiredType(NamedTuple):
    """What a representation of one object type holds (or, nested, a type condition)."""

    type_name: str
    """Type condition: the runtime object type, or an abstract type it belongs to."""
    selections: tuple[RequiredField | RequiredType, ...]
    represent_as: str | None = None
    """`__typename` to send instead of the object's own, for interface objects; None keeps it."""


class ContextSource(NamedTuple):
    """An object above those of an entity fetch, of which a value is taken."""

    depth: int
    """Segments of the fetch's path that lead to it."""
    types: frozenset[str] | None
    """Object types that have the value; None: whatever is there has it."""
    selections: tuple[RequiredField | RequiredType, ...]
    """What to take: one value, however deep."""


class ContextValue(NamedTuple):
    """A variable of an entity fetch that differs between the objects of its path."""

    variable: str
    type: str
    """Its type in the subgraph, as text."""
    sources: tuple[ContextSource, ...]
    """Where to look, the nearest object first."""


class Rename(NamedTuple):
    """Puts the client's response key back where a fetch had to use an internal alias.

    Applied to the fetched data before it is merged, at every object `path` leads to.
    """

    path: tuple[PathSegment, ...]
    types: frozenset[str] | None
    alias: str
    key: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request to one subgraph.

    With `requires` it is an entity fetch: the document takes the variable that `representations`
    names and selects `_entities(representations: …)` with it.
    """

    subgraph: str
    kind: OperationKind
    operation: str
    """The document as text, one operation."""
    document: DocumentNode = field(compare=False, repr=False)
    """The same document parsed, so that an in-process subgraph need not parse it again."""
    variables: tuple[str, ...] = ()
    """Names of the client's variables the document uses."""
    requires: tuple[RequiredType, ...] = ()
    renames: tuple[Rename, ...] = ()
    representations: str = "representations"
    """Name of the variable for representations; another one where the client has taken it."""
    contexts: tuple[ContextValue, ...] = ()
    """Further variables, by whose values the objects are fetched apart."""


@dataclass(frozen=True, slots=True)
class Flatten:
    """Runs an entity fetch for the objects at its paths and merges each result where it came from.

    A fetch without `requires` under a path is a re-entry at the query root: its data is merged
    into every object at the path.
    """

    path: tuple[PathSegment, ...]
    node: Fetch
    further: tuple[tuple[PathSegment, ...], ...] = ()
    """Paths to other objects that the same is asked about, in the same request."""

    @property
    def paths(self) -> tuple[tuple[PathSegment, ...], ...]:
        """Every path."""
        return (self.path, *self.further)


@dataclass(frozen=True, slots=True)
class Sequence:
    """Nodes run one after the other."""

    nodes: tuple[PlanNode, ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    """Nodes run at the same time."""

    nodes: tuple[PlanNode, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """Runs one of two nodes, by the Boolean value of a variable."""

    variable: str
    if_true: PlanNode | None = None
    if_false: PlanNode | None = None


PlanNode: TypeAlias = Fetch | Flatten | Sequence | Parallel | Condition


@dataclass(frozen=True, slots=True)
class Subscription:
    """Asks one subgraph for events, and completes each with a plan of its own."""

    primary: Fetch
    """The trigger: its subgraph answers it once for every event."""
    rest: PlanNode | None = None
    """What an event lacks; None when the trigger answers everything."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """What is fetched for deferred fragments, after the first payload."""

    numbers: frozenset[int]
    """Numbers of the `@defer`s it stands under, in order of the document; those around others
    included."""
    node: PlanNode
    label: str | None = None
    """Label of the innermost."""


@dataclass(frozen=True, slots=True)
class Defer:
    """What the first payload needs, and what may come later."""

    primary: PlanNode | None
    deferred: tuple[Deferred, ...]


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """How one operation is answered; `node` is None when no subgraph is needed."""

    kind: OperationKind
    node: PlanNode | Subscription | Defer | None
