"""Find out who is calling."""

from __future__ import annotations

from collections.abc import Awaitable
from functools import partial

from auth.authenticator import Authenticator
from auth.credentials import Credentials, credentials_of
from auth.errors import Forbidden
from gateway.exchange import Exchange

__all__ = ["Authenticate"]


class Authenticate:
    """Fills `caller` and `recheck`.

    Raises `Unauthenticated` or `Forbidden` for credentials that do not do. A request
    without credentials goes on as nobody's: each field says for itself that it is not for nobody.
    """

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator

    def __call__(self, exchange: Exchange) -> Awaitable[None] | None:
        """Verify the credentials, where there are any; who is remembered is known at once."""
        credentials = credentials_of(exchange.headers, exchange.cookies)
        if credentials is None:
            return None
        exchange.recheck = partial(self._recheck, exchange, credentials)
        exchange.caller = self._authenticator.remembered(credentials)
        return None if exchange.caller is not None else self._verify(exchange, credentials)

    async def _verify(self, exchange: Exchange, credentials: Credentials) -> None:
        exchange.caller = await self._authenticator.authenticate(credentials)

    async def _recheck(self, exchange: Exchange, credentials: Credentials) -> None:
        """Ask again who this is; what was planned for other rights must not go on."""
        if await self._authenticator.authenticate(credentials) != exchange.caller:
            raise Forbidden("Your rights have changed since this began: ask again.")
