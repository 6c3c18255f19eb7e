from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.errors import Unauthenticated
from auth.keys import ProviderKeys
from auth.mint import mint_session
from auth.tokens import AccessTokens, SessionTokens, algorithm_of
from tests.harness.issuer import AUDIENCE, Issuer, SigningKey, now

SECRET, OLD_SECRET = "s" * 32, "o" * 40


def session(secret: str = SECRET, *, algorithm: str = "HS256", **claims: Any) -> str:
    usual = {"user_id": "u1", "iat": now(), "exp": now() + 60}
    stated = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode(stated, secret, algorithm=algorithm)


def unsigned(**claims: Any) -> str:
    return jwt.encode({"user_id": "u1", "exp": now() + 60, **claims}, "", algorithm="none")


def signed_by_hand(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims)]
    body = b".".join(part.rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(hmac.new(key, body, hashlib.sha256).digest())
    return b".".join([body, signature.rstrip(b"=")]).decode()


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with Issuer() as issuer:
        yield issuer


@pytest.fixture
def access(issuer: Issuer) -> AccessTokens:
    keys = ProviderKeys(issuer.fetch, issuer=issuer.url)
    return AccessTokens(keys, issuer=issuer.url, audience=AUDIENCE)


def test_a_session_says_who_it_is_for() -> None:
    token = session(user_email=" Ada@Acme.test ", account_id="a", is_super_admin=True)
    claims = SessionTokens([SECRET]).verify(token)
    assert (claims.subject, claims.email, claims.account_id) == ("u1", "ada@acme.test", "a")
    assert claims.is_email_verified


def test_a_session_may_say_that_its_address_was_not_checked() -> None:
    token = session(user_email="ada@acme.test", email_verified=False)
    assert not SessionTokens([SECRET]).verify(token).is_email_verified


def test_a_secret_on_its_way_out_still_verifies() -> None:
    tokens = SessionTokens([SECRET, OLD_SECRET])
    assert tokens.verify(session(OLD_SECRET)).subject == "u1"
    assert tokens.verify(session(SECRET)).subject == "u1"
    with pytest.raises(Unauthenticated):
        SessionTokens([SECRET]).verify(session(OLD_SECRET))


@pytest.mark.parametrize("secrets", [[], [""], ["short"], [SECRET, "short"]])
def test_sessions_need_a_real_secret(secrets: list[str]) -> None:
    with pytest.raises(ValueError, match="secret"):
        SessionTokens(secrets)


FORGERIES: Mapping[str, Callable[[], str]] = {
    "signed with another secret": lambda: session("another secret of thirty-two byte"),
    "expired": lambda: session(exp=now() - 60),
    "without end": lambda: session(exp=None),
    "not valid yet": lambda: session(nbf=now() + 3600),
    "from the future": lambda: session(iat=now() + 3600),
    "for somebody else": lambda: session(aud="someone"),
    "of nobody": lambda: session(user_id=None),
    "of a blank": lambda: session(user_id="  "),
    "until a time that does not exist": lambda: session(exp=10**18),
    "with another algorithm": lambda: session(SECRET * 2, algorithm="HS512"),
    "unsigned": unsigned,
    "without its signature": lambda: session().rpartition(".")[0] + ".",
    "empty": lambda: "",
    "a letter": lambda: "x",
    "three letters": lambda: "a.b.c",
    "dots": lambda: "....",
    "cut off": lambda: session()[:-2],
    "endless": lambda: session() + "x" * 20_000,
    "not even ASCII": lambda: "é.é.é",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_is_no_genuine_open_session_is_refused(forgery: str) -> None:
    token = FORGERIES[forgery]()
    with pytest.raises(Unauthenticated):
        SessionTokens([SECRET]).verify(token)


def test_a_session_signed_with_the_empty_key_is_refused() -> None:
    claims = {"user_id": "u1", "exp": now() + 60}
    with pytest.raises(Unauthenticated):
        SessionTokens([SECRET]).verify(signed_by_hand({"alg": "HS256"}, claims, b""))


@pytest.mark.parametrize(
    "claims", [{"iss": "other", "aud": "us"}, {"iss": "us", "aud": "other"}, {"iss": "us"}, {}]
)
def test_a_session_of_another_issuer_or_audience_is_refused(claims: dict[str, str]) -> None:
    with pytest.raises(Unauthenticated):
        SessionTokens([SECRET], issuer="us", audience="us").verify(session(**claims))


@pytest.mark.parametrize(
    "algorithm", ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "EdDSA"]
)
async def test_every_listed_algorithm_verifies(
    issuer: Issuer, access: AccessTokens, algorithm: str
) -> None:
    issuer.keys.append(SigningKey("another", algorithm))
    claims = await access.verify(issuer.token(key=issuer.keys[1], sub="person-7"))
    assert claims.subject == "person-7"


async def test_an_address_counts_only_when_the_provider_vouches_for_it(
    issuer: Issuer, access: AccessTokens
) -> None:
    async def verified(**claims: Any) -> tuple[str | None, bool]:
        found = await access.verify(issuer.token(**claims))
        return found.email, found.is_email_verified

    assert await verified(email="Ada@Acme.test", email_verified=True) == ("ada@acme.test", True)
    assert await verified(email="ada@acme.test", email_verified="true") == ("ada@acme.test", True)
    assert await verified(email="ada@acme.test") == ("ada@acme.test", False)
    assert await verified(email="ada@acme.test", email_verified=False) == ("ada@acme.test", False)
    looks_like = await verified(preferred_username="ada@acme.test", email_verified=True)
    assert looks_like == ("ada@acme.test", False)
    for odd in ("no address", "@acme.test", "ada@", "ada @acme.test"):
        assert await verified(email=odd, email_verified=True) == (None, False)


async def test_an_address_that_lower_case_would_turn_into_anothers_is_none(
    issuer: Issuer, access: AccessTokens
) -> None:
    kelvin = "\N{KELVIN SIGN}ate@acme.test"
    assert kelvin.lower() == "kate@acme.test"
    assert (await access.verify(issuer.token(email=kelvin, email_verified=True))).email is None


async def test_the_providers_organisation_is_read(issuer: Issuer, access: AccessTokens) -> None:
    claims: dict[str, Any] = {"urn:zitadel:iam:org:id": "org-1"}
    token = issuer.token(**claims)
    assert (await access.verify(token)).organization_id == "org-1"


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": now() - 120},
        {"exp": None},
        {"iat": now() + 3600},
        {"iat": None},
        {"nbf": now() + 3600},
        {"iss": "https://evil.test"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": ["another", "one more"]},
        {"sub": None},
        {"sub": " "},
    ],
)
async def test_a_token_with_wrong_claims_is_refused(
    issuer: Issuer, access: AccessTokens, claims: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        await access.verify(issuer.token(**claims))


async def test_clocks_may_differ_by_less_than_a_minute(
    issuer: Issuer, access: AccessTokens
) -> None:
    token = issuer.token(exp=now() - 30, iat=now() + 30, aud=["other", AUDIENCE])
    assert (await access.verify(token)).subject == "subject-1"


async def test_the_providers_public_key_is_no_shared_secret(
    issuer: Issuer, access: AccessTokens
) -> None:
    issuer.keys = [SigningKey("rsa", "RS256")]
    public = issuer.keys[0].private.public_key()
    claims = {"sub": "subject-1", "iss": issuer.url, "aud": AUDIENCE, "iat": now()}
    claims["exp"] = now() + 60
    for encoding, form in (
        (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        (Encoding.DER, PublicFormat.PKCS1),
    ):
        secret = public.public_bytes(encoding, form)
        forged = signed_by_hand({"alg": "HS256", "kid": "rsa"}, claims, secret)
        with pytest.raises(Unauthenticated):
            await access.verify(forged)


async def test_an_unsigned_access_token_is_refused(issuer: Issuer, access: AccessTokens) -> None:
    claims = {"sub": "subject-1", "iss": issuer.url, "aud": AUDIENCE, "iat": now()}
    forged = jwt.encode({**claims, "exp": now() + 60}, "", algorithm="none")
    with pytest.raises(Unauthenticated):
        await access.verify(forged)
    assert issuer.requests == []


async def test_a_key_that_is_not_the_providers_is_refused(
    issuer: Issuer, access: AccessTokens
) -> None:
    with pytest.raises(Unauthenticated):
        await access.verify(issuer.token(key=SigningKey("first")))
    with pytest.raises(Unauthenticated):
        await access.verify(issuer.token(key=SigningKey("unpublished")))


async def test_a_key_sent_along_with_the_token_is_not_used(
    issuer: Issuer, access: AccessTokens
) -> None:
    own = SigningKey("first")
    header = {"jwk": own.public, "jku": "https://evil.test/keys", "x5u": "https://evil.test"}
    with pytest.raises(Unauthenticated):
        await access.verify(issuer.token(key=own, header=header))
    assert issuer.fetches() == 1


async def test_a_key_verifies_its_own_algorithm_only(issuer: Issuer, access: AccessTokens) -> None:
    rsa = SigningKey("rsa", "RS256")
    issuer.keys.append(rsa)
    other = jwt.encode(
        {"sub": "s", "iss": issuer.url, "aud": AUDIENCE, "iat": now(), "exp": now() + 60},
        rsa.private,
        algorithm="RS512",
        headers={"kid": "rsa"},
    )
    with pytest.raises(Unauthenticated):
        await access.verify(other)
    with pytest.raises(Unauthenticated):
        await access.verify(issuer.token(key=rsa, header={"kid": "first"}))


@pytest.mark.parametrize(("issuer_name", "audience"), [("", "x"), ("x", "")])
def test_access_tokens_need_an_issuer_and_an_audience(issuer_name: str, audience: str) -> None:
    keys = ProviderKeys(Issuer().fetch, issuer="x")
    with pytest.raises(ValueError, match="issuer and an audience"):
        AccessTokens(keys, issuer=issuer_name, audience=audience)


def test_the_kind_of_a_token_is_told_by_its_algorithm() -> None:
    assert algorithm_of(mint_session(SECRET, subject="u")) == "HS256"
    assert algorithm_of(unsigned()) == "none"
    with pytest.raises(Unauthenticated):
        algorithm_of("opaque")
