"""From the claims of a verified token to a caller: cutoff, super admin, account, roles."""

from __future__ import annotations

from auth.caller import ActorKind, Caller, Role
from auth.claims import Claims
from auth.errors import Unauthenticated
from auth.scopes import scopes_of_roles
from auth.store import PrincipalQuery, PrincipalStore
from auth.tenancy import Standing, resolve

__all__ = ["person"]


async def person(
    store: PrincipalStore, claims: Claims, super_admin_emails: frozenset[str]
) -> Caller:
    """The person whom a token speaks of, with the rights they have now.

    Raises `Unauthenticated` when the person's sessions were ended after this one was opened,
    `Forbidden` when no account, or more than one, is open to them.
    """
    vouched = claims.email if claims.is_email_verified else None
    names = (claims.subject, *([claims.email] if claims.email else []))
    dossier = await store.dossier(
        PrincipalQuery(claims.subject, vouched, claims.organization_id, names)
    )
    if dossier.valid_after is not None and claims.issued_at < dossier.valid_after:
        raise Unauthenticated("This session has been ended. Sign in again.")
    if vouched is not None and vouched in super_admin_emails:
        return _super_admin(claims, vouched)
    standing = resolve(dossier, claims.account_id)
    return _nobody_yet(claims) if standing is None else _member(claims, standing)


def _super_admin(claims: Claims, email: str) -> Caller:
    roles = frozenset({Role.SUPER_ADMIN})
    return Caller(
        kind=ActorKind.SUPER_ADMIN,
        id=email,
        name=claims.name,
        email=email,
        is_email_verified=True,
        spans_accounts=True,
        roles=roles,
        scopes=scopes_of_roles(roles),
        expires_at=claims.expires_at,
    )


def _member(claims: Claims, standing: Standing) -> Caller:
    return Caller(
        kind=ActorKind.USER,
        id=standing.user_id or standing.identity_id or claims.subject,
        name=standing.name or claims.name,
        email=claims.email or standing.email,
        is_email_verified=claims.is_email_verified,
        account_id=standing.account.id,
        user_id=standing.user_id,
        identity_id=standing.identity_id,
        roles=standing.roles,
        scopes=scopes_of_roles(standing.roles),
        features=standing.account.features,
        expires_at=claims.expires_at,
    )


def _nobody_yet(claims: Claims) -> Caller:
    return Caller(
        kind=ActorKind.USER,
        id=claims.subject,
        name=claims.name,
        email=claims.email,
        is_email_verified=claims.is_email_verified,
        expires_at=claims.expires_at,
    )
