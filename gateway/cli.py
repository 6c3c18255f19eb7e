"""The command line: one entry point, `cockpit`."""

from __future__ import annotations

import sys

import typer

from gateway.commands.errors import EXPECTED
from gateway.commands.router import router

__all__ = ["main"]


def main() -> None:
    """Run the command; bad input ends it with one line on standard error and exit code 1."""
    try:
        _application()()
    except EXPECTED as error:
        typer.echo(f"cockpit: {error}", err=True)
        sys.exit(1)


def _application() -> typer.Typer:
    app = typer.Typer(
        help="A GraphQL federation gateway with tenancy, authorisation and audit in its core.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.command()(router)
    return app


if __name__ == "__main__":
    main()
