"""Credentials of machine clients: granting, rotating and revoking them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from auth.caller import Caller
from auth.policy import grantable_scopes
from auth.scopes import ACCOUNTS_ANY, SCOPES
from auth.service_tokens import DEFAULT_LIFETIME, LONGEST_GRACE, LONGEST_LIFETIME, new_token
from datasources import service_credentials as credentials
from datasources.audit import AuditEvent
from datasources.service_credentials import CredentialRow
from resolvers.errors import Refused, UserError, refuse
from resolvers.writing import WriteContext

__all__ = [
    "ChangedCredential",
    "GrantedCredential",
    "create_service_credential",
    "revoke_service_credential",
    "rotate_service_credential",
]

_LONGEST_NAME = 255


class GrantedCredential(NamedTuple):
    """A credential with the token that is shown this once."""

    credential: CredentialRow
    token: str


class ChangedCredential(NamedTuple):
    """A credential after a change."""

    credential: CredentialRow


async def create_service_credential(
    context: WriteContext, *, name: str, scopes: Sequence[str], expires_at: datetime | None = None
) -> GrantedCredential:
    """Create a credential in the caller's account, or for the platform."""
    caller = context.caller
    now = datetime.now(UTC)
    until = _checked_end(expires_at, now)
    granted = _checked_scopes(caller, scopes)
    id = await credentials.insert_credential(
        context.database, caller, name=_checked_name(name), scopes=granted, expires_at=until
    )
    if id is None:
        raise refuse("TAKEN", "There is a credential of this name.", "name")
    token = new_token()
    await credentials.add_token(context.database, caller, id, token, until)
    created = await _read(context, id)
    await context.audit(_event("create", f"Credential {created.name} was created.", created))
    return GrantedCredential(created, token.token)


async def rotate_service_credential(
    context: WriteContext, *, id: str, grace_seconds: int = 0
) -> GrantedCredential:
    """Give a credential a new token; the old one works on for the grace."""
    grace = _checked_grace(grace_seconds)
    before = await _locked(context, id)
    if before.revoked_at is not None or before.expires_at <= datetime.now(UTC):
        raise refuse("INVALID_STATE", "The credential has ended; create a new one.", "id")
    _refuse_beyond(context.caller, before.scopes, "id")
    await credentials.end_tokens(context.database, context.caller, id, grace)
    token = new_token()
    await credentials.add_token(context.database, context.caller, id, token, before.expires_at)
    after = await _read(context, id)
    await context.audit(
        _event(
            "rotate",
            f"Credential {after.name} got a new token.",
            after,
            before=before,
            grace_seconds=grace_seconds,
        )
    )
    context.end_access()
    return GrantedCredential(after, token.token)


async def revoke_service_credential(context: WriteContext, *, id: str) -> ChangedCredential:
    """End a credential at once, everywhere."""
    before = await _locked(context, id)
    if not await credentials.revoke_credential(context.database, context.caller, id):
        context.changed_nothing()
        return ChangedCredential(before)
    after = await _read(context, id)
    await context.audit(
        _event("revoke", f"Credential {after.name} was revoked.", after, before=before)
    )
    context.end_access()
    return ChangedCredential(after)


async def _locked(context: WriteContext, id: str) -> CredentialRow:
    row = await credentials.lock_credential(context.database, context.caller, id)
    if row is None:
        raise refuse("NOT_FOUND", "There is no such credential.", "id")
    return row


async def _read(context: WriteContext, id: str) -> CredentialRow:
    row = (await credentials.credentials_by_id(context.database, context.caller, [id]))[0]
    if row is None:
        raise LookupError("What was just written is there.")
    return row


def _checked_name(name: str) -> str:
    line = name.strip()
    if not line:
        raise refuse("REQUIRED", "A name is needed.", "name")
    if len(line) > _LONGEST_NAME or not line.isprintable():
        raise refuse("INVALID", f"A name is one line of {_LONGEST_NAME} characters.", "name")
    return line


def _checked_end(expires_at: datetime | None, now: datetime) -> datetime:
    if expires_at is None:
        return now + DEFAULT_LIFETIME
    if expires_at <= now:
        raise refuse("INVALID", "A credential ends in the future.", "expires_at")
    if expires_at > now + LONGEST_LIFETIME:
        raise refuse("INVALID", "A credential lives a year at most.", "expires_at")
    return expires_at


def _checked_grace(seconds: int) -> timedelta:
    if not 0 <= seconds <= LONGEST_GRACE.total_seconds():
        raise refuse("INVALID", "A grace is 0 seconds to 7 days.", "grace_seconds")
    return timedelta(seconds=seconds)


def _checked_scopes(caller: Caller, scopes: Sequence[str]) -> list[str]:
    asked = sorted({scope.strip() for scope in scopes})
    if not asked:
        raise refuse("REQUIRED", "Say what the credential may do.", "scopes")
    unknown = [scope for scope in asked if scope not in SCOPES]
    if unknown:
        raise Refused(
            [UserError("INVALID", f"There is no scope {name!r}.", ("scopes",)) for name in unknown]
        )
    if ACCOUNTS_ANY in asked and caller.account_id is not None:
        raise refuse(
            "NOT_ENTITLED",
            f"{ACCOUNTS_ANY} is for credentials of the platform, which super admins create.",
            "scopes",
        )
    _refuse_beyond(caller, asked, "scopes")
    return asked


def _refuse_beyond(caller: Caller, scopes: Sequence[str], argument: str) -> None:
    """Nobody gets a token for more than they hold themselves."""
    held = grantable_scopes(caller)
    beyond = [scope for scope in scopes if scope not in held]
    if beyond:
        raise Refused(
            [
                UserError("NOT_ENTITLED", f"You do not hold {name} yourself.", (argument,))
                for name in beyond
            ]
        )


def _event(
    action: str,
    message: str,
    after: CredentialRow,
    *,
    before: CredentialRow | None = None,
    **details: Any,
) -> AuditEvent:
    values = {"after": _seen(after), **details}
    if before is not None:
        values["before"] = _seen(before)
    return AuditEvent(
        event_type="copilot_identity",
        action=action,
        resource_type="service_credential",
        resource_id=after.id,
        message=message,
        details=values,
        severity="warning" if action == "revoke" else "info",
    )


def _seen(row: CredentialRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "scopes": row.scopes,
        "token_prefix": row.token_prefix,
        "expires_at": row.expires_at.isoformat(),
        "revoked_at": None if row.revoked_at is None else row.revoked_at.isoformat(),
    }
