"""Who a request of the servers beside the gateway comes from: a session verified once."""

from __future__ import annotations

import jwt

from auth.tokens import SESSION_ALGORITHM
from bench.data import SECRET

__all__ = ["Sessions"]

_BEARER = len("Bearer ")


class Sessions:
    """Accounts by the header that names them."""

    def __init__(self) -> None:
        self._known: dict[bytes, str] = {}

    def account_of(self, authorization: bytes) -> str:
        """The account of an `Authorization` header. Raises `jwt.InvalidTokenError`."""
        account = self._known.get(authorization)
        if account is None:
            claims = jwt.decode(authorization[_BEARER:], SECRET, algorithms=[SESSION_ALGORITHM])
            account = self._known[authorization] = str(claims["account_id"])
        return account
