"""The authenticator that settings ask for: which credentials are accepted."""

from __future__ import annotations

import aiohttp

from auth.authenticator import Authenticator, Doors
from auth.keys import ProviderKeys
from auth.operator_key import OperatorKey
from auth.tokens import AccessTokens, SessionTokens
from datasources.database import Pool
from datasources.identity import StoredPrincipals
from gateway.identity_provider import fetch_with
from gateway.settings import Settings

__all__ = ["authenticator_of"]


def authenticator_of(
    settings: Settings, pool: Pool, session: aiohttp.ClientSession
) -> Authenticator:
    """Says who is calling, by the database and the identity provider of the settings."""
    secrets = [secret.reveal() for secret in settings.session_secrets]
    key = settings.operator_key
    doors = Doors(
        sessions=SessionTokens(secrets) if secrets else None,
        access_tokens=_access_tokens(settings, session),
        operator_key=None if key is None else OperatorKey(key.reveal()),
        super_admin_emails=settings.super_admin_emails,
    )
    return Authenticator(StoredPrincipals(pool), doors)


def _access_tokens(settings: Settings, session: aiohttp.ClientSession) -> AccessTokens | None:
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        return None
    keys = ProviderKeys(
        fetch_with(session), issuer=settings.oidc_issuer, jwks_url=settings.oidc_jwks_url
    )
    return AccessTokens(keys, issuer=settings.oidc_issuer, audience=settings.oidc_audience)
