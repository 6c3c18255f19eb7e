"""How the server is addressed, and what its absence is called."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from datasources.errors import DatabaseUnavailable, StatementTimeout

__all__ = ["asyncpg_url", "unavailable"]

_AWAY = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.ConnectionDoesNotExistError,
)


def asyncpg_url(url: str) -> str:
    """The URL as asyncpg reads it: SQLAlchemy's driver name taken out of the scheme."""
    scheme, separator, rest = url.partition("://")
    return scheme.partition("+")[0] + separator + rest


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn the driver's errors that mean "not now" into ours.

    Raises `DatabaseUnavailable` and `StatementTimeout`; every other error passes.
    """
    try:
        yield
    except asyncpg.QueryCanceledError as error:
        raise StatementTimeout("A statement took longer than allowed.") from error
    except _AWAY as error:
        raise DatabaseUnavailable(f"The database does not answer: {error}") from error
    except asyncpg.InterfaceError as error:
        if not _lost_its_connection(error):
            raise
        raise DatabaseUnavailable(f"The database does not answer: {error}") from error


def _lost_its_connection(error: asyncpg.InterfaceError) -> bool:
    """Whether asyncpg, which has one class for misuse and for a lost socket, means the latter."""
    return "connection is closed" in str(error) or "pool is clos" in str(error)
