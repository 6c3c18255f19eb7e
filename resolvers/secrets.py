"""Secrets that clients write and nobody reads back: sealed, and stored apart from their object."""

from __future__ import annotations

from datasources import secrets
from datasources.secrets import SealedSecret, SecretName
from resolvers.base import RequestContext

__all__ = ["keep_secret", "open_secret"]


def _purpose(account_id: str, which: SecretName) -> str:
    """A secret opens only as the secret of the same object of the same account."""
    return "/".join(("secret", account_id, *which))


async def keep_secret(
    context: RequestContext, account_id: str, which: SecretName, plain: str | None
) -> None:
    """Store a secret of the caller's account, or remove it when there is none any more."""
    if plain is None:
        await secrets.remove(context.database, context.caller, which)
        return
    purpose = _purpose(account_id, which)
    sealed = context.services.secrets.seal(plain.encode(), purpose=purpose)
    await secrets.store(context.database, context.caller, which, SealedSecret(*sealed))


async def open_secret(context: RequestContext, account_id: str, which: SecretName) -> str | None:
    """A stored secret, for whoever connects with it; never for an answer."""
    sealed = await secrets.find(context.database, context.caller, which)
    if sealed is None:
        return None
    purpose = _purpose(account_id, which)
    return context.services.secrets.open(*sealed, purpose=purpose).decode()
