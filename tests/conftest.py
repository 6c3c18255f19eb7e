"""A real PostgreSQL for the tests: one server a run, one database a process, emptied a test.

The run's databases are cloned from a template that is migrated once. Processes of a parallel run
share server and template; whoever leaves last stops the server and removes its files.
"""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from datasources import migrations
from datasources.database import Pool, PoolOptions
from datasources.embedded import EmbeddedServer
from datasources.migrations.statements import statements_in

_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "500",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
"""Safe here only: the data of a crashed test run is thrown away."""

_EMPTY = """
DO $$ DECLARE filled text; BEGIN
PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid();
SET LOCAL session_replication_role = replica;
FOR filled IN
    SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND relname <> 'alembic_version'
    AND relnamespace = ANY(ARRAY['public', 'copilot', 'gateway']::regnamespace[])
LOOP EXECUTE 'DELETE FROM ' || filled; END LOOP;
END $$
"""
"""Ends whatever a test left open, then deletes every row; without triggers, so in any order.

Deleting from fifty tables, most of them empty, takes milliseconds; a clone takes hundreds.
"""


def _feature_catalogue() -> str:
    """What a migrated database has from the beginning: the features the platform knows."""
    migration = Path(migrations.__file__).parent / "versions" / "0012_features.sql"
    statements = statements_in(migration.read_text("utf-8"))
    return next(one for one in statements if "INSERT INTO gateway.features" in one)


class DatabaseServer(NamedTuple):
    """A server on which tests make databases."""

    url: str
    run: str
    """Identifies this test run; part of every database's name."""
    home: Path
    """Folder of the run, where the locks of its shared databases are."""

    @property
    def template(self) -> str:
        """Name of the run's migrated database without rows."""
        return f"cockpit_{self.run}_template"

    def url_of(self, database: str) -> str:
        """The URL of another database of this server."""
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(path=f"/{database}"))

    def administer(self, *statements: str) -> None:
        """Run statements on the maintenance database."""
        asyncio.run(_execute(self.url, statements))

    def clone(self, template: str) -> str:
        """A new database with everything the template has; answers its URL."""
        name = f"cockpit_{self.run}_{uuid4().hex[:12]}"
        self.administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url_of(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected."""
        name = urlsplit(url).path.lstrip("/")
        self.administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    @contextmanager
    def making(self, name: str) -> Iterator[bool]:
        """Whether a database that processes share is still to be made; they wait for who makes it.

        Whoever makes it clones, fills and renames: it has its name when it is whole.
        """
        with (self.home / f"{name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield not self.exists(name)

    def rename(self, url: str, name: str) -> None:
        """Give a database, to which nobody is connected, another name."""
        former = urlsplit(url).path.lstrip("/")
        self.administer(f'ALTER DATABASE "{former}" RENAME TO "{name}"')

    def drop_all(self) -> None:
        """Remove the databases of this run."""
        for name in asyncio.run(_names(self.url, f"cockpit_{self.run}_%")):
            self.drop(self.url_of(name))

    def empty(self, url: str) -> None:
        """Delete every row of a migrated database but those it has from the beginning."""
        asyncio.run(_execute(url, (_EMPTY, _feature_catalogue())))

    def exists(self, database: str) -> bool:
        """Whether there is a database of this name."""
        return database in asyncio.run(_names(self.url, database))


async def _execute(url: str, statements: tuple[str, ...]) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _names(url: str, pattern: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        query = "SELECT datname FROM pg_database WHERE datname LIKE $1"
        return [name for (name,) in await connection.fetch(query, pattern)]
    finally:
        await connection.close()


def _shared(home: Path) -> IO[str]:
    """Enter the processes that share what a run made on somebody's server."""
    home.mkdir(exist_ok=True)
    lock = (home / "users.lock").open("a")
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


def _is_last(lock: IO[str]) -> bool:
    """Whether no other process shares it any more."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def database_server(testrun_uid: str) -> Iterator[DatabaseServer]:
    """A PostgreSQL server: that of DATABASE_URL, else an embedded one of this run."""
    run = testrun_uid[:8]
    home = Path(tempfile.gettempdir(), f"cockpit-tests-{run}")
    given = os.environ.get("DATABASE_URL")  # noqa: TID251 - names a server as it does in production
    if given:
        with _shared(home) as lock:
            server = DatabaseServer(given, run, home)
            yield server
            if _is_last(lock):
                server.drop_all()
                shutil.rmtree(home)
        return
    embedded = EmbeddedServer(_FAST)
    try:
        yield DatabaseServer(embedded.start(home), run, home)
    finally:
        if embedded.stop():
            shutil.rmtree(home)


@pytest.fixture(scope="session")
def database_template(database_server: DatabaseServer) -> str:
    """Name of a migrated database without rows; made by the first who asks."""
    name = database_server.template
    with database_server.making(name) as is_missing:
        if is_missing:
            url = database_server.clone("template0")
            migrations.upgrade(url)
            database_server.rename(url, name)
    return name


@pytest.fixture(scope="session")
def process_database_url(database_server: DatabaseServer, database_template: str) -> Iterator[str]:
    """A migrated database of this process; `database_url` hands it to one test after another."""
    url = database_server.clone(database_template)
    yield url
    database_server.drop(url)


@pytest.fixture
def database_url(database_server: DatabaseServer, process_database_url: str) -> Iterator[str]:
    """A migrated database without rows; it must not be migrated further or lose tables."""
    yield process_database_url
    database_server.empty(process_database_url)


@pytest.fixture
def cloned_database_url(database_server: DatabaseServer, database_template: str) -> Iterator[str]:
    """A migrated database of this test alone, to do anything with; slower than `database_url`."""
    url = database_server.clone(database_template)
    yield url
    database_server.drop(url)


@pytest.fixture
def empty_database_url(database_server: DatabaseServer) -> Iterator[str]:
    """A database of this test alone, never migrated."""
    url = database_server.clone("template0")
    yield url
    database_server.drop(url)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool on a migrated database without rows, not under row-level security."""
    opened = await Pool.open(database_url, PoolOptions(min_size=1, max_size=8))
    yield opened
    await opened.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Goldens are written, and storms are long, only on request."""
    parser.addoption("--update-goldens", action="store_true", help="rewrite golden files")
    parser.addoption(
        "--storm-seconds", type=float, default=3.0, help="how long credits are stormed"
    )
    parser.addoption("--storm-seed", type=int, default=7, help="another number, another storm")


@pytest.fixture
def collected() -> Iterator[None]:
    """Collects what the test leaves, such as what graphql-core abandons unawaited, in its time."""
    yield
    gc.collect()
