"""Find out who is calling."""

from __future__ import annotations

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

    async def __call__(self, exchange: Exchange) -> None:
        """Verify the credentials, where there are any."""
        credentials = credentials_of(exchange.headers, exchange.cookies)
        if credentials is not None:
            exchange.caller = await self._authenticator.authenticate(credentials)
            exchange.recheck = partial(self._recheck, exchange, credentials)

    async def _recheck(self, exchange: Exchange, credentials: Credentials) -> None:
        """Ask again who this is; what was planned for other rights must not go on."""
        if await self._authenticator.authenticate(credentials) != exchange.caller:
            raise Forbidden("Your rights have changed since this began: ask again.")
