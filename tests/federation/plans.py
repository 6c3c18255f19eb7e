"""Plans written by hand, and subgraphs that answer from a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    OperationDefinitionNode,
    build_schema,
    is_abstract_type,
    parse,
)

from federation.execution.executor import Executor
from federation.execution.response import Response
from federation.operation import Operation
from federation.plan import (
    Fetch,
    Flatten,
    OperationKind,
    PathSegment,
    PlanNode,
    QueryPlan,
    Rename,
    RequiredField,
    RequiredType,
)
from federation.subgraph import Subgraph, SubgraphError, SubgraphRequest, SubgraphResponse

Answer = Callable[[SubgraphRequest], SubgraphResponse]


class ScriptedSubgraph:
    """Answers by a function and remembers what it was asked."""

    def __init__(self, name: str, answer: Answer) -> None:
        self.name = name
        self.requests: list[SubgraphRequest] = []
        self.is_closed = False
        self._answer = answer

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        self.requests.append(request)
        return self._answer(request)

    async def aclose(self) -> None:
        self.is_closed = True


def answering(name: str, data: dict[str, Any] | None, *errors: SubgraphError) -> ScriptedSubgraph:
    return ScriptedSubgraph(name, lambda _request: SubgraphResponse(data, errors))


def entities_by(name: str, key: str, rows: Mapping[str, Any]) -> ScriptedSubgraph:
    """Answers `_entities` from rows found by one key field."""

    def answer(request: SubgraphRequest) -> SubgraphResponse:
        found = [rows.get(item[key]) for item in request.variables["representations"]]
        return SubgraphResponse({"_entities": found})

    return ScriptedSubgraph(name, answer)


def fetch(
    subgraph: str,
    text: str,
    *requires: RequiredType,
    variables: tuple[str, ...] = (),
    renames: tuple[Rename, ...] = (),
) -> Fetch:
    return Fetch(subgraph, OperationKind.QUERY, text, parse(text), variables, requires, renames)


def entity_fetch(subgraph: str, type_name: str, selection: str, *keys: str) -> Fetch:
    text = (
        "query($representations: [_Any!]!) { _entities(representations: $representations) "
        f"{{ ... on {type_name} {{ {selection} }} }} }}"
    )
    fields = tuple(RequiredField(key, key) for key in keys or ("id",))
    return fetch(subgraph, text, RequiredType(type_name, fields))


def at(path: str, node: Fetch) -> Flatten:
    """A flatten node; segments are separated by dots, types follow in brackets: `pets[Cat|Dog]`."""
    return Flatten(tuple(_segment(part) for part in path.split(".")), node)


def _segment(part: str) -> PathSegment:
    key, _, types = part.partition("[")
    return PathSegment(key, frozenset(types.rstrip("]").split("|")) if types else None)


def operation(text: str) -> Operation:
    definitions = parse(text).definitions
    [definition] = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {
        node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)
    }
    return Operation(text, definition, fragments)


async def run(
    schema: str,
    query: str,
    plan: PlanNode | None,
    *subgraphs: Subgraph,
    variables: Mapping[str, Any] | None = None,
    denied: frozenset[str] = frozenset(),
    is_authenticated: bool = True,
) -> Response:
    """Run a plan for a query on a schema."""
    built = build_schema(schema)
    possible = {
        type_.name: frozenset(entry.name for entry in built.get_possible_types(type_))
        for type_ in built.type_map.values()
        if is_abstract_type(type_)
    }
    executor = Executor(
        operation(query), QueryPlan(OperationKind.QUERY, plan), built, possible, denied=denied
    )
    return await executor.execute(
        variables or {},
        {subgraph.name: subgraph for subgraph in subgraphs},
        context=None,
        is_authenticated=is_authenticated,
    )


async def shape(schema: str, query: str, data: dict[str, Any], **options: Any) -> Response:
    """The response to a query for which one subgraph answered exactly this."""
    root = fetch("only", "{ " + " ".join(data) + " }")
    return await run(schema, query, root, answering("only", data), **options)
