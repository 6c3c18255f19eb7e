"""Tokens of machine clients: `cpk_<name>_<secret><checksum>`, opaque, shown once, kept as a hash.

The checksum lets a mistyped token be refused without a look-up, and secret scanners tell a real
one from an example. Nothing else can be read from a token.
"""

from __future__ import annotations

import secrets
import string
from binascii import crc32
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple

from auth.errors import Unauthenticated

__all__ = [
    "DEFAULT_LIFETIME",
    "LONGEST_GRACE",
    "LONGEST_LIFETIME",
    "NewToken",
    "is_service_token",
    "new_token",
    "token_hash",
]

DEFAULT_LIFETIME = timedelta(days=90)
LONGEST_LIFETIME = timedelta(days=365)
LONGEST_GRACE = timedelta(days=7)
"""How long the old token may keep working after a rotation."""

_MARK = "cpk_"
_ALPHABET = string.digits + string.ascii_letters
_NAME_LENGTH = 8
_SECRET_LENGTH = 32
"""190 bits: nothing to guess, so a plain hash protects it."""
_CHECKSUM_LENGTH = 6


class NewToken(NamedTuple):
    """A token at the only moment it is known."""

    token: str
    prefix: str
    """Its first characters, to tell credentials apart; not secret."""
    token_hash: bytes
    """SHA-256, the only form that is stored."""


def new_token() -> NewToken:
    """Make a token from the system's randomness."""
    prefix = _MARK + _random(_NAME_LENGTH)
    body = f"{prefix}_{_random(_SECRET_LENGTH)}"
    token = body + _checksum(body)
    return NewToken(token, prefix, sha256(token.encode()).digest())


def is_service_token(token: str) -> bool:
    """Whether a token claims to be one of a machine client."""
    return token.startswith(_MARK)


def token_hash(token: str) -> bytes:
    """The hash under which a token is stored. Raises `Unauthenticated` for a mistyped one."""
    body, checksum = token[:-_CHECKSUM_LENGTH], token[-_CHECKSUM_LENGTH:]
    if not _is_whole(token) or checksum != _checksum(body):
        raise Unauthenticated("This service token is mistyped or cut off.")
    return sha256(token.encode()).digest()


def _is_whole(token: str) -> bool:
    length = len(_MARK) + _NAME_LENGTH + 1 + _SECRET_LENGTH + _CHECKSUM_LENGTH
    return len(token) == length and token.isascii()


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _checksum(body: str) -> str:
    number, digits = crc32(body.encode()), ""
    for _ in range(_CHECKSUM_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
