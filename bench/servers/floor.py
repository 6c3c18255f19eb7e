"""The floor: the gateway's statements written by hand, rows to dictionaries, orjson."""

from __future__ import annotations

import sys

import asyncpg
import orjson

from bench.queries import ANSWERED, Query
from bench.servers.handler import Answer, Handler
from bench.servers.serving import serve

__all__ = ["floor"]


def floor(database_url: str) -> Handler:
    """The handler on a filled database."""
    return Handler(database_url, {query.name: _by_hand(query) for query in ANSWERED})


def _by_hand(query: Query) -> Answer:
    async def answer(pool: asyncpg.Pool, account: str) -> bytes:
        data = await query.by_hand(pool, account)
        return orjson.dumps({"data": data}, option=orjson.OPT_UTC_Z)

    return answer


if __name__ == "__main__":
    serve(floor(sys.argv[1]))
