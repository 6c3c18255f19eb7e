"""The command line: one entry point, `cockpit`."""

from __future__ import annotations

import sys

import typer

from gateway.commands import audit, db, schema, token
from gateway.commands.compose import compose
from gateway.commands.dev import dev
from gateway.commands.errors import EXPECTED
from gateway.commands.plan import plan
from gateway.commands.router import router
from gateway.commands.serve import serve
from gateway.commands.subgraph import subgraph

__all__ = ["application", "main"]


def main() -> None:
    """Run the command; bad input ends it with one line on standard error and exit code 1."""
    try:
        application()()
    except EXPECTED as error:
        typer.echo(f"cockpit: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def application() -> typer.Typer:
    """Every command, in groups."""
    app = _group("A GraphQL federation gateway with tenancy, authorisation and audit in its core.")
    for command in (dev, serve, router, subgraph, compose, plan):
        app.command()(command)
    schemas = _group("Print the graph, and compare it with an older one.")
    schemas.command("print")(schema.show)
    schemas.command()(schema.check)
    database = _group("Migrations of the database.")
    database.command()(db.upgrade)
    database.command()(db.status)
    tokens = _group("Tokens for development and operation.")
    tokens.command()(token.mint)
    app.add_typer(schemas, name="schema")
    app.add_typer(database, name="db")
    app.add_typer(tokens, name="token")
    trail = _group("The audit trail.")
    trail.command()(audit.verify)
    app.add_typer(trail, name="audit")
    return app


def _group(what: str) -> typer.Typer:
    group = typer.Typer(
        help=what,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    # A group of one command stays a group: `cockpit token mint`, also while there is no other.
    group.callback()(lambda: None)
    return group


if __name__ == "__main__":
    main()
