"""The shop's subgraphs as one process: they must be fast, and the same for every gateway.

What a subgraph answers is executed once for each different request; from then on the bytes are
sent as they are, so that a subgraph costs little more than its socket.

Prints one line of JSON: where each subgraph listens. Counts requests, and tells the count to
whoever sends GET.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import orjson
import uvloop

from bench.federation.execution import answer, executable
from bench.federation.http_protocol import HttpProtocol, http_response
from bench.federation.shop import SUBGRAPHS, ShopSubgraph

__all__ = ["Subgraph"]


class Subgraph:
    """Answers requests by their bodies."""

    def __init__(self, subgraph: ShopSubgraph) -> None:
        self._schema = executable(subgraph)
        self._known: dict[bytes, bytes] = {}
        self.asked = 0

    def respond(self, method: bytes, body: bytes) -> bytes:
        """The response to one request, head and body."""
        if method == b"GET":
            return http_response(str(self.asked).encode())
        self.asked += 1
        response = self._known.get(body)
        if response is None:
            response = http_response(answer(self._schema, body))
            self._known[body] = response
        return response


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    ports = {}
    for described in SUBGRAPHS:
        server = await loop.create_server(_protocol(Subgraph(described)), "127.0.0.1", 0)
        ports[described.name] = server.sockets[0].getsockname()[1]
    sys.stdout.buffer.write(orjson.dumps(ports) + b"\n")
    sys.stdout.buffer.flush()
    await asyncio.Event().wait()


def _protocol(subgraph: Subgraph) -> Callable[[], HttpProtocol]:
    return lambda: HttpProtocol(subgraph.respond)


if __name__ == "__main__":
    uvloop.run(_serve())
