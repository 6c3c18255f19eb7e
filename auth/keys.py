"""The identity provider's public keys (RFC 7517), fetched when needed and kept through an outage.

- A known `kid` is answered from memory. Past their age the keys are fetched anew behind the
  caller's back; until that works, the old ones stay.
- An unknown `kid` may mean that the provider has rotated its keys: they are fetched at once, by
  one fetch however many ask, and at most once in a while, so that made-up names cannot be used to
  make us a nuisance to the provider.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import jwt

from auth.errors import KeysUnavailable, Unauthenticated
from auth.tokens import ACCESS_ALGORITHMS

__all__ = ["Fetch", "KeyFetchError", "ProviderKeys"]

Fetch = Callable[[str], Awaitable[bytes]]
"""GETs a URL and answers the body; raises `KeyFetchError` when there is none."""

_DISCOVERY = "/.well-known/openid-configuration"
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "Ed25519"}
_AWAY = "The identity provider cannot be reached, so this token cannot be verified right now."


class KeyFetchError(Exception):
    """The provider did not answer, or not with keys."""


class ProviderKeys:
    """The key set of one issuer."""

    def __init__(
        self,
        fetch: Fetch,
        *,
        issuer: str,
        jwks_url: str | None = None,
        max_age: float = 3600,
        min_interval: float = 30,
        retry_interval: float = 5,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """Describe where keys come from; nothing is fetched yet.

        Without `jwks_url` it is discovered from the issuer (OIDC Discovery 1.0, section 4).
        All in seconds: `max_age` is when keys are fetched anew, `min_interval` how long to wait
        between two fetches, `retry_interval` how long when the last one failed.
        """
        self._fetch = fetch
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._max_age = max_age
        self._min_interval = min_interval
        self._retry_interval = min(retry_interval, min_interval)
        self._timer = timer
        self._keys: Mapping[str | None, Mapping[str, Any]] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._has_failed = False
        self._fetching: asyncio.Task[None] | None = None

    async def key(self, kid: str | None, algorithm: str) -> jwt.PyJWK:
        """The key of this id, for this algorithm.

        Raises `Unauthenticated` for an id the provider does not publish and for an algorithm
        outside the list or not the key's own, `KeysUnavailable` when there is nobody to ask.
        """
        if algorithm not in ACCESS_ALGORITHMS:
            raise Unauthenticated("This token is signed in a way that is not accepted.")
        found = self._known(kid)
        if found is None:
            await self._refresh()
            found = self._known(kid)
        elif self._is_old() and self._may_fetch():
            self._start()
        if found is not None:
            return _usable(found, algorithm)
        if self._has_failed:
            raise KeysUnavailable(_AWAY)
        raise Unauthenticated("This token is signed with a key its issuer does not publish.")

    async def aclose(self) -> None:
        """Stop a fetch that is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    def _known(self, kid: str | None) -> Mapping[str, Any] | None:
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid)

    def _is_old(self) -> bool:
        return self._fetched_at is None or self._timer() - self._fetched_at >= self._max_age

    def _may_fetch(self) -> bool:
        interval = self._retry_interval if self._has_failed else self._min_interval
        return self._tried_at is None or self._timer() - self._tried_at >= interval

    async def _refresh(self) -> None:
        if self._fetching is not None or self._may_fetch():
            # Whoever waits may be cancelled; the fetch is everybody's.
            await asyncio.shield(self._start())

    def _start(self) -> asyncio.Task[None]:
        if self._fetching is None:
            self._tried_at = self._timer()
            self._fetching = asyncio.ensure_future(self._fetch_keys())
            self._fetching.add_done_callback(self._finished)
        return self._fetching

    def _finished(self, _: asyncio.Task[None]) -> None:
        self._fetching = None

    async def _fetch_keys(self) -> None:
        try:
            url = self._jwks_url or await self._discovered()
            self._keys = _signing_keys(await self._document(url))
        except KeyFetchError:
            self._has_failed = True
            return
        self._has_failed = False
        self._fetched_at = self._timer()

    async def _discovered(self) -> str:
        document = await self._document(self._issuer.rstrip("/") + _DISCOVERY)
        url = document.get("jwks_uri")
        if document.get("issuer") != self._issuer or not isinstance(url, str):
            raise KeyFetchError("The discovery document is not the issuer's.")
        if urlsplit(url).scheme not in {"https", urlsplit(self._issuer).scheme}:
            raise KeyFetchError("Keys must not travel less protected than the issuer's address.")
        return url

    async def _document(self, url: str) -> dict[str, Any]:
        try:
            document = json.loads(await self._fetch(url))
        except ValueError as error:
            raise KeyFetchError("The provider answered with something else than JSON.") from error
        if not isinstance(document, dict):
            raise KeyFetchError("The provider answered with something else than an object.")
        return document


def _signing_keys(document: Mapping[str, Any]) -> dict[str | None, Mapping[str, Any]]:
    """Public signing keys by id. Raises `KeyFetchError` when there is none.

    A set without any key is taken for a fault: it would lock everybody out.
    """
    listed = document.get("keys")
    keys: dict[str | None, Mapping[str, Any]] = {
        key.get("kid"): key
        for key in (listed if isinstance(listed, list) else ())
        if isinstance(key, dict)
        and key.get("kty") in {"RSA", "EC", "OKP"}
        and key.get("use", "sig") == "sig"
        and isinstance(key.get("kid"), str | None)
    }
    if not keys:
        raise KeyFetchError("The provider publishes no signing key.")
    return keys


def _usable(key: Mapping[str, Any], algorithm: str) -> jwt.PyJWK:
    """The key, pinned to the algorithm (RFC 8725, section 3.1)."""
    is_its_own = key.get("alg", algorithm) == algorithm
    if not is_its_own or key.get("crv") != _CURVES.get(algorithm):
        raise Unauthenticated("This token is not signed in the way its key is meant for.")
    try:
        return jwt.PyJWK(dict(key), algorithm)
    except jwt.PyJWTError as error:
        raise Unauthenticated("This token is signed with a key that cannot be read.") from error
