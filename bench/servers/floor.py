"""The floor: a raw ASGI handler with the gateway's statements written by hand, and no GraphQL."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import orjson
from starlette.types import Receive, Scope, Send

from bench.servers.serving import open_pool, serve
from bench.servers.sessions import Sessions
from bench.servers.statements import GROUPS, MEMBERS, PEOPLE, TEAMS, USERS

__all__ = ["Floor"]

_USER = ("id", "name", "email", "isActive", "lastActiveAt", "createdAt")


class Floor:
    """Answers each benchmark at the path that is its name, as the gateway answers its text."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._sessions = Sessions()
        self._pool: asyncpg.Pool
        self._answers: dict[str, Callable[[str], Awaitable[dict[str, Any]]]] = {
            "/list": self._list,
            "/nested": self._nested,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        while (await receive()).get("more_body"):
            continue
        account = self._sessions.account_of(dict(scope["headers"])[b"authorization"])
        data = await self._answers[scope["path"]](account)
        body = orjson.dumps({"data": data}, option=orjson.OPT_UTC_Z)
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

    async def _list(self, account: str) -> dict[str, Any]:
        rows = await self._pool.fetch(USERS, account)
        users = [dict(zip(_USER, row, strict=True)) for row in rows]
        return {"account": {"directory": {"users": {"nodes": users}}}}

    async def _nested(self, account: str) -> dict[str, Any]:
        fetch = self._pool.fetch
        group_rows = await fetch(GROUPS, account)
        team_rows = await fetch(TEAMS, account, [row[0] for row in group_rows])
        member_rows = await fetch(MEMBERS, account, [row[1] for row in team_rows])
        ids = list({row[2] for row in member_rows})
        people = {
            id: {"id": id, "name": name, "email": email}
            for id, name, email in await fetch(PEOPLE, account, ids)
        }
        members: list[list[Any]] = [[] for _ in team_rows]
        for team, role, user_id in member_rows:
            members[team - 1].append({"role": role, "user": people[user_id]})
        teams: list[list[Any]] = [[] for _ in group_rows]
        for (group, id, name), of_team in zip(team_rows, members, strict=True):
            teams[group - 1].append({"id": id, "name": name, "members": {"nodes": of_team}})
        groups = [
            {"id": id, "name": name, "teams": {"nodes": of_group}}
            for (id, name), of_group in zip(group_rows, teams, strict=True)
        ]
        return {"account": {"directory": {"groups": {"nodes": groups}}}}


if __name__ == "__main__":
    serve(Floor(sys.argv[1]))
