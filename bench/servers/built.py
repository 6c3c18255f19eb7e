"""The floor where PostgreSQL builds the JSON: one statement a request, its bytes passed through."""

from __future__ import annotations

import sys

import asyncpg

from bench.queries import ANSWERED, Query
from bench.servers.handler import Answer, Handler
from bench.servers.serving import serve

__all__ = ["built"]


def built(database_url: str) -> Handler:
    """The handler on a filled database."""
    return Handler(database_url, {query.name: _built(query) for query in ANSWERED})


def _built(query: Query) -> Answer:
    async def answer(pool: asyncpg.Pool, account: str) -> bytes:
        return b'{"data":%b}' % await pool.fetchval(query.built, account)

    return answer


if __name__ == "__main__":
    serve(built(sys.argv[1]))
