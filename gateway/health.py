"""Is the process alive, and can it answer: for load balancers and orchestrators."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

__all__ = ["Check", "health_routes"]

Check = Callable[[], Awaitable[None]]
"""Returns when a dependency answers, raises when it does not."""

_SECONDS = 3.0


def health_routes(supergraph: str, checks: Mapping[str, Check]) -> list[Route]:
    """`GET /health` and `GET /ready`.

    `supergraph` identifies the schema being served; `checks` are the dependencies without which no
    request can be answered, by the name the answer gives them.
    """

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> Response:
        results = await asyncio.gather(*[_answers(check) for check in checks.values()])
        is_ready = all(results)
        states = {
            name: "reachable" if answers else "unreachable"
            for name, answers in zip(checks, results, strict=True)
        }
        body = {"status": "ready" if is_ready else "not ready", "supergraph": supergraph, **states}
        return JSONResponse(body, status_code=200 if is_ready else 503)

    return [Route("/health", health), Route("/ready", ready)]


async def _answers(check: Check) -> bool:
    try:
        async with asyncio.timeout(_SECONDS):
            await check()
    except Exception:  # noqa: BLE001 - whatever the reason, the dependency does not answer
        return False
    return True
