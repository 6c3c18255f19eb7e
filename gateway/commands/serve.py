"""`cockpit serve`: the gateway in production."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.app import create_app
from gateway.commands.announcing import announcing
from gateway.commands.logs import log_to_stderr
from gateway.serving import Server, bind, serve_with_workers, stopping_quietly, url_of
from gateway.settings import load_settings

__all__ = ["serve"]


def serve(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 4000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the port.")] = 1,
) -> None:
    """Serve the cockpit's graph with the settings of the environment.

    The database may be away when this starts: /ready says so until it is back.

    Example: cockpit serve --host 0.0.0.0 --port 4000 --workers 2
    """
    settings = load_settings()
    log_to_stderr(settings.log_level)
    app = create_app(settings)
    listener = bind(host, port)
    line = f"Gateway ready at {url_of(listener)}/graphql"
    with stopping_quietly():
        if workers == 1:
            Server(app, announcing(line)).run([listener])
        else:
            typer.echo(line)
            serve_with_workers("gateway.app:create_app_from_environment", listener, workers)
