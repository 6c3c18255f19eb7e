"""`cockpit dev`: everything on this machine, with demo tenants and tokens to start with."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from datasources import migrations
from datasources.database import Pool
from datasources.demo import DemoSummary, load
from datasources.embedded import EmbeddedServer
from gateway.app import create_app
from gateway.commands.logs import log_to_stderr
from gateway.commands.welcome import welcome
from gateway.development import development_settings
from gateway.serving import Server, bind, stopping_quietly, url_of
from gateway.settings import Settings, load_settings

__all__ = ["dev"]

Say = Callable[[str], None]


def dev(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 4000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    json: Annotated[  # noqa: FBT002 - a flag of the command line
        bool, typer.Option("--json", help="Print one JSON line when ready, and nothing else.")
    ] = False,
) -> None:
    """Start PostgreSQL, migrations, demo tenants, gateway and playground.

    PostgreSQL and its data live in COCKPIT_HOME; DATABASE_URL names a database to use instead,
    which is migrated, and filled with demo tenants when it has no accounts. Ctrl-C stops all.

    Example: cockpit dev --port 4000
    """
    started = time.monotonic()
    settings = load_settings()
    log_to_stderr("WARNING" if json else settings.log_level)
    say: Say = (lambda _: None) if json else typer.echo
    listener = bind(host, port)
    with stopping_quietly(), _database(settings, say) as url:
        settings = development_settings(settings, url)
        settings = settings.with_values(public_url=settings.public_url or url_of(listener))
        demo = _prepare(url, say)
        say("Starting the gateway …")
        app = create_app(settings)

        async def greet() -> None:
            greeting = await welcome(url_of(listener), settings, demo)
            typer.echo(greeting.as_json() if json else greeting.as_text(time.monotonic() - started))

        Server(app, greet).run([listener])


@contextmanager
def _database(settings: Settings, say: Say) -> Iterator[str]:
    """The address of the settings' database, or of an embedded one for the length of a block."""
    if settings.database_url is not None:
        yield settings.database_url.reveal()
        return
    say(f"Starting PostgreSQL in {settings.home} …")
    server = EmbeddedServer()
    try:
        yield server.start(settings.home)
    finally:
        server.stop()


def _prepare(url: str, say: Say) -> DemoSummary:
    """Bring the database up to date, and fill it where it has no accounts."""
    pending = migrations.status(url).pending
    if pending:
        say(f"Applying {len(pending)} migrations …")
        migrations.upgrade(url)
    say("Loading demo tenants where there are none …")
    return asyncio.run(_load(url))


async def _load(url: str) -> DemoSummary:
    pool = await Pool.open(url)
    try:
        return await load(pool)
    finally:
        await pool.close()
