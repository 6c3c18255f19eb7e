"""Identifiers that are the same wherever and whenever the demo data is loaded."""

from __future__ import annotations

import hashlib
from uuid import UUID, uuid5

__all__ = ["demo_digest", "demo_id", "demo_number"]

_NAMESPACE = UUID("5d3a7c1e-9f42-5b68-8a07-c0c2917a4e11")
_NUMBERS = 9 * 10**17


def demo_id(*parts: object) -> str:
    """The UUID of what these words name."""
    return str(_uuid(*parts))


def demo_number(*parts: object) -> str:
    """Eighteen digits, as the identity provider numbers its people and organisations."""
    return str(10**17 + _uuid("number", *parts).int % _NUMBERS)


def demo_digest(*parts: object) -> str:
    """A SHA-256 in hexadecimal, as keys and tokens are stored; no key or token belongs to it."""
    return hashlib.sha256(_uuid("digest", *parts).bytes).hexdigest()


def _uuid(*parts: object) -> UUID:
    return uuid5(_NAMESPACE, "/".join(map(str, parts)))
