from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from auth.errors import KeysUnavailable, Unauthenticated
from auth.keys import ProviderKeys
from tests.harness.clock import Clock
from tests.harness.issuer import Issuer, SigningKey

DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with Issuer() as issuer:
        yield issuer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def keys(issuer: Issuer, clock: Clock) -> AsyncIterator[ProviderKeys]:
    keys = ProviderKeys(issuer.fetch, issuer=issuer.url, timer=clock.seconds)
    yield keys
    await keys.aclose()


async def settled(issuer: Issuer, fetches: int) -> None:
    while issuer.fetches() < fetches:
        issuer.asked.clear()
        await issuer.asked.wait()


async def test_keys_are_discovered_and_kept(issuer: Issuer, keys: ProviderKeys) -> None:
    for _ in range(3):
        assert (await keys.key("first", "ES256")).key_id == "first"
    assert issuer.requests == [DISCOVERY, "/keys"]


async def test_an_explicit_address_needs_no_discovery(issuer: Issuer) -> None:
    keys = ProviderKeys(issuer.fetch, issuer="x", jwks_url=f"{issuer.url}/keys")
    await keys.key("first", "ES256")
    assert issuer.requests == ["/keys"]


async def test_a_rotated_key_is_found_at_once_and_the_retired_one_goes(
    issuer: Issuer, keys: ProviderKeys, clock: Clock
) -> None:
    await keys.key("first", "ES256")
    issuer.keys = [SigningKey("second")]
    clock.advance(31)
    assert (await keys.key("second", "ES256")).key_id == "second"
    with pytest.raises(Unauthenticated):
        await keys.key("first", "ES256")


async def test_made_up_ids_make_no_nuisance_of_us(
    issuer: Issuer, keys: ProviderKeys, clock: Clock
) -> None:
    await keys.key("first", "ES256")
    for number in range(50):
        with pytest.raises(Unauthenticated):
            await keys.key(f"made-up-{number}", "ES256")
    assert issuer.fetches() == 1
    clock.advance(31)
    for number in range(50):
        with pytest.raises(Unauthenticated):
            await keys.key(f"made-up-{number}", "ES256")
    assert issuer.fetches() == 2


async def test_many_who_ask_at_once_cause_one_fetch(issuer: Issuer, keys: ProviderKeys) -> None:
    issuer.answers.clear()
    asking = [asyncio.ensure_future(keys.key("first", "ES256")) for _ in range(50)]
    await issuer.asked.wait()
    asking[0].cancel()
    issuer.answers.set()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert all(not isinstance(result, BaseException) for result in found[1:])
    assert issuer.fetches() == 1


async def test_known_keys_survive_an_outage(
    issuer: Issuer, keys: ProviderKeys, clock: Clock
) -> None:
    await keys.key("first", "ES256")
    issuer.is_away = True
    clock.advance(100_000)
    issuer.asked.clear()
    assert (await keys.key("first", "ES256")).key_id == "first"
    await issuer.asked.wait()
    assert (await keys.key("first", "ES256")).key_id == "first"


async def test_an_outage_is_not_taken_for_a_forgery_and_ends_by_itself(
    issuer: Issuer, keys: ProviderKeys, clock: Clock
) -> None:
    issuer.is_away = True
    with pytest.raises(KeysUnavailable):
        await keys.key("first", "ES256")
    asked = len(issuer.requests)
    with pytest.raises(KeysUnavailable):
        await keys.key("first", "ES256")
    assert len(issuer.requests) == asked
    issuer.is_away = False
    clock.advance(6)
    assert (await keys.key("first", "ES256")).key_id == "first"


async def test_old_keys_are_renewed_behind_the_callers_back(
    issuer: Issuer, keys: ProviderKeys, clock: Clock
) -> None:
    await keys.key("first", "ES256")
    clock.advance(3601)
    issuer.answers.clear()
    assert (await keys.key("first", "ES256")).key_id == "first"
    issuer.answers.set()
    await settled(issuer, 2)
    assert issuer.fetches() == 2


async def test_closing_stops_a_fetch_under_way(issuer: Issuer, keys: ProviderKeys) -> None:
    issuer.answers.clear()
    asking = asyncio.ensure_future(keys.key("first", "ES256"))
    await issuer.asked.wait()
    await keys.aclose()
    with pytest.raises(asyncio.CancelledError):
        await asking
    issuer.answers.set()


async def test_a_token_without_id_is_verified_where_only_one_key_can_be_meant(
    issuer: Issuer, keys: ProviderKeys, clock: Clock
) -> None:
    assert (await keys.key(None, "ES256")).key_id == "first"
    issuer.keys.append(SigningKey("second"))
    clock.advance(31)
    await keys.key("second", "ES256")
    with pytest.raises(Unauthenticated):
        await keys.key(None, "ES256")


@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS512", "PS256", "ES256K", "", "None"])
async def test_algorithms_outside_the_list_are_refused_before_anything_is_fetched(
    issuer: Issuer, keys: ProviderKeys, algorithm: str
) -> None:
    with pytest.raises(Unauthenticated):
        await keys.key("first", algorithm)
    assert issuer.requests == []


@pytest.mark.parametrize(
    "changes",
    [
        {"use": "enc"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"alg": "ES384"},
        {"crv": "P-384"},
        {"x": "not base64!"},
    ],
)
async def test_a_published_key_for_another_use_verifies_nothing(
    issuer: Issuer, keys: ProviderKeys, changes: dict[str, str]
) -> None:
    issuer.keys.append(SigningKey("odd"))
    issuer.keys[1].public.update(changes)
    with pytest.raises(Unauthenticated):
        await keys.key("odd", "ES256")
    assert (await keys.key("first", "ES256")).key_id == "first"


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://evil.test"},
        {"jwks_uri": None},
        {"jwks_uri": "file:///etc/passwd"},
    ],
)
async def test_a_discovery_document_that_is_not_the_issuers_is_not_followed(
    issuer: Issuer, keys: ProviderKeys, discovery: dict[str, str | None]
) -> None:
    issuer.discovery = dict(discovery)
    with pytest.raises(KeysUnavailable):
        await keys.key("first", "ES256")
    assert issuer.fetches() == 0


async def test_an_empty_key_set_does_not_lock_everybody_out(
    issuer: Issuer, keys: ProviderKeys, clock: Clock
) -> None:
    await keys.key("first", "ES256")
    issuer.keys = []
    clock.advance(31)
    with pytest.raises(KeysUnavailable):
        await keys.key("second", "ES256")
    assert (await keys.key("first", "ES256")).key_id == "first"
