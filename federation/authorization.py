"""Which coordinates an operation can reach, and which of them a caller may not read.

What can be reached is gathered once an operation. For a request only the caller's grants are
compared, before any subgraph is asked.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphql import (
    GraphQLCompositeType,
    GraphQLObjectType,
    GraphQLSchema,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from federation.bounded_cache import BoundedCache
from federation.errors import OperationTooComplexError
from federation.execution.collect import collect_fields, selection_sets
from federation.operation import Grants, Operation
from federation.supergraph import AccessRule

__all__ = ["Requirements"]

_BUDGET = 20_000
"""Pairs of an object type and a selection looked at for one operation."""

_GRANTS_KEPT = 64
"""Callers' grants remembered for one operation with what they deny."""


class Requirements:
    """The access rules of everything one operation can reach."""

    __slots__ = ("_coordinates", "_denied")

    def __init__(self, coordinates: Mapping[AccessRule, frozenset[str]]) -> None:
        self._coordinates = coordinates
        self._denied: BoundedCache[Grants, frozenset[str]] = BoundedCache(_GRANTS_KEPT)

    @classmethod
    def gather(
        cls, operation: Operation, schema: GraphQLSchema, rules: Mapping[str, AccessRule]
    ) -> Requirements:
        """Walk the operation through every object type each of its fields may answer with.

        Fields under a condition that a variable decides count as reached. `rules` are by concrete
        coordinate. Raises `OperationTooComplexError` when there are too many combinations.
        """
        found: dict[AccessRule, set[str]] = {}
        if rules:
            for coordinate in _Reach(operation, schema).coordinates():
                rule = rules.get(coordinate)
                if rule is not None:
                    found.setdefault(rule, set()).add(coordinate)
        return cls({rule: frozenset(names) for rule, names in found.items()})

    @property
    def coordinates(self) -> frozenset[str]:
        """Every coordinate that has a rule."""
        return frozenset().union(*self._coordinates.values())

    def denied(self, grants: Grants) -> frozenset[str]:
        """Coordinates whose rules the grants do not satisfy."""
        denied = self._denied.get(grants)
        if denied is None:
            denied = self._compared(grants)
            self._denied.put(grants, denied)
        return denied

    def _compared(self, grants: Grants) -> frozenset[str]:
        refused = [
            names
            for rule, names in self._coordinates.items()
            if not grants.satisfies(
                authenticated=rule.authenticated, scopes=rule.scopes, policies=rule.policies
            )
        ]
        return frozenset().union(*refused)


_Visit = tuple[GraphQLObjectType, tuple[SelectionSetNode, ...]]


class _Reach:
    """The concrete coordinates of one operation."""

    def __init__(self, operation: Operation, schema: GraphQLSchema) -> None:
        self._operation = operation
        self._schema = schema
        self._seen: set[tuple[str, tuple[int, ...]]] = set()
        self._waiting: list[_Visit] = []

    def coordinates(self) -> set[str]:
        definition = self._operation.definition
        root = self._schema.get_root_type(definition.operation)
        found: set[str] = set()
        if root is not None:
            self._enter(root, (definition.selection_set,))
        while self._waiting:
            found.update(self._visit(*self._waiting.pop()))
        return found

    def _visit(self, type_: GraphQLObjectType, sets: tuple[SelectionSetNode, ...]) -> set[str]:
        found: set[str] = set()
        fields = collect_fields(
            sets, self._operation.fragments, lambda name: self._applies(name, type_), {}
        )
        for nodes in fields.values():
            field = type_.fields.get(nodes[0].name.value)
            if field is None:  # introspection fields belong to no type
                continue
            found.add(f"{type_.name}.{nodes[0].name.value}")
            answer = get_named_type(field.type)
            if is_composite_type(answer):
                self._enter(answer, selection_sets(nodes))
        return found

    def _enter(self, type_: GraphQLCompositeType, sets: tuple[SelectionSetNode, ...]) -> None:
        identity = tuple(id(selection_set) for selection_set in sets)
        for possible in self._possible(type_):
            visit = (possible.name, identity)
            if visit in self._seen:
                continue
            self._seen.add(visit)
            self._waiting.append((possible, sets))
        if len(self._seen) > _BUDGET:
            raise OperationTooComplexError("The operation reaches too many combinations of types.")

    def _possible(self, type_: GraphQLCompositeType) -> list[GraphQLObjectType]:
        if isinstance(type_, GraphQLObjectType):
            return [type_]
        return list(self._schema.get_possible_types(type_))

    def _applies(self, condition: str, type_: GraphQLObjectType) -> bool:
        if condition == type_.name:
            return True
        abstract = self._schema.get_type(condition)
        return is_abstract_type(abstract) and self._schema.is_sub_type(abstract, type_)
