"""The database's schema, brought up to date by Alembic.

The baseline creates on an empty database what production has, and touches nothing that is there;
everything later only adds. Nothing migrates unless it is asked to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from datasources.connecting import asyncpg_url, explained, unavailable
from datasources.errors import MigrationError

__all__ = ["VERSION_SCHEMA", "MigrationStatus", "status", "upgrade"]

VERSION_SCHEMA = "gateway"
"""Schema that holds everything of our own, `alembic_version` included."""

_LOCK = 0x636F636B706974
"""Key of the advisory lock that lets one process migrate at a time ("cockpit")."""

AnswerT = TypeVar("AnswerT")


class MigrationStatus(NamedTuple):
    """How far the database's schema is."""

    current: str | None
    """Revision the database is at; None when it was never migrated."""
    head: str
    """Newest revision there is."""
    pending: tuple[str, ...]
    """Revisions still to be applied, oldest first, each as `revision: what it does`."""


def upgrade(url: str) -> None:
    """Apply every pending migration, each in a transaction of its own.

    Two processes may do this at once: one waits for the other and finds nothing left to do. Must
    not be called from a running event loop.

    Raises `DatabaseUnavailable`, and `MigrationError` with a sentence that says what to do.
    """

    def work(connection: Connection) -> None:
        configuration = _configuration()
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "head")

    _run(url, work, locked=True)


def status(url: str) -> MigrationStatus:
    """How far the schema is. Changes nothing; raises `DatabaseUnavailable`."""
    return _run(url, _read_status, locked=False)


def _read_status(connection: Connection) -> MigrationStatus:
    scripts = ScriptDirectory.from_config(_configuration())
    context = MigrationContext.configure(connection, opts={"version_table_schema": VERSION_SCHEMA})
    current = context.get_current_revision()
    head = scripts.get_current_head()
    if head is None:
        raise LookupError("There are no migrations.")
    revisions = list(scripts.iterate_revisions(head, current or "base"))
    pending = tuple(f"{one.revision}: {one.doc}" for one in reversed(revisions))
    return MigrationStatus(current, head, pending)


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent))
    configuration.set_main_option("path_separator", "os")
    return configuration


def _run(url: str, work: Callable[[Connection], AnswerT], *, locked: bool) -> AnswerT:
    return asyncio.run(_connected(url, work, locked=locked))


async def _connected(url: str, work: Callable[[Connection], AnswerT], *, locked: bool) -> AnswerT:
    async def connect() -> asyncpg.Connection:
        with unavailable():
            return await asyncpg.connect(asyncpg_url(url))

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            if locked:
                await connection.exec_driver_sql(f"SELECT pg_advisory_lock({_LOCK})")
                await connection.commit()
            return await connection.run_sync(work)
    except DBAPIError as error:
        raise _explained(error) from error
    finally:
        await engine.dispose()


def _explained(error: DBAPIError) -> Exception:
    """The driver's own error as one of ours where we have one; SQLAlchemy wraps it twice."""
    driver_error = error.orig.__cause__ if error.orig is not None else None
    if isinstance(driver_error, asyncpg.InsufficientPrivilegeError):
        return MigrationError(f"Migrate as the owner of the tables: {driver_error}.")
    return error if driver_error is None else explained(driver_error) or error
