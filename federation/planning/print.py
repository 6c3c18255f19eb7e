"""Query plans as text, in the form known from Apollo's and Hive's routers, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from graphql import OperationDefinitionNode, print_ast

from federation.plan import (
    Condition,
    ContextValue,
    Defer,
    Fetch,
    Flatten,
    Parallel,
    PathSegment,
    PlanNode,
    QueryPlan,
    RequiredField,
    RequiredType,
    Subscription,
)
from federation.plan import Sequence as InSequence

__all__ = ["plan_to_json", "print_plan"]


def print_plan(plan: QueryPlan) -> str:
    """A plan as indented text."""
    lines = [] if plan.node is None else list(_root_lines(plan.node))
    return "\n".join(["QueryPlan {", *_indented(lines), "}"]) + "\n"


def plan_to_json(plan: QueryPlan) -> dict[str, Any]:
    """A plan as JSON values."""
    return {
        "kind": "QueryPlan",
        "operationKind": plan.kind.value,
        "node": None if plan.node is None else _root_json(plan.node),
    }


def _root_lines(node: PlanNode | Subscription | Defer) -> Iterator[str]:
    if isinstance(node, Defer):
        yield from _block("Defer", _defer_lines(node))
        return
    if not isinstance(node, Subscription):
        yield from _lines(node)
        return
    parts = list(_block("Primary:", _lines(node.primary)))
    if node.rest is not None:
        parts.extend(_block("Rest:", _lines(node.rest)))
    yield from _block("Subscription", parts)


def _defer_lines(node: Defer) -> Iterator[str]:
    yield from _block("Primary:", [] if node.primary is None else _lines(node.primary))
    for part in node.deferred:
        numbers = ", ".join(map(str, sorted(part.numbers)))
        label = "" if part.label is None else f', label: "{part.label}"'
        yield from _block(f"Deferred(defer: [{numbers}]{label})", _lines(part.node))


def _root_json(node: PlanNode | Subscription | Defer) -> dict[str, Any]:
    if isinstance(node, Defer):
        return {
            "kind": "Defer",
            "primary": None if node.primary is None else _json(node.primary),
            "deferred": [
                {
                    "defer": sorted(part.numbers),
                    "label": part.label,
                    "node": _json(part.node),
                }
                for part in node.deferred
            ],
        }
    if not isinstance(node, Subscription):
        return _json(node)
    return {
        "kind": "Subscription",
        "primary": _json(node.primary),
        "rest": None if node.rest is None else _json(node.rest),
    }


def _lines(node: PlanNode) -> Iterator[str]:
    if isinstance(node, Fetch):
        yield from _fetch_lines(node)
    elif isinstance(node, Flatten):
        paths = ", ".join(f'path: "{_path(path)}"' for path in node.paths)
        yield from _block(f"Flatten({paths})", _fetch_lines(node.node, node.path))
    elif isinstance(node, Condition):
        yield from _condition_lines(node)
    else:
        inner = [line for child in node.nodes for line in _lines(child)]
        yield from _block(type(node).__name__, inner)


def _condition_lines(node: Condition) -> Iterator[str]:
    if node.if_true is not None:
        yield from _block(f"Include(if: ${node.variable})", _lines(node.if_true))
    if node.if_false is not None:
        yield from _block(f"Skip(if: ${node.variable})", _lines(node.if_false))


def _fetch_lines(fetch: Fetch, path: Sequence[PathSegment] = ()) -> Iterator[str]:
    (operation,) = fetch.document.definitions
    assert isinstance(operation, OperationDefinitionNode)  # noqa: S101 - as planning wrote it
    selection = print_ast(operation.selection_set)
    if fetch.requires:
        inner = selection.split("\n")[2:-2]
        body = [*_block("", _requires_lines(fetch.requires)), "=>", "{", *_outdented(inner), "}"]
    else:
        body = selection.split("\n")
    renames = [f'Rename(path: "{_path(r.path)}", "{r.alias}" => "{r.key}")' for r in fetch.renames]
    contexts = [line for value in fetch.contexts for line in _context_lines(value, path)]
    yield from _block(f'Fetch(service: "{fetch.subgraph}")', [*contexts, *body, *renames])


def _context_lines(value: ContextValue, path: Sequence[PathSegment]) -> Iterator[str]:
    for source in value.sources:
        place = [segment.key for segment in path[: source.depth]]
        types = "" if source.types is None else f"|[{'|'.join(sorted(source.types))}]"
        head = f'Context(${value.variable}: {value.type}, path: "{".".join(place)}{types}")'
        yield from _block(head, _requires_lines(source.selections))


def _requires_lines(entries: Iterable[RequiredField | RequiredType]) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, RequiredType):
            typename = f"__typename: {entry.represent_as}" if entry.represent_as else "__typename"
            inner = [typename, *_requires_lines(entry.selections)]
            yield from _block(f"... on {entry.type_name}", inner)
            continue
        head = entry.name if entry.name == entry.key else f"{entry.name}: {entry.key}"
        if entry.selections:
            yield from _block(head, _requires_lines(entry.selections))
        else:
            yield head


def _block(head: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"{head} {{".lstrip()
    yield from _indented(lines)
    yield "}"


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _outdented(lines: Iterable[str]) -> list[str]:
    return [line.removeprefix("  ") for line in lines]


def _path(path: Sequence[PathSegment]) -> str:
    return ".".join(_segment(segment) for segment in path)


def _segment(segment: PathSegment) -> str:
    if segment.types is None:
        return segment.key
    return f"{segment.key}|[{'|'.join(sorted(segment.types))}]"


def _json(node: PlanNode) -> dict[str, Any]:
    if isinstance(node, Fetch):
        return _fetch_json(node)
    if isinstance(node, Flatten):
        return _flatten_json(node)
    if isinstance(node, Condition):
        return {
            "kind": "Condition",
            "condition": node.variable,
            "ifClause": None if node.if_true is None else _json(node.if_true),
            "elseClause": None if node.if_false is None else _json(node.if_false),
        }
    kind = "Sequence" if isinstance(node, InSequence) else "Parallel"
    assert isinstance(node, (InSequence, Parallel))  # noqa: S101 - the last kinds there are
    return {"kind": kind, "nodes": [_json(child) for child in node.nodes]}


def _flatten_json(node: Flatten) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "kind": "Flatten",
        "path": _path_json(node.path),
        "node": _json(node.node),
    }
    if node.further:
        answer["further"] = [_path_json(path) for path in node.further]
    return answer


def _fetch_json(fetch: Fetch) -> dict[str, Any]:
    return {
        "kind": "Fetch",
        "serviceName": fetch.subgraph,
        "operationKind": fetch.kind.value,
        "operation": fetch.operation,
        "variableUsages": list(fetch.variables),
        "requires": [_required_json(entry) for entry in fetch.requires],
        "contexts": [_context_json(value) for value in fetch.contexts],
        "renames": [
            {"path": _path_json(rename.path), "alias": rename.alias, "key": rename.key}
            for rename in fetch.renames
        ],
    }


def _context_json(value: ContextValue) -> dict[str, Any]:
    return {
        "variable": value.variable,
        "type": value.type,
        "sources": [
            {
                "depth": source.depth,
                "types": None if source.types is None else sorted(source.types),
                "selections": [_required_json(entry) for entry in source.selections],
            }
            for source in value.sources
        ],
    }


def _path_json(path: Sequence[PathSegment]) -> list[dict[str, Any]]:
    return [
        {"key": segment.key, "types": None if segment.types is None else sorted(segment.types)}
        for segment in path
    ]


def _required_json(entry: RequiredField | RequiredType) -> dict[str, Any]:
    selections = [_required_json(child) for child in entry.selections]
    if isinstance(entry, RequiredField):
        return {"kind": "Field", "name": entry.name, "key": entry.key, "selections": selections}
    return {
        "kind": "InlineFragment",
        "typeCondition": entry.type_name,
        "representAs": entry.represent_as,
        "selections": selections,
    }
