"""`cockpit db`: migrations."""

from __future__ import annotations

import typer

from datasources import migrations
from gateway.settings import load_settings

__all__ = ["status", "upgrade"]


def upgrade() -> None:
    """Apply every pending migration to the database of DATABASE_URL.

    On the cockpit's existing database the baseline touches nothing; later migrations only add.

    Example: DATABASE_URL=postgresql://user:password@host/cockpit cockpit db upgrade
    """
    url = load_settings().require_database_url()
    pending = migrations.status(url).pending
    for migration in pending:
        typer.echo(f"applying {migration}")
    migrations.upgrade(url)
    typer.echo(f"The database is up to date at {migrations.status(url).current}.")


def status() -> None:
    """Tell how far the database of DATABASE_URL is; exit code 1 while migrations are pending.

    Example: DATABASE_URL=postgresql://user:password@host/cockpit cockpit db status
    """
    found = migrations.status(load_settings().require_database_url())
    typer.echo(f"current: {found.current or 'nothing applied'}\nnewest:  {found.head}")
    for migration in found.pending:
        typer.echo(f"pending: {migration}")
    if found.pending:
        raise typer.Exit(1)
