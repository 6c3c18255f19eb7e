"""The plain server's schema and application."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import strawberry
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL

from bench.queries.dashboard import ACCOUNT
from bench.servers.plain.access import EffectiveAccess, effective_access
from bench.servers.plain.budgets import Budget, UsageEntry, account_budgets, usage
from bench.servers.plain.context import Connection, Context, Info
from bench.servers.plain.directory import Directory
from bench.servers.serving import open_pool, serve
from bench.servers.sessions import Sessions

__all__ = ["application"]


@strawberry.type
class Account:
    id: strawberry.ID
    name: str
    status: str
    created_at: datetime

    @strawberry.field
    def directory(self) -> Directory:
        return Directory()

    @strawberry.field
    async def budgets(self, info: Info, first: int) -> Connection[Budget]:
        return await account_budgets(info)

    @strawberry.field
    async def effective_access(self, info: Info) -> EffectiveAccess:
        return await effective_access(info)

    @strawberry.field
    async def usage(self, info: Info, first: int) -> Connection[UsageEntry]:
        return await usage(info)


@strawberry.type
class Query:
    @strawberry.field
    async def account(self, info: Info) -> Account:
        (row,) = await info.context.pool.fetch(ACCOUNT, info.context.account)
        return Account(**dict(row))


class _Endpoint(GraphQL[Context, None]):
    """Strawberry's ASGI application with a context of ours."""

    pool: asyncpg.Pool
    sessions: Sessions

    async def get_context(self, request: Any, response: Any) -> Context:
        authorization = request.headers["authorization"].encode()
        return Context(self.pool, self.sessions.account_of(authorization))


def application(database_url: str) -> Starlette:
    """The server on a filled database."""
    endpoint = _Endpoint(strawberry.Schema(Query))
    endpoint.sessions = Sessions()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        endpoint.pool = await open_pool(database_url)
        yield
        await endpoint.pool.close()

    return Starlette(routes=[Route("/graphql", endpoint)], lifespan=lifespan)


if __name__ == "__main__":
    serve(application(sys.argv[1]))
