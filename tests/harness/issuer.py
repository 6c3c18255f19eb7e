"""An identity provider for tests: a real HTTP server with discovery, keys, rotation and outages."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import aiohttp
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from auth.keys import KeyFetchError

__all__ = ["AUDIENCE", "Issuer", "SigningKey", "now"]

AUDIENCE = "cockpit"
_CURVES: Mapping[str, ec.EllipticCurve] = {
    "ES256": ec.SECP256R1(),
    "ES384": ec.SECP384R1(),
    "ES512": ec.SECP521R1(),
}


def now() -> int:
    """Seconds since the epoch, as tokens count them."""
    return int(time.time())


class SigningKey:
    """A private key under an id, and what the provider publishes of it."""

    def __init__(self, kid: str, algorithm: str = "ES256") -> None:
        self.kid = kid
        self.algorithm = algorithm
        self.private: Any
        if algorithm.startswith("RS"):
            self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            public = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        elif algorithm == "EdDSA":
            self.private = ed25519.Ed25519PrivateKey.generate()
            public = OKPAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        else:
            self.private = ec.generate_private_key(_CURVES[algorithm])
            public = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        self.public: dict[str, Any] = {**public, "kid": kid, "use": "sig", "alg": algorithm}


class Issuer:
    """The provider. `async with Issuer() as issuer:` serves on a port of its own."""

    def __init__(self) -> None:
        self.keys = [SigningKey("first")]
        self.is_away = False
        self.requests: list[str] = []
        """Paths asked for, in order."""
        self.answers = asyncio.Event()
        """While cleared, requests wait for their answer."""
        self.answers.set()
        self.asked = asyncio.Event()
        """Set by every request."""
        self.discovery: dict[str, Any] = {}
        """Replaces entries of the discovery document."""
        self.url = ""

    async def __aenter__(self) -> Issuer:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._discovery)
        app.router.add_get("/keys", self._keys)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._client = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()
        await self._runner.cleanup()

    async def fetch(self, url: str) -> bytes:
        """GET over HTTP, as the gateway does it."""
        async with self._client.get(url) as response:
            if response.status != 200:
                raise KeyFetchError(f"{url} answered {response.status}.")
            return await response.read()

    def token(
        self,
        *,
        key: SigningKey | None = None,
        header: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A token as the provider would sign it; a claim given as None is left out."""
        key = key or self.keys[0]
        usual = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "subject-1",
            "iat": now(),
            "exp": now() + 600,
        }
        stated = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        headers = {"kid": key.kid, **(header or {})}
        return jwt.encode(stated, key.private, algorithm=key.algorithm, headers=headers)

    def fetches(self) -> int:
        """How often the keys were fetched."""
        return self.requests.count("/keys")

    async def _discovery(self, request: web.Request) -> web.Response:
        document = {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **self.discovery}
        return await self._answer(request, document)

    async def _keys(self, request: web.Request) -> web.Response:
        return await self._answer(request, {"keys": [key.public for key in self.keys]})

    async def _answer(self, request: web.Request, document: Mapping[str, Any]) -> web.Response:
        self.requests.append(request.path)
        self.asked.set()
        await self.answers.wait()
        if self.is_away:
            return web.Response(status=503)
        return web.Response(text=json.dumps(document), content_type="application/json")
