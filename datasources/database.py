"""The connection pool: statements as a caller, transactions, and a server that may go away.

A pool opened with a role runs as that role whatever a caller of one account asks for, with the
account in a setting that the row-level security policies read. Without a caller the setting is
empty, and a tenant table then shows no row at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self, TypeVar, cast

import asyncpg

from auth.caller import Caller
from datasources.at_hand import AtHand
from datasources.base import Statement
from datasources.codecs import set_codecs
from datasources.connecting import asyncpg_url, unavailable
from datasources.connection import Connection, Reach, reach_of
from datasources.errors import DatabaseError, DatabaseUnavailable
from datasources.slots import Slots

__all__ = ["PLANNING", "CallerDatabase", "Pool", "PoolOptions", "TransactionDatabase"]

_T = TypeVar("_T")

_LONGEST_KEPT = 65_536
"""Characters of the longest statement that a connection keeps prepared."""


PLANNING = {
    # PERF: bench/dashboard, bench/access; a statement's text says what is asked, its values whose
    # it is, so one plan fits all. Left to itself PostgreSQL takes arrays of keys for longer than
    # they are and plans anew at every call, for longer than it then runs.
    "plan_cache_mode": "force_generic_plan",
    # PERF: bench/list, bench/nested; what is asked for lies in memory or on an SSD. On a disk one
    # would rather read all people of an account than look for fifty of them.
    "random_page_cost": "1.1",
    # A statement of many expressions looks dear enough to be compiled, in each of its runs, for
    # far longer than it then takes.
    "jit": "off",
}
"""How PostgreSQL is to plan the statements of our sessions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOptions:
    """How a pool behaves."""

    min_size: int = 1
    """Connections opened at once when the pool is; the server may still be away then."""
    max_size: int = 10
    statement_timeout: float = 30.0
    """Seconds after which the server gives up on a statement."""
    acquire_timeout: float = 5.0
    """Seconds to wait for a free connection."""
    connect_timeout: float = 5.0
    """Seconds within which the server must take a new connection."""
    role: str | None = None
    """Role to run as, under row-level security, for callers of one account; None for the user who
    connects, always."""
    transaction_pooling: bool = False
    """Whether a pooler such as PgBouncer hands out server connections by the transaction: then
    nothing outlives one, neither prepared statements nor settings."""
    on_statement: Callable[[Statement], None] | None = None
    """Called with every statement before it runs."""


_CUT = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What closing a connection raises that the server has just cut; asyncpg then ends the others."""


class CallerDatabase:
    """The database as one caller sees it; every statement takes a connection of the pool."""

    __slots__ = ("_pool", "_reach")

    def __init__(self, pool: Pool, reach: Reach | None) -> None:
        self._pool = pool
        self._reach = reach

    async def fetch(self, statement: Statement, **values: Any) -> list[asyncpg.Record]:
        """All rows of a statement."""
        arguments = self._pool.noted(statement, values)
        text = statement.text
        return await self._pool.run(self._reach, lambda to: to.fetch(text, *arguments))

    async def fetchrow(self, statement: Statement, **values: Any) -> asyncpg.Record | None:
        """The first row, or None."""
        arguments = self._pool.noted(statement, values)
        text = statement.text
        return await self._pool.run(self._reach, lambda to: to.fetchrow(text, *arguments))

    async def execute(self, statement: Statement, **values: Any) -> int:
        """Run a statement and answer how many rows it touched."""
        arguments = self._pool.noted(statement, values)
        text = statement.text
        status = await self._pool.run(self._reach, lambda to: to.execute(text, *arguments))
        return _touched(status)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[TransactionDatabase]:
        """Begin a transaction; it commits when the block ends, and rolls back on an exception."""
        with unavailable():
            connection = await self._pool.acquire(self._reach)
        try:
            async with _transaction(connection):
                with unavailable():
                    await self._pool.enter(connection, self._reach)
                yield TransactionDatabase(self._pool, connection)
        finally:
            await self._pool.release(connection)


class TransactionDatabase:
    """The database inside one transaction. Statements asked for at once run one after another."""

    __slots__ = ("_connection", "_pool", "_turn")

    def __init__(self, pool: Pool, connection: Connection) -> None:
        self._pool = pool
        self._connection = connection
        self._turn = asyncio.Lock()

    async def fetch(self, statement: Statement, **values: Any) -> list[asyncpg.Record]:
        """All rows of a statement."""
        arguments = self._pool.noted(statement, values)
        async with self._turn:
            with unavailable():
                return await self._connection.fetch(statement.text, *arguments)

    async def fetchrow(self, statement: Statement, **values: Any) -> asyncpg.Record | None:
        """The first row, or None."""
        arguments = self._pool.noted(statement, values)
        async with self._turn:
            with unavailable():
                return await self._connection.fetchrow(statement.text, *arguments)

    async def execute(self, statement: Statement, **values: Any) -> int:
        """Run a statement and answer how many rows it touched."""
        arguments = self._pool.noted(statement, values)
        async with self._turn:
            with unavailable():
                return _touched(await self._connection.execute(statement.text, *arguments))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[TransactionDatabase]:
        """Set a savepoint; an exception takes back only what the block did."""
        async with _transaction(self._connection):
            yield self


class Pool:
    """Connections to one server. Itself the database of nobody: see `as_caller`."""

    def __init__(self, url: str, options: PoolOptions) -> None:
        """Describe a pool; `open` makes a usable one."""
        self.url = url
        """Where the server is, for a connection that is not the pool's."""
        self._options = options
        self._asyncpg = asyncpg.create_pool(
            asyncpg_url(url),
            # The server may be away when the gateway starts; `open` warms the pool up instead.
            min_size=0,
            max_size=options.max_size,
            connection_class=Connection,
            init=self._teach,
            reset=_keep,
            timeout=options.connect_timeout,
            statement_cache_size=0 if options.transaction_pooling else 1000,
            # PERF: bench/access; by itself asyncpg prepares anew at every call what is longer than
            # 15 KB.
            max_cacheable_statement_size=_LONGEST_KEPT,
            server_settings=self._server_settings(),
        )
        self._slots = Slots(options.max_size)
        self._at_hand = AtHand()
        self._is_closing = False
        self._nobody = CallerDatabase(self, self._reach(None))
        self.statements = 0
        """How many statements ran, transaction control and settings aside."""

    @classmethod
    async def open(cls, url: str, options: PoolOptions | None = None) -> Self:
        """Open a pool on a `postgresql://` or `postgresql+asyncpg://` URL.

        A server that is away is no error here: statements raise `DatabaseUnavailable` until it is
        back, and work from then on.
        """
        pool = cls(url, options or PoolOptions())
        await pool._asyncpg
        await pool._warm_up()
        return pool

    async def close(self) -> None:
        """Close every connection, waiting for those in use."""
        self._is_closing = True
        for connection in self._at_hand.take_all():
            with suppress(*_CUT):
                await self._hand_back(connection)
        with suppress(*_CUT):
            await self._asyncpg.close()

    def as_caller(self, caller: Caller) -> CallerDatabase:
        """The database as this caller sees it, row-level security included."""
        return CallerDatabase(self, self._reach(caller))

    async def fetch(self, statement: Statement, **values: Any) -> list[asyncpg.Record]:
        """All rows of a statement that is nobody's: catalogues, health."""
        return await self._nobody.fetch(statement, **values)

    async def fetchrow(self, statement: Statement, **values: Any) -> asyncpg.Record | None:
        """The first row, or None."""
        return await self._nobody.fetchrow(statement, **values)

    async def execute(self, statement: Statement, **values: Any) -> int:
        """Run a statement and answer how many rows it touched."""
        return await self._nobody.execute(statement, **values)

    def transaction(self) -> AbstractAsyncContextManager[TransactionDatabase]:
        """Begin a transaction that is nobody's."""
        return self._nobody.transaction()

    def noted(self, statement: Statement, values: dict[str, Any]) -> list[Any]:
        """Count a statement that is about to run, and answer its arguments in order."""
        self.statements += 1
        if self._options.on_statement is not None:
            self._options.on_statement(statement)
        return statement.arguments(values)

    async def run(self, reach: Reach | None, call: Callable[[Connection], Awaitable[_T]]) -> _T:
        """Run one statement on a connection set to this reach."""
        with unavailable():
            connection = await self.acquire(reach)
            try:
                if self._options.transaction_pooling:
                    async with connection.transaction():
                        await self.enter(connection, reach)
                        answer = await call(connection)
                else:
                    answer = await call(connection)
            except BaseException:
                # The statement may be on its way still: asyncpg's pool tidies up.
                await self.release(connection)
                raise
            await self._keep_at_hand(connection)
            return answer

    async def acquire(self, reach: Reach | None) -> Connection:
        """Take a connection out of the pool, set to this reach.

        Whoever has taken one of as many slots as there are connections need not wait for one.
        """
        if not self._slots.take_at_once():
            try:
                await self._slots.take(self._options.acquire_timeout)
            except TimeoutError as error:
                raise DatabaseUnavailable("No connection became free in time.") from error
        try:
            connection = await self._take()
        except BaseException:
            self._slots.give()
            raise
        if reach is None or self._options.transaction_pooling:
            return connection
        try:
            await connection.adopt(reach)
        except BaseException:
            await self.release(connection)
            raise
        return connection

    async def _take(self) -> Connection:
        """A connection at hand, or another of asyncpg's pool."""
        connection, spent = self._at_hand.take()
        try:
            for each in spent:
                await self._hand_back(each)
        except BaseException:
            if connection is not None:
                await self._hand_back(connection)
            raise
        return await self._acquire_anew() if connection is None else connection

    async def _acquire_anew(self) -> Connection:
        try:
            taken = await self._asyncpg.acquire(timeout=self._options.acquire_timeout)
        except TimeoutError as error:
            raise DatabaseUnavailable("No connection became free in time.") from error
        # A proxy that forwards everything, `adopt` included, to our own class.
        return cast("Connection", taken)

    async def _keep_at_hand(self, connection: Connection) -> None:
        """Keep a connection for the next statement."""
        if self._is_closing:
            await self.release(connection)
        else:
            self._at_hand.put(connection)
            self._slots.give()

    async def enter(self, connection: Connection, reach: Reach | None) -> None:
        """Set the reach for the transaction under way, where a session cannot keep it."""
        if self._options.transaction_pooling:
            await connection.begin_as(reach, {"statement_timeout": self._statement_timeout()})

    async def release(self, connection: Connection) -> None:
        """Put a connection back that may be in disorder."""
        try:
            await self._hand_back(connection)
        finally:
            self._slots.give()

    async def _hand_back(self, connection: Connection) -> None:
        """Leave a connection to asyncpg's pool, which tidies it up or closes it."""
        await self._asyncpg.release(cast("Any", connection))

    def _reach(self, caller: Caller | None) -> Reach | None:
        role = self._options.role
        return None if role is None else reach_of(role, caller)

    def _server_settings(self) -> dict[str, str]:
        if self._options.transaction_pooling:
            return {}
        return {
            "statement_timeout": self._statement_timeout(),
            "application_name": "cockpit-gateway",
            **PLANNING,
        }

    def _statement_timeout(self) -> str:
        return f"{round(self._options.statement_timeout * 1000)}ms"

    async def _teach(self, connection: asyncpg.Connection) -> None:
        # One transaction, so that a transaction pooler answers from one server connection.
        async with connection.transaction():
            await set_codecs(connection)

    async def _warm_up(self) -> None:
        taken = await asyncio.gather(
            *[self._asyncpg.acquire() for _ in range(self._options.min_size)],
            return_exceptions=True,
        )
        for connection in taken:
            if not isinstance(connection, BaseException):
                await self._asyncpg.release(connection)


@asynccontextmanager
async def _transaction(connection: Connection) -> AsyncIterator[None]:
    transaction = connection.transaction()
    with unavailable():
        await transaction.start()
    try:
        yield
    except BaseException:
        await _roll_back(connection, transaction)
        raise
    with unavailable():
        await transaction.commit()


async def _roll_back(connection: Connection, transaction: Any) -> None:
    """Take a transaction back; where that is impossible, leave it to the server.

    A server rolls back what belongs to a connection that is gone.
    """
    try:
        with unavailable():
            await transaction.rollback()
    except DatabaseError:
        _terminate(connection)
    except asyncio.CancelledError:
        _terminate(connection)
        raise


def _terminate(connection: Connection) -> None:
    with suppress(asyncpg.InterfaceError):  # lost already
        connection.terminate()


async def _keep(connection: asyncpg.Connection) -> None:
    """Put nothing back to default between uses.

    PERF: bench/list; asyncpg's own reset is a round trip a statement. The pool alone runs SQL on
    these connections, and the only settings it changes are those `Connection.adopt` remembers.
    """


def _touched(status: str) -> int:
    count = status.rpartition(" ")[2]
    return int(count) if count.isdecimal() else 0
