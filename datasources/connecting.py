"""How the server is addressed, and what its absence is called."""

from __future__ import annotations

from contextlib import AbstractContextManager

import asyncpg

from datasources.errors import DatabaseError, DatabaseUnavailable, Deadlock, StatementTimeout

__all__ = ["asyncpg_url", "explained", "unavailable"]

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

_DRIVERS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
"""Whatever the driver raises."""

_LOST_CONNECTION = (
    "connection is closed",
    "connection was closed",
    "released back to the pool",  # the pool takes a connection back as soon as it is lost
    "pool is clos",
    "cannot switch to state",  # the server has said good-bye, and the socket not yet
)


def asyncpg_url(url: str) -> str:
    """The URL as asyncpg reads it: SQLAlchemy's driver name taken out of the scheme."""
    scheme, separator, rest = url.partition("://")
    return scheme.partition("+")[0] + separator + rest


def explained(error: BaseException) -> DatabaseError | None:
    """The driver's error as one of ours; None where it is no matter of the server's health."""
    if isinstance(error, DatabaseError):
        return error
    if isinstance(error, asyncpg.QueryCanceledError):
        return StatementTimeout("A statement took longer than allowed.")
    if isinstance(error, asyncpg.DeadlockDetectedError):
        return Deadlock("Another transaction waited for this one as this one did for it.")
    if isinstance(error, _AWAY) or _is_lost_connection(error):
        return DatabaseUnavailable(f"The database does not answer: {error}")
    return None


class _Unavailable:
    """PERF: bench/access; a generator would take three times as long to enter and to leave."""

    __slots__ = ()

    def __enter__(self) -> None:
        """There is nothing to prepare."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Raise our error in place of the driver's."""
        if error is None:
            return
        if isinstance(error, _DRIVERS) and (ours := explained(error)) is not None:
            raise ours from error


_UNAVAILABLE = _Unavailable()


def unavailable() -> AbstractContextManager[None]:
    """Turn the driver's errors that mean "not now" into ours.

    Raises `DatabaseUnavailable` (`Deadlock` is one) and `StatementTimeout`; all else passes.
    """
    return _UNAVAILABLE


def _is_lost_connection(error: BaseException) -> bool:
    """Whether asyncpg, which has one class for misuse and for a lost socket, means the latter."""
    return isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError) and any(
        sign in str(error) for sign in _LOST_CONNECTION
    )
