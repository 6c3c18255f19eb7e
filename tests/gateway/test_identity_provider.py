from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from auth.keys import KeyFetchError
from gateway.identity_provider import fetch_with

LARGE = b"x" * 900_000


@asynccontextmanager
async def server() -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/moved":
            return web.Response(status=302, headers={"Location": "/keys"})
        response = web.StreamResponse(status=500 if request.path == "/broken" else 200)
        await response.prepare(request)
        for _ in range(2 if request.path == "/huge" else 1):
            for start in range(0, len(LARGE), 10_000):
                await response.write(LARGE[start : start + 10_000])
        return response

    app = web.Application()
    app.router.add_get("/{name}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_document_that_arrives_in_pieces_is_read_whole() -> None:
    async with server() as url, aiohttp.ClientSession() as session:
        assert await fetch_with(session)(f"{url}/keys") == LARGE


@pytest.mark.parametrize("path", ["/huge", "/broken", "/moved"])
async def test_an_answer_that_is_no_document_is_an_error(path: str) -> None:
    async with server() as url, aiohttp.ClientSession() as session:
        with pytest.raises(KeyFetchError):
            await fetch_with(session)(f"{url}{path}")


async def test_a_provider_that_is_away_is_an_error() -> None:
    async with server() as url:
        address = url
    async with aiohttp.ClientSession() as session:
        with pytest.raises(KeyFetchError):
            await fetch_with(session)(f"{address}/keys")
