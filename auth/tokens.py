"""Signed tokens: UI sessions (HS256) and OIDC access tokens (RFC 7519, RFC 8725, RFC 9068).

Each kind has its own keys and its own algorithms, so that a token of one kind can never be
verified with the other's key, and `none` is in no list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import jwt
from jwt.types import Options

from auth.claims import Claims, access_claims, session_claims
from auth.errors import Unauthenticated

__all__ = [
    "ACCESS_ALGORITHMS",
    "MINIMUM_SECRET_BYTES",
    "SESSION_ALGORITHM",
    "AccessTokens",
    "SessionTokens",
    "VerificationKeys",
    "algorithm_of",
]

SESSION_ALGORITHM = "HS256"
ACCESS_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "EdDSA"})
MINIMUM_SECRET_BYTES = 32
_LONGEST_TOKEN = 16_384
_SESSION_LEEWAY = 10
_ACCESS_LEEWAY = 60
"""Seconds that clocks may differ."""
_INVALID = "This token cannot be verified."


class VerificationKeys(Protocol):
    """The identity provider's public keys."""

    async def key(self, kid: str | None, algorithm: str) -> jwt.PyJWK:
        """The key a header names. Raises `Unauthenticated` or `KeysUnavailable`."""


class SessionTokens:
    """Verifies UI sessions, signed with a secret that is used for nothing else."""

    def __init__(
        self, secrets: Sequence[str], *, issuer: str | None = None, audience: str | None = None
    ) -> None:
        """Take the secrets, the one that signs first; the others are on their way out.

        Raises `ValueError` for no secret or one shorter than 32 bytes.
        """
        if not secrets:
            raise ValueError("A session secret is needed.")
        if any(len(secret.encode()) < MINIMUM_SECRET_BYTES for secret in secrets):
            raise ValueError(f"A session secret has at least {MINIMUM_SECRET_BYTES} bytes.")
        self._secrets = tuple(secrets)
        self._issuer = issuer
        self._audience = audience

    def verify(self, token: str) -> Claims:
        """The claims of a genuine session that is still open; raises `Unauthenticated`."""
        for secret in self._secrets[:-1]:
            try:
                return session_claims(self._payload(token, secret))
            except jwt.InvalidSignatureError:
                continue
            except jwt.PyJWTError as error:
                raise _refusal(error) from error
        try:
            return session_claims(self._payload(token, self._secrets[-1]))
        except jwt.PyJWTError as error:
            raise _refusal(error) from error

    def _payload(self, token: str, secret: str) -> dict[str, Any]:
        required = ["exp", *(["aud"] if self._audience else []), *(["iss"] if self._issuer else [])]
        return jwt.decode(
            token,
            secret,
            algorithms=[SESSION_ALGORITHM],
            audience=self._audience,
            issuer=self._issuer,
            leeway=_SESSION_LEEWAY,
            options=_requiring(*required),
        )


class AccessTokens:
    """Verifies access tokens of one identity provider, made for one audience."""

    def __init__(self, keys: VerificationKeys, *, issuer: str, audience: str) -> None:
        """Take the keys and the two names; raises `ValueError` when one is empty."""
        if not issuer or not audience:
            raise ValueError("Access tokens need an issuer and an audience to be checked against.")
        self._keys = keys
        self._issuer = issuer
        self._audience = audience

    async def verify(self, token: str) -> Claims:
        """The claims of a genuine, current token.

        Raises `Unauthenticated`, or `KeysUnavailable` when nobody could be verified.
        """
        header = _header(token)
        key = await self._keys.key(header.get("kid"), str(header.get("alg")))
        try:
            payload = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._audience,
                issuer=self._issuer,
                leeway=_ACCESS_LEEWAY,
                options=_requiring("exp", "iat", "iss", "aud"),
            )
        except jwt.PyJWTError as error:
            raise _refusal(error) from error
        return access_claims(payload)


def algorithm_of(token: str) -> str:
    """The algorithm a token claims, to choose who verifies it; raises `Unauthenticated`."""
    algorithm = _header(token).get("alg")
    return algorithm if isinstance(algorithm, str) else ""


def _header(token: str) -> dict[str, Any]:
    if len(token) > _LONGEST_TOKEN:
        raise Unauthenticated("This token is too long.")
    try:
        header: dict[str, Any] = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError) as error:
        raise Unauthenticated("This is no token we know.") from error
    return header


def _requiring(*names: str) -> Options:
    # `sub` may be a number with some providers; what it must be is judged with the claims.
    return {"require": list(names), "verify_sub": False, "verify_jti": False}


def _refusal(error: jwt.PyJWTError) -> Unauthenticated:
    sentences = {
        jwt.ExpiredSignatureError: "This token has expired. Sign in again.",
        jwt.ImmatureSignatureError: "This token is not valid yet.",
        jwt.InvalidAudienceError: "This token was made for someone else.",
        jwt.InvalidIssuerError: "This token comes from an issuer we do not trust.",
        jwt.MissingRequiredClaimError: "This token lacks a claim it must have.",
    }
    return Unauthenticated(sentences.get(type(error), _INVALID))
