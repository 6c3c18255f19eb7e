"""People, groups, teams and memberships."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from bench.queries.listing import NEWEST
from bench.queries.nested import GROUPS, MEMBERS, PEOPLE, TEAMS
from bench.servers.plain.budgets import Budget, group_budgets
from bench.servers.plain.context import Connection, Context, Info

__all__ = ["Directory"]


async def _teams(context: Context, size: int, groups: list[str]) -> Sequence[list[Team]]:
    found: list[list[Team]] = [[] for _ in groups]
    for ordinal, id, name in await context.pool.fetch(TEAMS, context.account, groups, size):
        found[ordinal - 1].append(Team(id=id, name=name))
    return found


async def _members(context: Context, size: int, teams: list[str]) -> Sequence[list[Membership]]:
    found: list[list[Membership]] = [[] for _ in teams]
    for ordinal, role, user in await context.pool.fetch(MEMBERS, context.account, teams, size):
        found[ordinal - 1].append(Membership(role=role, user_id=user))
    return found


async def _people(context: Context, _size: int, ids: list[str]) -> Sequence[Person]:
    rows = await context.pool.fetch(PEOPLE, context.account, ids)
    found = {row[0]: Person(id=row[0], name=row[1], email=row[2]) for row in rows}
    return [found[id] for id in ids]


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
        person: Person = await info.context.loader(_people).load(self.user_id)
        return person


@strawberry.type
class Team:
    id: strawberry.ID
    name: str

    @strawberry.field
    async def members(self, info: Info, first: int = 25) -> Connection[Membership]:
        return Connection(nodes=await info.context.loader(_members, first).load(self.id))


@strawberry.type
class Group:
    id: strawberry.ID
    name: str

    @strawberry.field
    async def budget(self, info: Info) -> Budget | None:
        budget: Budget | None = await info.context.loader(group_budgets).load(self.id)
        return budget

    @strawberry.field
    async def teams(self, info: Info, first: int = 25) -> Connection[Team]:
        return Connection(nodes=await info.context.loader(_teams, first).load(self.id))


async def _count(info: Info, table: str) -> int:
    statement = f"SELECT count(*) FROM copilot.{table} WHERE account_id = $1"
    return int(await info.context.pool.fetchval(statement, info.context.account))


@strawberry.type
class Users(Connection[User]):
    @strawberry.field
    async def total_count(self, info: Info) -> int:
        return await _count(info, "users")


@strawberry.type
class Groups:
    first: strawberry.Private[int]

    @strawberry.field
    async def nodes(self, info: Info) -> list[Group]:
        rows = await info.context.pool.fetch(GROUPS, info.context.account, self.first)
        return [Group(id=id, name=name) for id, name in rows]

    @strawberry.field
    async def total_count(self, info: Info) -> int:
        return await _count(info, "groups")


@strawberry.type
class Teams:
    @strawberry.field
    async def total_count(self, info: Info) -> int:
        return await _count(info, "teams")


@strawberry.type
class Directory:
    @strawberry.field
    async def users(self, info: Info, first: int) -> Users:
        rows = await info.context.pool.fetch(NEWEST, info.context.account)
        return Users(nodes=[_user(*row) for row in rows[:first]])

    @strawberry.field
    def groups(self, first: int = 25) -> Groups:
        return Groups(first=first)

    @strawberry.field
    def teams(self) -> Teams:
        return Teams()


def _user(*values: Any) -> User:
    id, name, email, is_active, last_active_at, created_at = values
    return User(
        id=id,
        name=name,
        email=email,
        is_active=is_active,
        last_active_at=last_active_at,
        created_at=created_at,
    )
