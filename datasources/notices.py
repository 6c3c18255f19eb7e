"""Notices: what is written in one process and must be heard in all of them.

A notice belongs to the transaction of what it tells of: PostgreSQL sends it when that commits, and
never when it does not. It says which account it is about and little more than ids, since a payload
has less than 8,000 bytes; whoever hears it reads the rest as the caller they answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Generic, NamedTuple, Self, TypeVar

import asyncpg
import orjson
from sqlalchemy import Text, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from datasources.base import Database, Statement
from datasources.connecting import asyncpg_url, unavailable
from datasources.errors import DatabaseUnavailable, NoticesMissed

__all__ = ["Feed", "Notice", "Notices", "announce"]

_LOG = logging.getLogger(__name__)

ItemT = TypeVar("ItemT")

_CHANNEL = "gateway_notices"
_MOST_WAITING = 256
"""Notices kept for one follower who is slower than they come."""
_PULSE_SECONDS = 30.0
"""How often a silent connection is asked whether it is still one."""


class Notice(NamedTuple):
    """Something that happened in one account."""

    topic: str
    account_id: str
    said: Mapping[str, Any]
    """Ids and figures, as JSON has them."""


_ANNOUNCE = Statement(
    select(
        func.pg_notify(
            literal_column(f"'{_CHANNEL}'"),
            func.unnest(bindparam("notices", type_=ARRAY(Text()))),
        )
    )
)


async def announce(database: Database, notices: Sequence[Notice]) -> None:
    """Tell every process, when the transaction under way commits."""
    if notices:
        said = [orjson.dumps(tuple(notice)).decode() for notice in notices]
        await database.execute(_ANNOUNCE, notices=said)


class Feed(Generic[ItemT]):
    """What one follower is told, such as notices in the order of their commits."""

    def __init__(self) -> None:
        """Begin empty."""
        self._waiting: deque[ItemT] = deque()
        self._failure: Exception | None = None
        self._arrived = asyncio.Event()

    def put(self, item: ItemT) -> None:
        """Keep something until it is asked for.

        When too much waits, the feed ends: what comes later does not stand for what was dropped, so
        that a follower must know that something is missing.
        """
        if self._failure is not None:
            return
        if len(self._waiting) == _MOST_WAITING:
            self.fail(NoticesMissed("More happened than was read in time. Subscribe again."))
        else:
            self._waiting.append(item)
            self._arrived.set()

    def fail(self, failure: Exception) -> None:
        """End with an error once what waits has been read."""
        self._failure = self._failure or failure
        self._arrived.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ItemT:
        while not self._waiting:
            if self._failure is not None:
                raise self._failure
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()


class Notices:
    """Hears the notices of all processes on one connection, and feeds those who follow.

    The connection is made when somebody follows and there is none. When it is lost, every feed ends
    with `DatabaseUnavailable`, since what was announced meanwhile is not heard; who follows again
    makes the next.
    """

    def __init__(self, url: str | None, *, connect_timeout: float = 5.0) -> None:
        """Take the server's address; None where only a pooler can be reached, which hears nothing.

        Nothing is connected yet.
        """
        self._url = url
        self._connect_timeout = connect_timeout
        self._feeds: dict[tuple[str, str | None], set[Feed[Notice]]] = {}
        self._connection: asyncpg.Connection | None = None
        self._pulse: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    @property
    def follower_count(self) -> int:
        """How many feeds there are."""
        return sum(len(feeds) for feeds in self._feeds.values())

    @asynccontextmanager
    async def follow(self, topic: str, account_id: str | None) -> AsyncIterator[Feed[Notice]]:
        """The notices of a topic from now on, in one account or, for None, in all of them.

        Raises `DatabaseUnavailable` when nothing can be heard; iterating raises it too, and
        `NoticesMissed` for a follower who was too slow.
        """
        while self._connection is None:
            await self._listen()
        feed: Feed[Notice] = Feed()
        key = (topic, account_id)
        self._feeds.setdefault(key, set()).add(feed)
        try:
            yield feed
        finally:
            self._feeds[key].discard(feed)
            if not self._feeds[key]:
                del self._feeds[key]

    async def aclose(self) -> None:
        """End every feed and close the connection."""
        connection = self._connection
        if connection is not None:
            self._lost(connection)
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await connection.close(timeout=self._connect_timeout)

    async def _listen(self) -> None:
        async with self._turn:
            if self._connection is not None:
                return
            if self._url is None:
                raise DatabaseUnavailable(
                    "Nothing can be heard through a pooler: set COCKPIT_DIRECT_DATABASE_URL."
                )
            with unavailable():
                connection = await self._connect(self._url)
            if not connection.is_closed():
                self._connection = connection
                self._pulse = asyncio.create_task(self._feel(connection))

    async def _connect(self, url: str) -> asyncpg.Connection:
        connection = await asyncpg.connect(
            asyncpg_url(url),
            timeout=self._connect_timeout,
            server_settings={"application_name": "cockpit-gateway-notices"},
        )
        try:
            await connection.add_listener(_CHANNEL, self._heard)
        except BaseException:
            connection.terminate()
            raise
        connection.add_termination_listener(self._lost)
        return connection

    async def _feel(self, connection: asyncpg.Connection) -> None:
        """Notice that a silent connection is gone, which TCP alone may take hours to tell."""
        while True:
            await asyncio.sleep(_PULSE_SECONDS)
            try:
                await connection.execute("SELECT 1", timeout=_PULSE_SECONDS)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                connection.terminate()
                self._lost(connection)

    def _lost(self, connection: object) -> None:
        if connection is not self._connection:
            return
        self._connection = None
        if self._pulse is not None:
            self._pulse.cancel()
        for feeds in self._feeds.values():
            for feed in feeds:
                feed.fail(DatabaseUnavailable("The connection that hears notices was lost."))

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        try:
            notice = Notice(*orjson.loads(str(payload)))
        except (orjson.JSONDecodeError, TypeError):
            _LOG.warning("What came on channel %s is no notice.", _CHANNEL)
            return
        for key in ((notice.topic, notice.account_id), (notice.topic, None)):
            for feed in self._feeds.get(key, ()):
                feed.put(notice)
