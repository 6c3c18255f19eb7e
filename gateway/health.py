"""Is the process alive, and can it answer: for load balancers and orchestrators."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.lifespan import Check, opened_of

__all__ = ["health_routes"]

_SECONDS = 3.0


def health_routes() -> list[Route]:
    """`GET /health`: the process answers. `GET /ready`: it can answer requests, or 503."""
    return [Route("/health", _health), Route("/ready", _ready)]


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def _ready(request: Request) -> Response:
    opened = opened_of(request.scope)
    results = await asyncio.gather(*[_answers(check) for check in opened.checks.values()])
    states = {
        name: "reachable" if answers else "unreachable"
        for name, answers in zip(opened.checks, results, strict=True)
    }
    status = "ready" if all(results) else "not ready"
    return JSONResponse(
        {"status": status, "supergraph": opened.live.digest, **states},
        status_code=200 if all(results) else 503,
    )


async def _answers(check: Check) -> bool:
    try:
        async with asyncio.timeout(_SECONDS):
            await check()
    except Exception:  # noqa: BLE001 - whatever the reason, the dependency does not answer
        return False
    return True
