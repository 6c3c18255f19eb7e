"""`cockpit compose`: subgraphs to a supergraph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from federation.composition import compose as compose_subgraphs
from gateway.commands.errors import write_text
from gateway.compose_config import read_sources

__all__ = ["compose"]


def compose(
    config: Annotated[Path, typer.Argument(help="YAML file that lists the subgraphs.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; standard output if none.")
    ] = None,
) -> None:
    """Compose a supergraph from subgraph files or running subgraphs.

    Mistakes go to standard error, a line each: code, subgraph, coordinate, reason.

    Example: cockpit compose subgraphs.yaml -o supergraph.graphql
    """
    composition = compose_subgraphs(read_sources(config))
    for hint in composition.hints:
        typer.echo(f"hint: {hint.code}: {hint.message}", err=True)
    write_text(composition.sdl, output)
