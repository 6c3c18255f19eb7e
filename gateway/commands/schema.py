"""`cockpit schema`: print the graph, and compare it with an older one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from graphql import (
    BreakingChange,
    DangerousChange,
    GraphQLError,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    find_dangerous_changes,
)

from federation.api_schema import api_sdl
from federation.supergraph import Supergraph
from gateway.commands.errors import CommandError, read_text, write_text
from gateway.modules import compose_modules, module_named
from schema.subgraphs import subgraphs

__all__ = ["check", "show"]


def show(
    module: Annotated[str | None, typer.Option(help="Print the subgraph of one module.")] = None,
    supergraph: Annotated[  # noqa: FBT002 - a flag of the command line
        bool, typer.Option("--supergraph", help="Print the composed supergraph.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; standard output if none.")
    ] = None,
) -> None:
    """Print the schema that clients see, one module's subgraph, or the supergraph.

    Example: cockpit schema print --supergraph -o supergraph.graphql
    """
    if module is not None and supergraph:
        raise CommandError("Choose one of --module and --supergraph.")
    if module is not None:
        write_text(module_named(module).sdl, output)
        return
    sdl = compose_modules(subgraphs()).sdl
    write_text(sdl if supergraph else api_sdl(Supergraph.parse(sdl).document), output)


def check(
    old: Annotated[Path, typer.Argument(help="File with the schema clients were written for.")],
    new: Annotated[
        Path | None, typer.Option(help="File to compare with it; the gateway's own if none.")
    ] = None,
) -> None:
    """Report what breaks clients of an older schema; exit code 1 when something does.

    Example: cockpit schema check released.graphql
    """
    before = _schema(read_text(old, "The schema"), str(old))
    after = (
        Supergraph.parse(compose_modules(subgraphs()).sdl).api_schema
        if new is None
        else _schema(read_text(new, "The schema"), str(new))
    )
    breaking = find_breaking_changes(before, after)
    _report("breaking", breaking)
    _report("dangerous", find_dangerous_changes(before, after))
    if breaking:
        raise typer.Exit(1)
    typer.echo("No breaking change.")


def _report(kind: str, changes: list[BreakingChange] | list[DangerousChange]) -> None:
    for change in changes:
        typer.echo(f"{kind}: {change.type.name}: {change.description}")


def _schema(sdl: str, name: str) -> GraphQLSchema:
    try:
        return build_schema(sdl, assume_valid_sdl=True)
    except (GraphQLError, TypeError) as error:
        raise CommandError(f"{name} is no GraphQL schema: {error}") from error
