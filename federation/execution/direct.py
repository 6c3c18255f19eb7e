"""Operations that one host answers at once, without a plan.

Subgraphs in this process may share a host that can answer for all of them: one database, say, that
writes a root field's whole value. Where every field of a query is among theirs, that host is asked
before the plan is run. It answers all or nothing: whatever it is not sure of, errors before all, is
left to the plan.

The host attaches a function to the root field of a subgraph's schema, under `extensions`:

    direct      prepare(wanted) -> bind, or None for what it cannot answer;
                bind(arguments) -> answer; answer(context) -> `Written`, or None for this time

`wanted` is as in `federation.compiled.declared`. What no such function answers is executed over the
schemas together, if they can be; see `spanning`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLSchema,
    OperationType,
    VariableDefinitionNode,
    get_argument_values,
)

from federation.coercion import Variables
from federation.compiled.compile import Details
from federation.compiled.declared import Wanted
from federation.compiled.sources import fixed_arguments, variables_in
from federation.execution.owners import Owners, Unspanned
from federation.execution.selections import Selections
from federation.execution.sharing import places_of
from federation.execution.spanning import TYPE_NAME, SpanningCompiler, details_of
from federation.execution.together import Together
from federation.operation import Operation
from federation.plan import PlanNode
from federation.supergraph import Supergraph
from federation.written import Written

__all__ = ["DirectAnswer", "DirectAnswers"]

Answer: TypeAlias = Callable[[Any], Awaitable[Written | str | None]]
Bind: TypeAlias = Callable[[Mapping[str, Any]], Answer]
Bound: TypeAlias = Callable[[Mapping[str, Any]], Answer]
"""The answer for values of the variables. Raises for arguments that are refused."""

_DIRECT = "direct"
_MOST = 200
"""Fields of an operation that is written at once: longer statements are not kept prepared."""


class DirectAnswer(Protocol):
    """An operation's data without its plan."""

    async def data(self, variables: Mapping[str, Any], context: Any) -> dict[str, Any] | None:
        """The whole data of a response; None where the plan must be run this time."""


class DirectAnswers:
    """What the subgraphs of one host answer directly."""

    def __init__(self, supergraph: Supergraph, schemas: Mapping[str, GraphQLSchema]) -> None:
        """Take the schemas of the subgraphs in this process, by their names."""
        self._owners = Owners(supergraph, schemas)

    def prepare(
        self, operation: Operation, node: PlanNode | None, selections: Selections
    ) -> DirectAnswer | None:
        """How an operation is answered; None where it takes its plan.

        Args:
            operation: What the client asked for; nothing of it is denied.
            node: Its plan: who answers what, where one may take over from another.
            selections: What it selects, where conditions have known values.
        """
        if operation.definition.operation is not OperationType.QUERY or not self._is_ours(node):
            return None
        query = self._owners.supergraph.api_schema.query_type
        assert query is not None  # noqa: S101 - the operation is valid
        grouped = details_of(selections.fields(query, [operation.definition.selection_set]))
        compiler = SpanningCompiler(self._owners, operation, selections)
        declared = operation.definition.variable_definitions or ()
        try:
            parts: list[_Part] = []
            for key, details in grouped.items():
                bound = self._bound(compiler, query.name, key, details, declared)
                if bound is not None:
                    parts.append(_Part(key, bound))
            if len(parts) == len(grouped):
                return _Parts(parts)
            return Together(compiler.query(query, grouped), compiler.variables())
        except Unspanned:
            return None

    def _is_ours(self, node: PlanNode | None) -> bool:
        fetches = [fetch for fetch, _ in places_of(node)]
        return bool(fetches) and all(fetch.subgraph in self._owners.schemas for fetch in fetches)

    def _bound(
        self,
        compiler: SpanningCompiler,
        type_name: str,
        key: str,
        details: Details,
        declared: Sequence[VariableDefinitionNode],
    ) -> Bound | None:
        """How a root field is written at once, by whoever answers most of it and is able to."""
        node = details[0].node
        if node.name.value == TYPE_NAME:
            return _constant(type_name)
        for root in compiler.roots(node.name.value, details):
            wanted = compiler.wanted(root, details, key)
            prepare = (root.field.extensions or {}).get(_DIRECT)
            bind = prepare(wanted) if prepare and _size(wanted, _MOST) <= _MOST else None
            if bind is not None:
                schema = self._owners.schemas[self._owners.graph_of(root.type)]
                return _Arguments(schema, root.field, node, declared).bound(bind)
        return None


def _size(wanted: Wanted, most: int) -> int:
    """How many fields are asked for; counted up to a few more than so many."""
    size = 0
    for asked in wanted.fields:
        size += 1 + _size(asked.wanted, most - size)
        if size > most:
            break
    return size


class _Parts:
    """One operation's data, a root field at a time."""

    def __init__(self, parts: Sequence[_Part]) -> None:
        self._parts = parts

    async def data(self, variables: Mapping[str, Any], context: Any) -> dict[str, Any] | None:
        """The whole data of a response; None where the plan must be run this time."""
        answers = [part.value(variables, context) for part in self._parts]
        # PERF: bench.list; one root field, as most operations have, needs no task.
        values = [await answers[0]] if len(answers) == 1 else await asyncio.gather(*answers)
        if None in values:
            return None
        return {part.key: value for part, value in zip(self._parts, values, strict=True)}


class _Part(NamedTuple):
    """One root field."""

    key: str
    bound: Bound

    async def value(self, variables: Mapping[str, Any], context: Any) -> Written | str | None:
        """Its value; None where the plan must tell."""
        try:
            return await self.bound(variables)(context)
        except Exception:  # noqa: BLE001 - whatever is wrong, the plan says it better
            return None


class _Arguments:
    """The arguments of a root field, as its own schema reads them."""

    def __init__(
        self,
        schema: GraphQLSchema,
        field: GraphQLField,
        node: FieldNode,
        declared: Sequence[VariableDefinitionNode],
    ) -> None:
        names = variables_in(node)
        mine = [each for each in declared if each.variable.name.value in names]
        self._field = field
        self._node = node
        self._variables = Variables(schema, mine, 1)
        self._fixed = fixed_arguments(field, node)

    def bound(self, bind: Bind) -> Bound:
        """The answer for values of the variables: the same for all where there are none."""
        variables, fixed = self._variables, self._fixed
        if fixed is not None:
            return _remembering(lambda: bind(fixed))

        def answer_for(given: Mapping[str, Any]) -> Answer:
            values = variables.coerce(given)
            if isinstance(values, list):
                raise values[0]
            return bind(get_argument_values(self._field, self._node, values))

        return answer_for


def _remembering(made: Callable[[], Answer]) -> Bound:
    """The same answer for all, made by the first to ask: it may be refused."""
    known: list[Answer] = []

    def bound(_given: Mapping[str, Any]) -> Answer:
        if not known:
            known.append(made())
        return known[0]

    return bound


def _constant(value: str) -> Bound:
    async def answer(_context: Any) -> str:
        return value

    return lambda _variables: answer
