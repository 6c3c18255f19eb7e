"""`cockpit compose`: subgraphs to a supergraph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from federation.composition import Contract
from federation.composition import compose as compose_subgraphs
from gateway.commands.errors import write_text
from gateway.compose_config import read_sources

__all__ = ["compose"]


def compose(
    config: Annotated[Path, typer.Argument(help="YAML file that lists the subgraphs.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; standard output if none.")
    ] = None,
    include_tag: Annotated[
        list[str] | None,
        typer.Option(help="Keep only fields and unions with this tag; may be repeated."),
    ] = None,
    exclude_tag: Annotated[
        list[str] | None, typer.Option(help="Leave out what has this tag; may be repeated.")
    ] = None,
) -> None:
    """Compose a supergraph from subgraph files or running subgraphs.

    Mistakes go to standard error, a line each: code, subgraph, coordinate, reason. Tags make a
    contract: what it leaves out is @inaccessible in the supergraph.

    Example: cockpit compose subgraphs.yaml -o supergraph.graphql
    """
    contract = Contract(frozenset(include_tag or ()), frozenset(exclude_tag or ()))
    composition = compose_subgraphs(read_sources(config), contract=contract)
    for hint in composition.hints:
        typer.echo(f"hint: {hint.code}: {hint.message}", err=True)
    write_text(composition.sdl, output)
