"""`cockpit subgraph`: one module alone."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.commands.announcing import announcing
from gateway.commands.logs import log_to_stderr
from gateway.modules import module_named
from gateway.serving import Server, bind, stopping_quietly, url_of
from gateway.settings import load_settings
from gateway.standalone import create_subgraph

__all__ = ["subgraph"]


def subgraph(
    module: Annotated[str, typer.Argument(help="Name of the module, such as directory.")],
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 4001,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve one module as a Federation 2 subgraph, with the settings of the environment.

    Example: cockpit subgraph directory --port 4001
    """
    settings = load_settings()
    log_to_stderr(settings.log_level)
    app = create_subgraph(module_named(module), settings)
    listener = bind(host, port)
    ready = announcing(f"Subgraph {module} ready at {url_of(listener)}/graphql")
    with stopping_quietly():
        Server(app, ready).run([listener])
