"""Find out who is calling."""

from __future__ import annotations

from auth.authenticator import Authenticator
from auth.credentials import credentials_of
from gateway.exchange import Exchange

__all__ = ["Authenticate"]


class Authenticate:
    """Fills `caller`. Raises `Unauthenticated` or `Forbidden` for credentials that do not do.

    A request without credentials goes on as nobody's: each field says for itself that it is not
    for nobody.
    """

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator

    async def __call__(self, exchange: Exchange) -> None:
        """Verify the credentials, where there are any."""
        credentials = credentials_of(exchange.headers, exchange.cookies)
        if credentials is not None:
            exchange.caller = await self._authenticator.authenticate(credentials)
