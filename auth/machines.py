"""From a service token to a caller: expiry, revocation, account, scopes."""

from __future__ import annotations

import hmac
from datetime import datetime

from auth.caller import ActorKind, Caller, Role
from auth.errors import Forbidden, Unauthenticated
from auth.scopes import ACCOUNTS_ANY, known_scopes
from auth.service_tokens import token_hash
from auth.store import CredentialRecord, PrincipalStore

__all__ = ["machine"]

_UNKNOWN = "This service token is not valid."


async def machine(store: PrincipalStore, token: str, now: datetime) -> Caller:
    """The machine client of a token, at a moment; notes the minute of use.

    Raises `Unauthenticated` for a token that is mistyped, unknown, expired or revoked, `Forbidden`
    when the credential's account is suspended or gone.
    """
    presented = token_hash(token)
    record = await store.credential(presented)
    if record is None or not hmac.compare_digest(record.token_hash, presented):
        raise Unauthenticated(_UNKNOWN)
    _check(record, now)
    minute = now.replace(second=0, microsecond=0)
    if record.last_used_at is None or record.last_used_at < minute:
        await store.mark_used(record.id, minute)
    return _caller(record)


def _check(record: CredentialRecord, now: datetime) -> None:
    if record.revoked_at is not None and record.revoked_at <= now:
        raise Unauthenticated("This service credential has been revoked.")
    if record.expires_at <= now:
        raise Unauthenticated("This service token has expired.")
    if record.account_id is not None and (record.account is None or not record.account.is_active):
        raise Forbidden("The account of this service credential is not in use.")


def _caller(record: CredentialRecord) -> Caller:
    scopes = known_scopes(record.scopes)
    is_platform = record.account_id is None
    return Caller(
        kind=ActorKind.SERVICE,
        id=record.id,
        name=record.name,
        account_id=record.account_id,
        # An account's own credential stays in its account, whatever its scopes say.
        spans_accounts=is_platform and ACCOUNTS_ANY in scopes,
        roles=frozenset({Role.SERVICE}),
        scopes=scopes if is_platform else scopes - {ACCOUNTS_ANY},
        features=frozenset() if record.account is None else record.account.features,
        expires_at=record.expires_at,
    )
