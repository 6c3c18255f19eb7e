"""The limits of an account, enforced where something is created.

    await keep_within(context, "max_teams")

The account is locked when there is a limit, so that of two creations only one takes the last place;
call it before any other lock is taken.
"""

from __future__ import annotations

from datasources.limits import LimitsRow, limits_of_accounts, lock_limits
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = ["keep_within"]

_COUNTS = {"max_models": "model_count", "max_keys": "key_count", "max_teams": "team_count"}
_NOUNS = {"max_models": "models", "max_keys": "keys", "max_teams": "teams"}


async def keep_within(context: WriteContext, limit: str, adding: int = 1) -> None:
    """Refuse with LIMIT_REACHED what would pass a limit of the account."""
    if getattr(await _limits(context), limit) is None:
        return
    await lock_limits(context.database, context.caller)
    limits = await _limits(context)
    maximum = getattr(limits, limit)
    if maximum is not None and getattr(limits, _COUNTS[limit]) + adding > maximum:
        raise refuse(
            "LIMIT_REACHED", f"This account may have {maximum} {_NOUNS[limit]} and has them."
        )


async def _limits(context: WriteContext) -> LimitsRow:
    (limits,) = await limits_of_accounts(context.database, context.caller, [context.account_id])
    if limits is None:
        raise LookupError("The account acted in exists.")
    return limits
