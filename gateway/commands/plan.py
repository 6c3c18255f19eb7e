"""`cockpit plan`: how an operation would be answered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer

from federation.plan import QueryPlan
from federation.planning import Planner, plan_to_json, print_plan
from federation.prepared import OperationParser, PreparedOperation
from federation.supergraph import Supergraph
from gateway.commands.errors import read_text
from gateway.modules import compose_modules
from schema.subgraphs import subgraphs

__all__ = ["plan"]

_MAX_TOKENS = 15_000


def plan(
    operation: Annotated[Path, typer.Argument(help="File with the operation.")],
    supergraph: Annotated[
        Path | None,
        typer.Option(help="File with the composed supergraph; the cockpit's own if none."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Operation to plan, where the file holds several.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Show the query plan of an operation.

    Example: cockpit plan operation.graphql --supergraph supergraph.graphql
    """
    sdl = (
        compose_modules(subgraphs()).sdl
        if supergraph is None
        else read_text(supergraph, "The supergraph")
    )
    composed = Supergraph.parse(sdl)
    query_plan = _planned(composed, _prepared(composed, operation, name))
    if json:
        options = orjson.OPT_INDENT_2
        typer.echo(orjson.dumps(plan_to_json(query_plan), option=options).decode())
    else:
        typer.echo(print_plan(query_plan))


def _prepared(supergraph: Supergraph, path: Path, name: str | None) -> PreparedOperation:
    parser = OperationParser(supergraph, max_tokens=_MAX_TOKENS)
    return parser.prepare(read_text(path, "The operation"), name)


def _planned(supergraph: Supergraph, prepared: PreparedOperation) -> QueryPlan:
    """The plan; of an operation that defers something, the one for clients that take payloads."""
    deferral, planner = prepared.deferral, Planner(supergraph)
    if deferral is None:
        return planner.plan(prepared.operation)
    return planner.plan(deferral.operation, defers=deferral.defers)
