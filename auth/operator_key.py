"""The operator key: the one secret that is a super admin by itself. Off unless configured."""

from __future__ import annotations

import hmac
from hashlib import sha256

from auth.caller import ActorKind, Caller, Role

__all__ = ["OPERATOR_PREFIX", "OperatorKey"]

OPERATOR_PREFIX = "operator:"
_MINIMUM_BYTES = 32


class OperatorKey:
    """A configured operator key. It signs nothing: sessions have secrets of their own."""

    __slots__ = ("_digest", "id")

    def __init__(self, key: str) -> None:
        """Take the key; raises `ValueError` for one shorter than 32 bytes."""
        if len(key.encode()) < _MINIMUM_BYTES:
            raise ValueError(f"The operator key must have at least {_MINIMUM_BYTES} bytes.")
        self._digest = sha256(key.encode()).digest()
        self.id = f"{OPERATOR_PREFIX}{self._digest.hex()[:8]}"
        """Names the key in the audit trail, so that a rotated key can be told from its heir."""

    def matches(self, token: str) -> bool:
        """Whether a token is the key, compared in constant time.

        Digests of equal length are compared, so that not even the key's length shows.
        """
        presented = sha256(token.encode("utf-8", "surrogatepass")).digest()
        return hmac.compare_digest(presented, self._digest)

    def caller(self) -> Caller:
        """The principal the key stands for."""
        return Caller(
            kind=ActorKind.SUPER_ADMIN,
            id=self.id,
            name="Operator key",
            spans_accounts=True,
            roles=frozenset({Role.SUPER_ADMIN}),
        )
