"""What a verified token says, whichever kind it was; nothing here is verified again.

A claim is a statement of whoever signed the token. Roles and super admin flags in it are not read
at all: rights come from the database and the configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from auth.errors import Unauthenticated

__all__ = ["Claims", "access_claims", "session_claims"]

_SUBJECTS = ("sub", "urn:zitadel:iam:user:id", "user_id", "uid")
_EMAILS = ("email", "urn:zitadel:iam:user:email")
_NAMES_LIKE_EMAILS = (
    "urn:zitadel:iam:user:preferred_username",
    "preferred_username",
    "upn",
    "username",
)
_ORGANIZATIONS = ("urn:zitadel:iam:org:id", "urn:zitadel:iam:user:resourceowner:id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The person a token speaks of."""

    subject: str
    email: str | None
    """Trimmed and in lower case."""
    is_email_verified: bool
    name: str
    account_id: str | None = None
    """Account the session was opened for; to be held against the database."""
    organization_id: str | None = None
    """The identity provider's organisation, which an account may name as its own."""
    issued_at: datetime
    """The epoch when the token does not say: any cutoff then ends it."""
    expires_at: datetime


def session_claims(payload: Mapping[str, Any]) -> Claims:
    """The claims of a UI session. Raises `Unauthenticated` when they name nobody.

    Sign-in is ours: it opens a session for an address it has checked, so the address counts as
    verified unless the session says that it is not.
    """
    email = _email(payload, ("user_email", "email"))
    subject = _first(payload, ("user_id", "sub")) or email
    if subject is None:
        raise Unauthenticated("This session names nobody.")
    return Claims(
        subject=subject,
        email=email,
        is_email_verified=email is not None and _is_true(payload.get("email_verified", True)),
        name=_first(payload, ("name",)) or email or subject,
        account_id=_first(payload, ("account_id",)),
        issued_at=_issued_at(payload),
        expires_at=_moment(payload["exp"]),
    )


def access_claims(payload: Mapping[str, Any]) -> Claims:
    """The claims of an OIDC access token. Raises `Unauthenticated` when they name nobody.

    `email_verified` (OIDC Core, 5.1) speaks of the e-mail claim alone: a user name that looks
    like an address is shown and never matched.
    """
    subject = _first(payload, _SUBJECTS)
    if subject is None:
        raise Unauthenticated("This access token names nobody.")
    email = _email(payload, _EMAILS)
    shown = email or _email(payload, _NAMES_LIKE_EMAILS)
    return Claims(
        subject=subject,
        email=shown,
        is_email_verified=email is not None and _is_true(payload.get("email_verified")),
        name=_first(payload, ("name",)) or shown or subject,
        organization_id=_first(payload, _ORGANIZATIONS),
        issued_at=_issued_at(payload),
        expires_at=_moment(payload["exp"]),
    )


def _first(payload: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = payload.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None


def _email(payload: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = _first(payload, (name,))
        if value is not None and _is_address(value):
            return value.lower()
    return None


def _is_address(value: str) -> bool:
    local, at, domain = value.rpartition("@")
    if not (local and at and domain) or any(character.isspace() for character in value):
        return False
    # A letter such as the Kelvin sign becomes plain ASCII in lower case, and with it somebody else.
    return value.isascii() or not value.lower().isascii()


def _is_true(value: object) -> bool:
    # Some providers send the word.
    return value is True or value == "true"


def _issued_at(payload: Mapping[str, Any]) -> datetime:
    return _moment(payload.get("iat", 0))


def _moment(value: Any) -> datetime:
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (OverflowError, ValueError, TypeError, OSError) as error:
        raise Unauthenticated("This token holds a time that does not exist.") from error
