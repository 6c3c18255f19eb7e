"""The floor where PostgreSQL builds the JSON: one statement a request, its bytes passed through."""

from __future__ import annotations

import sys

import asyncpg

from bench.queries import ANSWERED
from bench.servers.handler import Answer, Handler
from bench.servers.serving import serve

__all__ = ["built"]


def built(database_url: str) -> Handler:
    """The handler on a filled database."""
    built = {query.name: query.built for query in ANSWERED if query.built is not None}
    return Handler(database_url, {name: _built(statement) for name, statement in built.items()})


def _built(statement: str) -> Answer:
    async def answer(pool: asyncpg.Pool, account: str) -> bytes:
        return b'{"data":%b}' % await pool.fetchval(statement, account)

    return answer


if __name__ == "__main__":
    serve(built(sys.argv[1]))
