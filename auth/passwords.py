"""Passwords of account admins: what is acceptable, and how they are kept (Argon2id, RFC 9106)."""

from __future__ import annotations

import argon2

__all__ = ["hash_password", "is_password", "problem_with_password"]

_MINIMUM_LENGTH = 12
_MAXIMUM_BYTES = 1024
"""Argon2 takes more; nobody types more, and hashing is paid by the server."""
_MINIMUM_VARIETY = 5
_SHORTEST_TELLING_NAME = 4


def problem_with_password(password: str, *, email: str | None = None) -> str | None:
    """What is wrong with a new password, as a sentence; None when it is acceptable.

    Length counts, not classes of characters (NIST SP 800-63B, 5.1.1.2).
    """
    if len(password) < _MINIMUM_LENGTH:
        return f"A password has at least {_MINIMUM_LENGTH} characters."
    if len(password.encode("utf-8", "surrogatepass")) > _MAXIMUM_BYTES:
        return f"A password has at most {_MAXIMUM_BYTES} bytes."
    if len(set(password)) < _MINIMUM_VARIETY:
        return f"A password has at least {_MINIMUM_VARIETY} different characters."
    name = (email or "").partition("@")[0].lower()
    if len(name) >= _SHORTEST_TELLING_NAME and name in password.lower():
        return "A password does not contain the name in the e-mail address."
    return None


def hash_password(password: str) -> str:
    """The salted hash to store, with its parameters (PHC string). Takes tens of milliseconds."""
    return argon2.PasswordHasher().hash(password)


def is_password(password: str, stored: str) -> bool:
    """Whether a password is the one a stored hash was made from.

    False for anything that is no Argon2 hash: hashes of the former system open nothing.
    """
    try:
        return argon2.PasswordHasher().verify(stored, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
