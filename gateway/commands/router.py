"""`cockpit router`: the engine alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from federation.supergraph import Supergraph
from gateway.commands.announcing import announcing
from gateway.commands.errors import read_text
from gateway.commands.logs import log_to_stderr
from gateway.router import create_router
from gateway.serving import Server, bind, stopping_quietly, url_of
from gateway.settings import load_settings
from gateway.subgraph_config import read_subgraph_configs

__all__ = ["router"]


def router(
    supergraph: Annotated[Path, typer.Option(help="File with the composed supergraph.")],
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 4000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    subgraphs: Annotated[
        Path | None, typer.Option(help="YAML file that says how subgraphs are asked.")
    ] = None,
) -> None:
    """Serve a supergraph composed elsewhere over its HTTP subgraphs; needs no database.

    Example: cockpit router --supergraph supergraph.graphql --port 4000
    """
    settings = load_settings()
    log_to_stderr(settings.log_level)
    configs = None if subgraphs is None else read_subgraph_configs(subgraphs)
    graph = Supergraph.parse(read_text(supergraph, "The supergraph"))
    app = create_router(graph, settings, configs)
    listener = bind(host, port)
    ready = announcing(f"Router ready at {url_of(listener)}/graphql")
    with stopping_quietly():
        Server(app, ready).run([listener])
