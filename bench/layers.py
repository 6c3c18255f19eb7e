"""Where the CPU time of a request goes, layer by layer: `python -m bench.layers`.

Each layer is the difference between two programs that run in this process: the driver with the
floor's statement, the engine on top of it, the whole application without a socket. What is left of
a server under load is the HTTP server.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import cycle

import orjson
import uvloop
from starlette.types import ASGIApp, Message, Scope

from bench.__main__ import database, machine
from bench.data import Account, accounts
from bench.load import Job, run
from bench.local import open_local
from bench.processes import serving
from bench.queries.listing import LIST
from bench.servers.serving import open_pool
from bench.settings import settings_of
from gateway.app import create_app

__all__ = ["main"]

_ACCOUNTS = 20
_AT_ONCE = 16
_REPETITIONS = 800
_ROUNDS = 5

Step = Callable[[Account], Awaitable[object]]


def main() -> None:
    """Measure and print."""
    tenants = accounts(_ACCOUNTS)
    with database(_ACCOUNTS) as (url, _):
        driver, engine, application = uvloop.run(_inside(url, tenants))
        served = _served(url, tenants)
    print(f"{machine()}\n\n| {LIST.name} | CPU µs a request |\n| --- | --- |")
    print(f"| driver, rows to dictionaries (the floor's own work) | {driver:.0f} |")
    print(f"| engine, modules and datasources | {engine - driver:.0f} |")
    print(f"| protocol and phases | {application - engine:.0f} |")
    print(f"| HTTP server | {served - application:.0f} |")
    print(f"| the gateway's process | {served:.0f} |")


async def _inside(url: str, tenants: Sequence[Account]) -> tuple[float, float, float]:
    async with open_local(url) as local:
        pool = await open_pool(url)
        driver = await _cpu(lambda tenant: LIST.by_hand(pool, tenant.id), tenants)
        await pool.close()
        engine = await _cpu(lambda tenant: local.ask(tenant.token, LIST.text), tenants)
    app = create_app(settings_of(url))
    state: dict[str, object] = {}
    async with app.router.lifespan_context(app) as opened:
        state.update(opened or {})
        application = await _cpu(lambda tenant: _request(app, state, tenant), tenants)
    return driver, engine, application


async def _request(app: ASGIApp, state: dict[str, object], tenant: Account) -> None:
    body = orjson.dumps({"query": LIST.text})
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"),
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"authorization", b"Bearer " + tenant.token.encode()),
        ],
        "state": dict(state),
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if b'"errors"' in message.get("body", b""):
            raise RuntimeError("The operation failed.")

    await app(scope, receive, send)


async def _cpu(step: Step, tenants: Sequence[Account]) -> float:
    """CPU microseconds a step, several at once as under load; the best of some rounds."""

    async def worker(number: int) -> None:
        start = number % len(tenants)
        chosen = cycle([*tenants[start:], *tenants[:start]])
        for _ in range(_REPETITIONS // _AT_ONCE):
            await step(next(chosen))

    async def once() -> float:
        before = time.process_time()
        await asyncio.gather(*map(worker, range(_AT_ONCE)))
        return (time.process_time() - before) / _REPETITIONS * 1e6

    return min([await once() for _ in range(_ROUNDS)])


def _served(url: str, tenants: Sequence[Account]) -> float:
    """CPU microseconds a request of the gateway's process under load."""
    with serving("gateway", url) as server:
        asks = [(server.path_of(LIST.name), LIST.text)]
        job = partial(Job, server.port, asks, [tenant.token for tenant in tenants], _AT_ONCE)
        run(job(1.0, 1))
        before, tally = server.cpu_seconds, run(job(4.0, 2))
        return (server.cpu_seconds - before) / tally.requests * 1e6


if __name__ == "__main__":
    main()
