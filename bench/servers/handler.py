"""A raw ASGI handler: no framework, no GraphQL, one path a benchmark."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import asyncpg
from starlette.types import Receive, Scope, Send

from bench.servers.serving import open_pool
from bench.servers.sessions import Sessions

__all__ = ["Answer", "Handler"]

Answer = Callable[[asyncpg.Pool, str], Awaitable[bytes]]
"""The response's body for an account."""


class Handler:
    """Answers each benchmark at the path that is its name, as the gateway answers its text."""

    def __init__(self, database_url: str, answers: Mapping[str, Answer]) -> None:
        self._database_url = database_url
        self._answers = {f"/{name}": answer for name, answer in answers.items()}
        self._sessions = Sessions()
        self._pool: asyncpg.Pool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        while (await receive()).get("more_body"):
            continue
        account = self._sessions.account_of(dict(scope["headers"])[b"authorization"])
        body = await self._answers[scope["path"]](self._pool, account)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._pool = await open_pool(self._database_url)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})
