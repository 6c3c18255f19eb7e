"""What ends a command with one line instead of a traceback."""

from __future__ import annotations

from pathlib import Path

from datasources.errors import DatabaseError
from federation.errors import EngineError
from gateway.serving import PortError
from gateway.settings import SettingsError

__all__ = ["EXPECTED", "CommandError", "read_text"]


class CommandError(Exception):
    """Input a command cannot work with; the message says what to do."""


EXPECTED = (CommandError, SettingsError, PortError, DatabaseError, EngineError)
"""Errors whose message is a sentence for whoever ran the command."""


def read_text(path: Path, what: str) -> str:
    """The text of a file a command was given. Raises `CommandError`."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CommandError(f"{what} {path} does not exist.") from None
    except OSError as error:
        raise CommandError(f"{what} {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{what} {path} is not UTF-8 text.") from error
