"""`cockpit router`: the engine alone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from federation.supergraph import Supergraph
from gateway.commands.announcing import announcing
from gateway.commands.logs import log_to_stderr
from gateway.router import create_router
from gateway.serving import Server, bind, stopping_quietly, url_of
from gateway.settings import Settings, load_settings
from gateway.subgraph_config import read_subgraph_configs
from gateway.supergraph_source import FileSource, SupergraphSource, UrlSource

__all__ = ["router"]


def router(
    supergraph: Annotated[
        str, typer.Option(help="File or address (http:, https:) of the composed supergraph.")
    ],
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 4000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    subgraphs: Annotated[
        Path | None, typer.Option(help="YAML file that says how subgraphs are asked.")
    ] = None,
    poll: Annotated[
        float, typer.Option(min=0.1, help="Seconds between two questions to the address.")
    ] = 10.0,
) -> None:
    """Serve a supergraph composed elsewhere over its HTTP subgraphs; needs no database.

    A supergraph that changes is served from then on, and no request is dropped; a bad one is
    refused in the log, and the one before stays.

    Example: cockpit router --supergraph supergraph.graphql --port 4000
    """
    settings = load_settings()
    log_to_stderr(settings.log_level)
    configs = None if subgraphs is None else read_subgraph_configs(subgraphs)
    source = _source(supergraph, settings, poll)
    graph = Supergraph.parse(asyncio.run(source.read()) or "")
    app = create_router(graph, settings, configs, source)
    listener = bind(host, port)
    ready = announcing(f"Router ready at {url_of(listener)}/graphql")
    with stopping_quietly():
        Server(app, ready).run([listener])


def _source(place: str, settings: Settings, seconds: float) -> SupergraphSource:
    if not place.startswith(("http://", "https://")):
        return FileSource(Path(place))
    if settings.supergraph_header is None:
        return UrlSource(place, seconds=seconds)
    name, _, value = settings.supergraph_header.reveal().partition(":")
    return UrlSource(place, seconds=seconds, headers={name: value.strip()})
