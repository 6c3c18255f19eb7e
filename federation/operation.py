"""A client's operation after parsing and validation: what planning and execution start from."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphql import (
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
    print_ast,
)

from federation.plan import OperationKind

__all__ = ["Grants", "Operation"]


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One valid operation of a document against the API schema."""

    text: str
    definition: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    kind: OperationKind = field(init=False)

    def __post_init__(self) -> None:
        """Every request asks for the kind."""
        object.__setattr__(self, "kind", OperationKind(self.definition.operation.value))

    @property
    def form(self) -> str:
        """The operation and the fragments it reaches, printed: equal however they were written."""
        reached = _reached(self.definition.selection_set, self.fragments)
        return "\n".join(map(print_ast, (self.definition, *reached)))

    @property
    def name(self) -> str | None:
        """Name of the operation; None when anonymous."""
        return self.definition.name.value if self.definition.name else None


@dataclass(frozen=True, slots=True)
class Grants:
    """What a caller brings to `@authenticated`, `@requiresScopes` and `@policy`.

    Both directives hold a list of sets of which one must be granted whole.
    """

    is_authenticated: bool = False
    scopes: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()
    holds_every_scope: bool = False
    holds_every_policy: bool = False

    def satisfies(
        self,
        *,
        authenticated: bool,
        scopes: tuple[tuple[frozenset[str], ...], ...],
        policies: tuple[tuple[frozenset[str], ...], ...],
    ) -> bool:
        """Whether every requirement holds; each tuple of sets is one directive, AND-ed."""
        if authenticated and not self.is_authenticated:
            return False
        if not self.holds_every_scope and not _all_hold(scopes, self.scopes):
            return False
        return self.holds_every_policy or _all_hold(policies, self.policies)


def _all_hold(required: tuple[tuple[frozenset[str], ...], ...], held: frozenset[str]) -> bool:
    return all(any(names <= held for names in anyof) for anyof in required)


def _reached(
    selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]
) -> list[FragmentDefinitionNode]:
    """Fragments in the order in which they are first spread."""
    found: dict[str, FragmentDefinitionNode] = {}
    waiting = [selections]
    while waiting:
        for node in waiting.pop().selections:
            inner = getattr(node, "selection_set", None)
            if isinstance(node, FragmentSpreadNode) and node.name.value not in found:
                fragment = fragments[node.name.value]
                found[node.name.value] = fragment
                inner = fragment.selection_set
            if inner is not None:
                waiting.append(inner)
    return list(found.values())
