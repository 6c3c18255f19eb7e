"""Minting UI sessions: for sign-in, development and `cockpit token mint`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt

from auth.tokens import MINIMUM_SECRET_BYTES, SESSION_ALGORITHM

__all__ = ["LONGEST_SESSION", "mint_session"]

LONGEST_SESSION = timedelta(days=30)


def mint_session(
    secret: str,
    *,
    subject: str,
    email: str | None = None,
    account_id: str | None = None,
    name: str | None = None,
    is_email_verified: bool = True,
    lifetime: timedelta = timedelta(hours=8),
    issuer: str | None = None,
    audience: str | None = None,
    now: datetime | None = None,
) -> str:
    """A signed session of somebody.

    It carries who, never what they may do: roles are read from the database at every use.
    Raises `ValueError` for a short secret or a lifetime that is not above zero and within 30 days.
    """
    if len(secret.encode()) < MINIMUM_SECRET_BYTES:
        raise ValueError(f"A session secret has at least {MINIMUM_SECRET_BYTES} bytes.")
    if not timedelta(0) < lifetime <= LONGEST_SESSION:
        raise ValueError("A session lasts longer than nothing and at most 30 days.")
    issued_at = now or datetime.now(UTC)
    claims = {
        "user_id": subject,
        "user_email": email,
        "email_verified": None if email is None else is_email_verified,
        "name": name,
        "account_id": account_id,
        "iss": issuer,
        "aud": audience,
        "iat": int(issued_at.timestamp()),
        "exp": int((issued_at + lifetime).timestamp()),
        "jti": str(uuid4()),
    }
    stated = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(stated, secret, algorithm=SESSION_ALGORITHM)
