"""What can go wrong below SQL. None of it is the client's doing.

DatabaseError
├── DatabaseUnavailable   no server, or none that takes us: try again later
│   └── Deadlock          one of two transactions that waited for each other: none of it happened
├── StatementTimeout      the server gave up on a statement that took too long
├── NoticesMissed         a follower read more slowly than notices came
├── MigrationError        the schema cannot be brought up to date
└── EmbeddedServerError   the embedded server does not start
    └── DataDirectoryError   because of the directory it was given
"""

from __future__ import annotations

__all__ = [
    "DataDirectoryError",
    "DatabaseError",
    "DatabaseUnavailable",
    "Deadlock",
    "EmbeddedServerError",
    "MigrationError",
    "NoticesMissed",
    "StatementTimeout",
]


class DatabaseError(Exception):
    """Base; `message` is a sentence for the operator, never for the client."""

    code = "INTERNAL"

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class DatabaseUnavailable(DatabaseError):  # noqa: N818 - names the state
    """The server is away, starting, or full; the same call can succeed later."""


class Deadlock(DatabaseUnavailable):
    """Two transactions waited for each other, and this one was taken back: do all of it again."""


class StatementTimeout(DatabaseError):  # noqa: N818 - names what happened
    """A statement ran longer than the pool allows."""


class NoticesMissed(DatabaseError):  # noqa: N818 - names what happened
    """A follower read more slowly than notices came, so that some are missing."""


class MigrationError(DatabaseError):
    """A migration needs something that only a person can give it."""


class EmbeddedServerError(DatabaseError):
    """The embedded server does not start."""


class DataDirectoryError(EmbeddedServerError):
    """The directory the embedded server was given cannot hold its data."""
