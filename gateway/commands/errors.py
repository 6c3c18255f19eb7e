"""What ends a command with one line instead of a traceback."""

from __future__ import annotations

from pathlib import Path

import typer

from datasources.errors import DatabaseError
from federation.errors import EngineError
from gateway.compose_config import ComposeConfigError
from gateway.modules import UnknownModuleError
from gateway.serving import PortError
from gateway.settings import SettingsError
from gateway.subgraph_config import SubgraphConfigError
from gateway.supergraph_source import SourceError

__all__ = ["EXPECTED", "CommandError", "read_text", "write_text"]


class CommandError(Exception):
    """Input a command cannot work with; the message says what to do."""


EXPECTED = (
    CommandError,
    ComposeConfigError,
    UnknownModuleError,
    SettingsError,
    SourceError,
    SubgraphConfigError,
    PortError,
    DatabaseError,
    EngineError,
)
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


def write_text(text: str, path: Path | None) -> None:
    """Write to a file, or to standard output. Raises `CommandError`."""
    content = text if text.endswith("\n") else f"{text}\n"
    if path is None:
        typer.echo(content, nl=False)
        return
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
