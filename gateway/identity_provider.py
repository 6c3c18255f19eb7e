"""Fetches the identity provider's documents over HTTP."""

from __future__ import annotations

import aiohttp

from auth.keys import Fetch, KeyFetchError

__all__ = ["fetch_with"]

_TIMEOUT = aiohttp.ClientTimeout(total=5)
_MAX_BYTES = 1024 * 1024


def fetch_with(session: aiohttp.ClientSession) -> Fetch:
    """What `ProviderKeys` fetches with: a GET that follows no redirect and reads 1 MiB at most."""

    async def fetch(url: str) -> bytes:
        try:
            async with session.get(url, timeout=_TIMEOUT, allow_redirects=False) as response:
                body = await _whole(response)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise KeyFetchError(f"The identity provider does not answer at {url}.") from error
        if response.status != 200 or len(body) > _MAX_BYTES:
            raise KeyFetchError(f"The identity provider answers {response.status} at {url}.")
        return body

    return fetch


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    """The body, cut off soon after the limit; one read would answer with its first piece only."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > _MAX_BYTES:
            break
    return bytes(body)
