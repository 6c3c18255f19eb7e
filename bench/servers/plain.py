"""What most write: Strawberry's own execution, a class a type, a DataLoader a relation.

The same tables, statements and answers as the others; no tenancy beyond the account, no guards,
no federation.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

import asyncpg
import strawberry
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader

from bench.servers.serving import open_pool, serve
from bench.servers.sessions import Sessions
from bench.servers.statements import GROUPS, MEMBERS, PEOPLE, TEAMS, USERS

__all__ = ["application"]

NodeT = TypeVar("NodeT")


class Context:
    """The account of one request, and its loaders."""

    def __init__(self, pool: asyncpg.Pool, account: str) -> None:
        self.pool = pool
        self.account = account
        self.teams: DataLoader[str, list[Team]] = DataLoader(self._teams)
        self.members: DataLoader[str, list[Membership]] = DataLoader(self._members)
        self.people: DataLoader[str, Person] = DataLoader(self._people)

    async def _teams(self, groups: list[str]) -> Sequence[list[Team]]:
        found: list[list[Team]] = [[] for _ in groups]
        for ordinal, id, name in await self.pool.fetch(TEAMS, self.account, groups):
            found[ordinal - 1].append(Team(id=id, name=name))
        return found

    async def _members(self, teams: list[str]) -> Sequence[list[Membership]]:
        found: list[list[Membership]] = [[] for _ in teams]
        for ordinal, role, user_id in await self.pool.fetch(MEMBERS, self.account, teams):
            found[ordinal - 1].append(Membership(role=role, user_id=user_id))
        return found

    async def _people(self, ids: list[str]) -> Sequence[Person]:
        rows = await self.pool.fetch(PEOPLE, self.account, ids)
        found = {row[0]: Person(id=row[0], name=row[1], email=row[2]) for row in rows}
        return [found[id] for id in ids]


Info: TypeAlias = strawberry.Info[Context, None]


@strawberry.type
class Connection(Generic[NodeT]):
    nodes: list[NodeT]


@strawberry.type
class Person:
    id: strawberry.ID
    name: str
    email: str


@strawberry.type
class User(Person):
    is_active: bool
    last_active_at: datetime | None
    created_at: datetime


@strawberry.type
class Membership:
    role: str
    user_id: strawberry.Private[str]

    @strawberry.field
    async def user(self, info: Info) -> Person:
        return await info.context.people.load(self.user_id)


@strawberry.type
class Team:
    id: strawberry.ID
    name: str

    @strawberry.field
    async def members(self, info: Info) -> Connection[Membership]:
        return Connection(nodes=await info.context.members.load(self.id))


@strawberry.type
class Group:
    id: strawberry.ID
    name: str

    @strawberry.field
    async def teams(self, info: Info) -> Connection[Team]:
        return Connection(nodes=await info.context.teams.load(self.id))


@strawberry.type
class Directory:
    @strawberry.field
    async def users(self, info: Info, first: int) -> Connection[User]:
        rows = await info.context.pool.fetch(USERS, info.context.account)
        return Connection(
            nodes=[
                User(
                    id=id,
                    name=name,
                    email=email,
                    is_active=is_active,
                    last_active_at=last_active_at,
                    created_at=created_at,
                )
                for id, name, email, is_active, last_active_at, created_at in rows[:first]
            ]
        )

    @strawberry.field
    async def groups(self, info: Info, first: int) -> Connection[Group]:
        rows = await info.context.pool.fetch(GROUPS, info.context.account)
        return Connection(nodes=[Group(id=id, name=name) for id, name in rows[:first]])


@strawberry.type
class Account:
    @strawberry.field
    def directory(self) -> Directory:
        return Directory()


@strawberry.type
class Query:
    @strawberry.field
    def account(self) -> Account:
        return Account()


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
