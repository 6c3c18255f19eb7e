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

__all__ = ["router"]


def router(
    supergraph: Annotated[Path, typer.Option(help="File with the composed supergraph.")],
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 4000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve a supergraph composed elsewhere over its HTTP subgraphs; needs no database.

    Example: cockpit router --supergraph supergraph.graphql --port 4000
    """
    settings = load_settings()
    log_to_stderr(settings.log_level)
    app = create_router(Supergraph.parse(read_text(supergraph, "The supergraph")), settings)
    listener = bind(host, port)
    ready = announcing(f"Router ready at {url_of(listener)}/graphql")
    with stopping_quietly():
        Server(app, ready).run([listener])
