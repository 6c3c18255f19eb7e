"""From a document's text to an operation that can be planned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)

from federation.authorization import Requirements
from federation.bounded_cache import BoundedCache
from federation.coercion import Variables
from federation.deferral import Deferral
from federation.errors import OperationError, OperationTooComplexError, PlanningError
from federation.execution.executor import Executor
from federation.execution.incremental import IncrementalExecutor
from federation.introspection import Introspection
from federation.operation import Operation
from federation.overlapping_fields import overlapping_fields
from federation.plan import OperationKind
from federation.supergraph import Supergraph

__all__ = ["MAX_SELECTIONS", "OperationParser", "PlanKey", "PreparedOperation", "coded"]

MAX_SELECTIONS = 2_500
"""Fields, arguments and fragments of a document, unless the host says otherwise."""

_MAX_ERRORS = 20
_RULES = tuple(rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule)
"""All rules but the one whose work grows with the square of the document: it is done apart."""

_Executable = OperationDefinitionNode | FragmentDefinitionNode

_PLANS = 32
"""Plans kept for one operation."""


class PlanKey(NamedTuple):
    """What the plan of one operation depends on."""

    denied: frozenset[str]
    """Coordinates the caller may not read."""
    labels: frozenset[str]
    """Labels of progressive overrides that hold."""
    is_incremental: bool = False
    """Whether what is deferred is answered later."""


@dataclass(frozen=True, slots=True, eq=False)
class PreparedOperation:
    """A valid operation with everything that is known before a request brings its values."""

    operation: Operation
    requirements: Requirements
    introspection: Introspection
    variables: Variables
    deferral: Deferral | None = None
    """What may be answered later, where there is anything."""
    executors: BoundedCache[PlanKey, Executor | IncrementalExecutor | PlanningError] = field(
        default_factory=lambda: BoundedCache(_PLANS)
    )
    """The engine's own: what runs the operation, by what its plan depends on."""
    habits: set[Any] = field(default_factory=set)
    """The host's own: what it learns of the operation by executing it."""

    def plan_keys(self) -> list[PlanKey]:
        """What the plans that are kept were made for."""
        return [key for key, _ in self.executors.items()]

    @property
    def kind(self) -> OperationKind:
        """Query, mutation or subscription."""
        return self.operation.kind

    @property
    def is_mutation(self) -> bool:
        """Whether it changes something."""
        return self.operation.kind is OperationKind.MUTATION


class OperationParser:
    """Parses and validates documents against one supergraph's API schema."""

    def __init__(
        self, supergraph: Supergraph, *, max_tokens: int, max_selections: int = MAX_SELECTIONS
    ) -> None:
        """Parse for a supergraph.

        Args:
            supergraph: Whose API schema documents are valid against.
            max_tokens: Longest document accepted.
            max_selections: Most fields, arguments and fragments a document may hold, as written.
        """
        self._supergraph = supergraph
        self._max_tokens = max_tokens
        self._max_selections = max_selections

    def prepare(self, text: str, operation_name: str | None) -> PreparedOperation:
        """Parse, validate and choose the operation, and look it through.

        Raises:
            OperationError: The document is wrong.
            OperationTooComplexError: It is too large to be validated in reasonable time.
        """
        return self.ready(self.parse(text, operation_name))

    def parse(self, text: str, operation_name: str | None) -> Operation:
        """Parse, validate and choose the operation; raises as `prepare`."""
        document = self._parse(text)
        self._refuse_large(document)
        schema = self._supergraph.operation_schema
        mistakes = validate(schema, document, _RULES, max_errors=_MAX_ERRORS)
        mistakes = mistakes or overlapping_fields(schema, document)[:_MAX_ERRORS]
        mistakes = mistakes or list(_reserved_aliases(document))
        if mistakes:
            raise OperationError(coded(mistakes, "BAD_USER_INPUT"))
        return _choose(text, document, operation_name)

    def ready(self, operation: Operation) -> PreparedOperation:
        """A valid operation with what it requires of its caller.

        Raises `OperationTooComplexError`.
        """
        schema = self._supergraph.api_schema
        declared = operation.definition.variable_definitions or ()
        return PreparedOperation(
            operation,
            Requirements.gather(operation, schema, self._supergraph.requirements),
            Introspection(operation, schema),
            Variables(schema, declared, _MAX_ERRORS),
            Deferral.of(operation),
        )

    def _refuse_large(self, document: DocumentNode) -> None:
        """Validation reads all of these with all its rules: some 25 microseconds each."""
        waiting = [
            node.selection_set for node in document.definitions if isinstance(node, _Executable)
        ]
        found = 0
        while waiting:
            nodes = waiting.pop().selections
            found += len(nodes) + sum(len(getattr(node, "arguments", None) or ()) for node in nodes)
            inner = (getattr(node, "selection_set", None) for node in nodes)
            waiting.extend(selection for selection in inner if selection is not None)
        if found > self._max_selections:
            raise OperationTooComplexError(
                f"The operation is too complex: it is written with {found} fields, arguments and"
                f" fragments; {self._max_selections} are allowed."
            )

    def _parse(self, text: str) -> DocumentNode:
        try:
            return parse(text, max_tokens=self._max_tokens)
        except GraphQLError as error:
            raise OperationError(coded([error], "BAD_USER_INPUT")) from None


def coded(errors: Iterable[GraphQLError], code: str) -> list[GraphQLError]:
    """The same errors, each with its code."""
    answer = list(errors)
    for error in answer:
        error.extensions = {**(error.extensions or {}), "code": code}
    return answer


def _choose(text: str, document: DocumentNode, name: str | None) -> Operation:
    """GetOperation (specification section 6.1)."""
    definitions = document.definitions
    operations = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
    if name:
        chosen = [node for node in operations if node.name and node.name.value == name]
        mistake = f"The document has no operation named '{name}'."
    else:
        chosen = operations if len(operations) == 1 else []
        mistake = "The document has several operations: name the one to run."
    if not chosen:
        raise OperationError(coded([GraphQLError(mistake)], "BAD_USER_INPUT"))
    fragments = {
        node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)
    }
    return Operation(text, chosen[0], fragments)


def _reserved_aliases(document: DocumentNode) -> Iterable[GraphQLError]:
    """Objects of the data tree tell their type under `__typename`: no other field stands there."""
    aliases = _ReservedAliases()
    visit(document, aliases)
    return aliases.mistakes


class _ReservedAliases(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.mistakes: list[GraphQLError] = []

    def enter_field(self, node: FieldNode, *_context: object) -> None:
        is_alias = node.alias is not None and node.alias.value == "__typename"
        if is_alias and node.name.value != "__typename":
            self.mistakes.append(GraphQLError("The alias '__typename' is reserved.", node))
