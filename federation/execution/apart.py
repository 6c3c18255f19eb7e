"""One request for entities that are given different values: `_entities` once for each value.

Of a fetch that asks `_entities(representations: $representations) { … field(argument: $value) }`
it makes `_0: _entities(representations: $representations_0) { … field(argument: $value_0) }` and
so on, in one document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    print_ast,
    visit,
)

from federation.bounded_cache import BoundedCache
from federation.execution.representations import Batch
from federation.plan import Fetch
from federation.subgraph import SubgraphError, SubgraphResponse

__all__ = ["Apart", "Part", "batched"]

_TOGETHER = 25
"""Values in one request: subgraphs bound the size of documents and the number of aliases."""

_FORMS = 8
"""Documents remembered for one fetch: one for each number of values."""


class Part(NamedTuple):
    """Entities that are given equal values."""

    batch: Batch
    values: dict[str, Any]
    """By the names of the fetch's variables."""


def batched(parts: Sequence[Part]) -> Iterator[Sequence[Part]]:
    """The parts in as many requests as needed."""
    for start in range(0, len(parts), _TOGETHER):
        yield parts[start : start + _TOGETHER]


@dataclass(frozen=True, slots=True)
class _Request:
    """A fetch for some parts, and its variables besides the client's."""

    fetch: Fetch
    variables: Mapping[str, Any]
    aliases: Sequence[str]

    def split(self, response: SubgraphResponse) -> Iterator[SubgraphResponse]:
        """The response as each part would have got it alone."""
        if len(self.aliases) == 1:
            yield response
            return
        for alias in self.aliases:
            data = response.data
            own = {"_entities": data.get(alias)} if isinstance(data, dict) else data
            errors = tuple(_errors_of(alias, response.errors))
            yield response._replace(data=own, errors=errors)


def _errors_of(alias: str, errors: Sequence[SubgraphError]) -> Iterator[SubgraphError]:
    for error in errors:
        if not error.path:
            yield error
        elif error.path[0] == alias:
            yield error._replace(path=("_entities", *error.path[1:]))


class Apart:
    """Writes the requests of one fetch with values from above."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._own = (fetch.representations, *(value.variable for value in fetch.contexts))
        self._forms: BoundedCache[int, Fetch] = BoundedCache(_FORMS)

    def request(self, parts: Sequence[Part]) -> _Request:
        """One request for some parts."""
        if len(parts) == 1:
            return _Request(self._fetch, self._variables(parts[0]), ("_entities",))
        fetch = self._forms.get(len(parts))
        if fetch is None:
            fetch = self._written(len(parts))
            self._forms.put(len(parts), fetch)
        variables = {
            self._name(variable, number): value
            for number, part in enumerate(parts)
            for variable, value in self._variables(part).items()
        }
        return _Request(fetch, variables, [f"_{number}" for number in range(len(parts))])

    def _variables(self, part: Part) -> dict[str, Any]:
        return {self._fetch.representations: part.batch.representations, **part.values}

    def _name(self, variable: str, number: int) -> str:
        name = f"{variable}_{number}"
        while name in self._fetch.variables:
            name = f"_{name}"
        return name

    def _written(self, count: int) -> Fetch:
        (operation,) = self._fetch.document.definitions
        assert isinstance(operation, OperationDefinitionNode)  # noqa: S101 - as planning wrote it
        definitions = operation.variable_definitions or ()
        own = [node for node in definitions if node.variable.name.value in self._own]
        clients = [node for node in definitions if node.variable.name.value not in self._own]
        numbers = range(count)
        declared = (self._renamed(node, number) for number in numbers for node in own)
        fields = (self._field(operation, number) for number in numbers)
        document = DocumentNode(
            definitions=(
                replace(
                    operation,
                    variable_definitions=(*clients, *declared),
                    selection_set=SelectionSetNode(selections=tuple(fields)),
                ),
            )
        )
        return replace(self._fetch, operation=print_ast(document), document=document)

    def _renamed(self, node: VariableDefinitionNode, number: int) -> VariableDefinitionNode:
        renamed: VariableDefinitionNode = visit(node, _Renaming(self, number))
        return renamed

    def _field(self, operation: OperationDefinitionNode, number: int) -> FieldNode:
        (entities,) = operation.selection_set.selections
        field: FieldNode = visit(entities, _Renaming(self, number))
        return replace(field, alias=NameNode(value=f"_{number}"))

    def renamed(self, node: VariableNode, number: int) -> VariableNode | None:
        """A variable of the fetch's own under the name it has for one part; None: not one."""
        name = node.name.value
        if name not in self._own:
            return None
        return VariableNode(name=NameNode(value=self._name(name, number)))


class _Renaming(Visitor):
    """Gives the fetch's own variables the names they have for one part."""

    def __init__(self, apart: Apart, number: int) -> None:
        super().__init__()
        self._apart = apart
        self._number = number

    def enter_variable(self, node: VariableNode, *_context: object) -> VariableNode | None:
        return self._apart.renamed(node, self._number)
