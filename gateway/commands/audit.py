"""`cockpit audit`: whether the audit trail is whole."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from datasources import migrations
from datasources.audit_verification import Anchor, Broken, Verified, chains, verify_chain
from datasources.database import Pool, PoolOptions
from gateway.commands.errors import CommandError
from gateway.settings import Settings, load_settings

__all__ = ["verify"]

_MIGRATION = "0015"
_ANCHOR = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")
_PATIENCE = 2.0
"""Seconds without a word."""


def verify(
    account: Annotated[str | None, typer.Option(help="Only the chain of this account.")] = None,
    platform: Annotated[bool, typer.Option(help="Only the platform's own chain.")] = False,  # noqa: FBT002 - a flag of the command line
    anchor: Annotated[
        str | None,
        typer.Option(help="POSITION:HASH of an event, as noted down from an earlier run."),
    ] = None,
) -> None:
    """Walk the chains of the audit trail, and name the first broken link of each.

    Prints where every chain ends, to be kept where who can write to the database cannot; exit code
    1 when a link is broken. DATABASE_URL must name a user who sees every account.

    Example: cockpit audit verify --account 6a1c0f6e-0e53-4a64-9d7c-6c7e3d3b3f0a
    """
    if account is not None and platform:
        raise CommandError("Give --account or --platform, not both.")
    if anchor is not None and account is None and not platform:
        raise CommandError("Say with --account or --platform which chain the anchor is of.")
    settings = load_settings()
    pending = migrations.status(settings.require_database_url()).pending
    if any(text.startswith(_MIGRATION) for text in pending):
        raise CommandError("There are no chains yet: run cockpit db upgrade.")
    wanted = [account or ""] if account is not None or platform else None
    if asyncio.run(_verify(settings, wanted, _anchor(anchor))):
        raise typer.Exit(1)


def _anchor(text: str | None) -> Anchor | None:
    if text is None:
        return None
    match = _ANCHOR.fullmatch(text)
    if match is None:
        raise CommandError("--anchor must be a position, a colon and 64 hexadecimal digits.")
    return Anchor(int(match[1]), bytes.fromhex(match[2]))


async def _verify(settings: Settings, wanted: Sequence[str] | None, anchor: Anchor | None) -> bool:
    """Tell of every chain; whether one is broken."""
    options = PoolOptions(max_size=1, transaction_pooling=settings.pgbouncer)
    pool = await Pool.open(settings.require_database_url(), options)
    is_broken = False
    try:
        for chain in await chains(pool) if wanted is None else wanted:
            found = await verify_chain(pool, chain, anchor, _progress(_name(chain)))
            is_broken |= isinstance(found, Broken)
            typer.echo(_told(found))
    finally:
        await pool.close()
    return is_broken


def _told(found: Verified | Broken) -> str:
    name = _name(found.chain)
    if isinstance(found, Broken):
        event = "" if found.event_id is None else f", event {found.event_id}"
        return f"{name}: broken at {found.position}{event}. {found.reason}"
    return f"{name}: whole up to {found.position}:{found.hash.hex()}"


def _name(chain: str) -> str:
    return f"account {chain}" if chain else "platform"


def _progress(name: str) -> Callable[[int], None]:
    """Says now and then on standard error how far a chain is walked."""
    told_at = time.monotonic()

    def tell(position: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at > _PATIENCE:
            told_at = time.monotonic()
            sys.stderr.write(f"{name}: {position} events walked\n")

    return tell
