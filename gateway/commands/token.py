"""`cockpit token`: signed sessions for development and operation."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

import typer

from auth.mint import LONGEST_SESSION, mint_session
from gateway.commands.errors import CommandError
from gateway.development import session_secret
from gateway.settings import load_settings

__all__ = ["mint"]

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def mint(
    email: Annotated[str, typer.Option(help="E-mail address of the person.")],
    subject: Annotated[
        str | None, typer.Option(help="Id of the person; the e-mail address if none.")
    ] = None,
    account: Annotated[
        str | None, typer.Option(help="Account the session is for; found by the person if none.")
    ] = None,
    lifetime: Annotated[str, typer.Option(help="Such as 30m, 8h or 7d; 30d at most.")] = "8h",
) -> None:
    """Print a session token of a person, signed with the first of COCKPIT_SESSION_SECRETS.

    It says who, never what they may do: rights are read from the database at every use. Machine
    clients use the graph's createServiceCredential instead.

    Example: cockpit token mint --email ada@example.com --lifetime 2h
    """
    if "@" not in email:
        raise CommandError(f"{email} is no e-mail address.")
    token = mint_session(
        session_secret(load_settings()),
        subject=subject or email.lower(),
        email=email.lower(),
        account_id=account,
        lifetime=_duration(lifetime),
    )
    typer.echo(token)


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,6})([mhd])", text, re.ASCII)
    duration = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta(0)
    if not timedelta(0) < duration <= LONGEST_SESSION:
        raise CommandError("--lifetime must be a time such as 30m, 8h or 7d, and 30d at most.")
    return duration
