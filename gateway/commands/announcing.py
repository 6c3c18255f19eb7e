"""Saying that a server is ready."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import typer

__all__ = ["announcing"]


def announcing(line: str) -> Callable[[], Awaitable[None]]:
    """Prints the line when the server calls it."""

    async def announce() -> None:
        typer.echo(line)

    return announce
