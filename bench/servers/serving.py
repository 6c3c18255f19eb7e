"""Start an application as the gateway is started, and say where."""

from __future__ import annotations

import asyncpg
from starlette.types import ASGIApp

from datasources.database import PLANNING
from gateway.serving import Server, bind, stopping_quietly, url_of

__all__ = ["open_pool", "serve"]


def serve(app: ASGIApp) -> None:
    """Serve on a free port with the gateway's server options; the first line printed ends in it."""
    listener = bind("127.0.0.1", 0)

    async def announce() -> None:
        print(f"Ready at {url_of(listener)}/", flush=True)

    with stopping_quietly():
        Server(app, announce).run([listener])


async def open_pool(database_url: str) -> asyncpg.Pool:
    """A pool of the size, with the reset, and with the idea of the disk that the gateway's has.

    Whether statements are planned anew stays PostgreSQL's choice, as by hand it mostly does.
    """
    return await asyncpg.create_pool(
        database_url,
        min_size=10,
        max_size=10,
        init=_set_codecs,
        reset=_keep,
        server_settings={"random_page_cost": PLANNING["random_page_cost"]},
    )


async def _set_codecs(connection: asyncpg.Connection) -> None:
    """Ids are text; JSON is bytes to pass on."""
    await connection.set_type_codec("uuid", schema="pg_catalog", encoder=str, decoder=str)
    await connection.set_type_codec(
        "json", schema="pg_catalog", format="binary", encoder=bytes, decoder=bytes
    )


async def _keep(connection: asyncpg.Connection) -> None:
    """Nothing was changed that would have to be put back."""
