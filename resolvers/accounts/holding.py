"""Parent first: whoever changes what an account owns holds the account's row."""

from __future__ import annotations

from auth.caller import Caller
from datasources.accounts.writes import lock_account
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = ["hold_account"]


async def hold_account(context: WriteContext, caller: Caller | None = None) -> None:
    """Hold the caller's account to the end of the transaction; refuses one that is gone."""
    if not await lock_account(context.database, caller or context.caller):
        raise refuse("NOT_FOUND", "There is no such account.", "account_id")
